// The kinds of value in a config.
#include "base/json.h"
#include "config/fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Text.

static bool read_text(Reader *reader, const Field *field, const cJSON *item, void *out) {
    if (!cJSON_IsString(item)) return reader_expected(reader, "a string", item);
    if (field->min > 0 && item->valuestring[0] == '\0')
        return reader_expected(reader, "a string that is not empty", item);
    const char *copy = arena_copy(reader->arena, item->valuestring, strlen(item->valuestring), reader->err);
    *(const char **)out = copy;
    return copy != NULL;
}

static void write_text(const Writer *writer, const Field *field, const void *in) {
    (void)field;
    json_text(writer->out, *(const char *const *)in);
}

static void describe_text(const Writer *writer, const Field *field) {
    json_format(writer->out, "'type': 'string'");
    if (field->pattern) json_add_text(writer->out, "pattern", field->pattern);
    if (field->min > 0) json_add_number(writer->out, "minLength", field->min);
}

const ValueType text_value = {sizeof(char *), read_text, write_text, describe_text};

// One of a few words.

static bool read_choice(Reader *reader, const Field *field, const cJSON *item, void *out) {
    size_t n = 0;
    for (; field->choices[n]; n++) {
        *(const char **)out = field->choices[n];
        if (cJSON_IsString(item) && strcmp(item->valuestring, field->choices[n]) == 0) return true;
    }
    return reader_expected_one_of(reader, field->choices, n, item);
}

static void describe_choice(const Writer *writer, const Field *field) {
    json_add_open(writer->out, "enum", '[');
    for (size_t i = 0; field->choices[i]; i++) json_text(writer->out, field->choices[i]);
    if (field->is_nullable) json_word(writer->out, "null");
    json_close(writer->out, ']');
}

const ValueType choice_value = {sizeof(char *), read_choice, write_text, describe_choice};

// True or false.

static bool read_bool(Reader *reader, const Field *field, const cJSON *item, void *out) {
    (void)field;
    *(bool *)out = cJSON_IsTrue(item);
    return cJSON_IsBool(item) || reader_expected(reader, "true or false", item);
}

static void write_bool(const Writer *writer, const Field *field, const void *in) {
    (void)field;
    json_word(writer->out, *(const bool *)in ? "true" : "false");
}

const ValueType bool_value = {sizeof(bool), read_bool, write_bool, .schema = "'type': 'boolean'"};

// Numbers. A whole number may have a word as an alternative.

static bool read_number(Reader *reader, const Field *field, const cJSON *item, void *out) {
    double x = item->valuedouble;
    *(double *)out = x;
    if (cJSON_IsNumber(item) && isfinite(x) && x >= field->min && x <= field->max) return true;
    char what[96];
    snprintf(what, sizeof what, "a number from %g to %g", field->min, field->max);
    return reader_expected(reader, what, item);
}

static bool read_whole(Reader *reader, const Field *field, const cJSON *item, void *out) {
    uint64_t *whole = out;
    double x = item->valuedouble;
    *whole = FIELD_WORD;
    if (field->word && cJSON_IsString(item) && strcmp(item->valuestring, field->word) == 0) return true;
    if (cJSON_IsNumber(item) && x >= field->min && x <= field->max && !(x > floor(x))) {
        *whole = (uint64_t)x;
        return true;
    }
    char what[128], word[48] = "";
    if (field->word) snprintf(word, sizeof word, " or \"%s\"", field->word);
    snprintf(what, sizeof what, "a whole number from %.17g to %.17g%s", field->min, field->max, word);
    return reader_expected(reader, what, item);
}

static bool read_maybe(Reader *reader, const Field *field, const cJSON *item, void *out) {
    MaybeWhole *maybe = out;
    maybe->given = true;
    return read_whole(reader, field, item, &maybe->value);
}

static bool read_column(Reader *reader, const Field *field, const cJSON *item, void *out) {
    ColumnName *column = out;
    double x = item->valuedouble;
    (void)field;
    if (cJSON_IsNumber(item) && x >= 1 && x <= COLUMN_MAX && !(x > floor(x))) {
        column->number = (uint64_t)x;
        return true;
    }
    if (!cJSON_IsString(item) || item->valuestring[0] == '\0')
        return reader_expected(reader, "a column's number from 1, or its name", item);
    column->name = arena_copy(reader->arena, item->valuestring, strlen(item->valuestring), reader->err);
    return column->name != NULL;
}

static void write_column(const Writer *writer, const Field *field, const void *in) {
    const ColumnName *column = in;
    (void)field;
    if (column->name)
        json_text(writer->out, column->name);
    else
        json_whole(writer->out, column->number);
}

static void describe_column(const Writer *writer, const Field *field) {
    (void)field;
    json_format(writer->out,
                "'anyOf': [{'type': 'integer', 'minimum': 1, 'maximum': %d}, "
                "{'type': ['string', 'null'], 'minLength': 1}]",
                COLUMN_MAX);
}

static void write_number(const Writer *writer, const Field *field, const void *in) {
    (void)field;
    json_number(writer->out, *(const double *)in);
}

static void write_whole(const Writer *writer, const Field *field, const void *in) {
    if (field->word && *(const uint64_t *)in == FIELD_WORD)
        json_text(writer->out, field->word);
    else
        json_whole(writer->out, *(const uint64_t *)in);
}

static void write_maybe(const Writer *writer, const Field *field, const void *in) {
    write_whole(writer, field, &((const MaybeWhole *)in)->value);
}

static void describe_number(const Writer *writer, const Field *field) {
    bool is_nullable = field->is_nullable || field->kind == FIELD_MAYBE;
    describe_type(writer, field->kind == FIELD_NUMBER ? "number" : "integer", is_nullable);
    json_add_number(writer->out, "minimum", field->min);
    json_add_number(writer->out, "maximum", field->max);
}

static void describe_whole(const Writer *writer, const Field *field) {
    if (!field->word)
        describe_number(writer, field);
    else
        json_format(writer->out, "'anyOf': [{'type': 'integer', 'minimum': %.17g, 'maximum': %.17g}, {'const': '%s'}]",
                    field->min, field->max, field->word);
}

const ValueType number_value = {sizeof(double), read_number, write_number, describe_number};
const ValueType whole_value = {sizeof(uint64_t), read_whole, write_whole, describe_whole};
const ValueType column_value = {sizeof(ColumnName), read_column, write_column, describe_column};
const ValueType maybe_value = {sizeof(MaybeWhole), read_maybe, write_maybe, describe_number};

// An initial value: a word, or an object whose key is the form and whose value is its number.

#define FORM(key, least, text) \
    { .name = key, .kind = FIELD_NUMBER, .offset = offsetof(Init, value), .min = least, .max = 1e30, .help = text }
#define KAIMING_NORMAL "normal with standard deviation gain / sqrt(fan in)"
#define KAIMING_UNIFORM "uniform with bound gain sqrt(3 / fan in)"
#define MEAN FIELD(Init, mean, FIELD_NUMBER, .preset = "0", .min = -1e30, .max = 1e30, .help = "mean of the normal")

const Record INIT_FORMS[N_INIT_FORMS] = {
    [INIT_CONSTANT] = {.fields = (const Field[]){FORM("constant", -1e30, "this number everywhere"), {0}}},
    [INIT_NORMAL] = {.fields = (const Field[]){FORM("normal", 0, "normal with this standard deviation"), MEAN, {0}}},
    [INIT_UNIFORM] = {.fields = (const Field[]){FORM("uniform", 0, "uniform between minus and plus this"), {0}}},
    [INIT_KAIMING_NORMAL] = {.fields = (const Field[]){FORM("kaiming_normal", 0, KAIMING_NORMAL), {0}}},
    [INIT_KAIMING_UNIFORM] = {.fields = (const Field[]){FORM("kaiming_uniform", 0, KAIMING_UNIFORM), {0}}},
};

static bool read_init_form(Reader *reader, const cJSON *item, Init *out) {
    const char *names[N_INIT_FORMS] = {NULL};
    for (size_t kind = INIT_CONSTANT; kind < N_INIT_FORMS; kind++) {
        names[kind] = INIT_FORMS[kind].fields[0].name;
        out->kind = (InitKind)kind;
        if (cJSON_GetObjectItemCaseSensitive(item, names[kind]))
            return fields_read(reader, &INIT_FORMS[kind], item, out);
    }
    return reader_unknown_key(reader, item->child->string, names + INIT_CONSTANT, N_INIT_FORMS - INIT_CONSTANT);
}

static bool read_init(Reader *reader, const Field *field, const cJSON *item, void *out) {
    Init *init = out;
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    *init = (Init){.kind = INIT_CONSTANT};
    if (cJSON_IsObject(item) && item->child) return read_init_form(reader, item, init);
    if (strcmp(text, "ones") == 0) init->value = 1;
    if (strcmp(text, "torch") == 0) init->kind = INIT_TORCH;
    if (field->word && cJSON_IsFalse(item)) init->kind = INIT_NONE;
    if (init->value > 0 || init->kind != INIT_CONSTANT || strcmp(text, "zeros") == 0) return true;
    return reader_expected(reader, "an initial value such as \"zeros\" or {\"normal\": 0.01}", item);
}

static void write_init(const Writer *writer, const Field *field, const void *in) {
    (void)field;
    const Init *init = in;
    if (init->kind == INIT_NONE)
        json_word(writer->out, "false");
    else if (init->kind == INIT_TORCH)
        json_text(writer->out, "torch");
    else
        fields_write(writer, &INIT_FORMS[init->kind], init);
}

static void describe_init(const Writer *writer, const Field *field) {
    json_format(writer->out, field->word ? "'anyOf': [{'$ref': '#/$defs/initial_value'}, {'const': false}]"
                                         : "'$ref': '#/$defs/initial_value'");
}

const ValueType init_value = {sizeof(Init), read_init, write_init, describe_init};

// The shares of the splits.

static bool read_split(Reader *reader, const Field *field, const cJSON *item, void *out) {
    (void)field;
    Split *split = out;
    int n = cJSON_GetArraySize(item);
    double sum = 0;
    bool ok = cJSON_IsArray(item) && n >= 1 && n <= SPLIT_PARTS;
    *split = (Split){0};
    for (int i = 0; ok && i < n; i++) {
        const cJSON *part = cJSON_GetArrayItem(item, i);
        ok = cJSON_IsNumber(part) && part->valuedouble >= 0;
        sum += split->parts[i] = part->valuedouble;
    }
    return (ok && fabs(sum - 1) < 1e-9 && split->parts[0] > 0) ||
           reader_expected(reader, "one to three shares, train first and above 0, that sum to 1", item);
}

static void write_split(const Writer *writer, const Field *field, const void *in) {
    (void)field;
    json_open(writer->out, '[');
    for (size_t i = 0; i < SPLIT_PARTS; i++) json_number(writer->out, ((const Split *)in)->parts[i]);
    json_close(writer->out, ']');
}

const ValueType split_value = {sizeof(Split), read_split, write_split,
                               .schema = "'type': 'array', 'minItems': 1, 'maxItems': 3, 'prefixItems': "
                                         "[{'type': 'number', 'exclusiveMinimum': 0}], "
                                         "'items': {'type': 'number', 'minimum': 0}"};

// A learning rate: a number, a list of [from step, rate], or an object that describes a curve.

static const Field RATE_STEP = {.kind = FIELD_WHOLE, .max = STEPS_MAX}, RATE = {.kind = FIELD_NUMBER, .max = 1e30};

static bool read_rate_step(Reader *reader, const cJSON *item, const RateStep *before, RateStep *out) {
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2) return reader_expected(reader, "[step, rate]", item);
    const cJSON *step = item->child;
    if (!value_read(reader, NULL, 0, &RATE_STEP, step, &out->from) ||
        !value_read(reader, NULL, 1, &RATE, step->next, &out->rate))
        return false;
    if (before ? out->from > before->from : out->from == 0) return true;
    return reader_expected(reader, "steps that increase from 0", step);
}

static bool read_schedule(Reader *reader, const Field *field, const cJSON *item, void *out) {
    Schedule *schedule = out;
    if (cJSON_IsObject(item)) return fields_read(reader, field->record, item, &schedule->curve);
    bool is_list = cJSON_IsArray(item) && cJSON_GetArraySize(item) > 0;
    if (!cJSON_IsNumber(item) && !is_list) return reader_expected(reader, "a number or a list of [step, rate]", item);
    schedule->n = is_list ? (size_t)cJSON_GetArraySize(item) : 1;
    RateStep *step = schedule->steps = arena_alloc(reader->arena, schedule->n, sizeof *step, reader->err);
    if (!step || !is_list) return step && read_number(reader, &RATE, item, &step->rate);
    size_t length = strlen(reader->path), index = 0;
    for (const cJSON *child = item->child; child; child = child->next, index++, step++) {
        snprintf(reader->path + length, sizeof reader->path - length, "[%zu]", index);
        if (!read_rate_step(reader, child, index > 0 ? step - 1 : NULL, step)) return false;
    }
    reader->path[length] = '\0';
    return true;
}

static void write_schedule(const Writer *writer, const Field *field, const void *in) {
    const Schedule *schedule = in;
    Buffer *out = writer->out;
    if (schedule->n == 0) {
        fields_write(writer, field->record, &schedule->curve);
        return;
    }
    json_open(out, '[');
    for (size_t i = 0; i < schedule->n; i++) {
        json_open(out, '[');
        json_whole(out, schedule->steps[i].from);
        json_number(out, schedule->steps[i].rate);
        json_close(out, ']');
    }
    json_close(out, ']');
}

#define PAIR                                            \
    "{'type': 'array', 'minItems': 2, 'items': false, " \
    "'prefixItems': [{'type': 'integer', 'minimum': 0, 'maximum': %g}, {" NUMBER "}]}"
#define NUMBER "'type': 'number', 'minimum': 0, 'maximum': %g"

static void describe_schedule(const Writer *writer, const Field *field) {
    Buffer *out = writer->out;
    json_add_open(out, "anyOf", '[');
    json_format(writer->out, "{" NUMBER "}", RATE.max);
    json_format(writer->out, "{'type': 'array', 'minItems': 1, 'prefixItems': [" PAIR "], 'items': " PAIR "}", 0.0,
                RATE.max, RATE_STEP.max, RATE.max);
    json_open(out, '{');
    fields_describe(writer, field->record, false);
    json_close(out, '}');
    json_close(out, ']');
}

const ValueType schedule_value = {sizeof(Schedule), read_schedule, write_schedule, describe_schedule};
