// Structs out of JSON, field by field as the tables say.
#include "config/fields.h"

#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS = 64, FOUND_BYTES = 60, FEW_TYPES = 4 };

bool reader_error(Reader *reader, const char *format, ...) {
    char reason[ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return error_set(reader->err, "%s%s%s", reader->path, reader->path[0] ? ": " : "", reason);
}

const char *value_text(const cJSON *item, char *text, size_t n) {
    if (cJSON_IsNumber(item) && !isfinite(item->valuedouble)) {
        snprintf(text, n, "a number beyond the range of a double");
        return text;
    }
    // cJSON prints 15 digits where the 16th and 17th hardly matter; a seed just out of its range is one where they do.
    if (cJSON_IsNumber(item) && fabs(item->valuedouble) < 1e16 && !(item->valuedouble > floor(item->valuedouble))) {
        snprintf(text, n, "%.17g", item->valuedouble);
        return text;
    }
    char *printed = cJSON_PrintUnformatted(item);
    if (printed && strlen(printed) >= n)
        snprintf(text, n, "%.*s...", (int)utf8_whole(printed, n - 4), printed);
    else
        snprintf(text, n, "%s", printed ? printed : "?");
    cJSON_free(printed);
    return text;
}

static bool expected(Reader *reader, const char *what, const cJSON *item) {
    char found[FOUND_BYTES];
    return reader_error(reader, "expected %s, found %s", what, value_text(item, found, sizeof found));
}

// Appends to the path; the result, the length before, goes back to leave().
static size_t enter(Reader *reader, const char *key, size_t index) {
    size_t n = strlen(reader->path), room = sizeof reader->path - n;
    if (key)
        snprintf(reader->path + n, room, "%s%s", n > 0 ? "." : "", key);
    else
        snprintf(reader->path + n, room, "[%zu]", index);
    return n;
}

static void leave(Reader *reader, size_t length) { reader->path[length] = '\0'; }

static int compare_keys(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Sorted, so that an object of a million keys takes no longer than a file of its size should.
static bool own_keys_are_unique(Reader *reader, const cJSON *object) {
    size_t n = (size_t)cJSON_GetArraySize(object), i = 0;
    const char **keys = arena_alloc(reader->arena, n, sizeof *keys, reader->err);
    if (!keys) return false;
    for (const cJSON *child = object->child; child; child = child->next) keys[i++] = child->string;
    qsort(keys, n, sizeof *keys, compare_keys);
    for (i = 1; i < n; i++) {
        if (strcmp(keys[i - 1], keys[i]) != 0) continue;
        enter(reader, keys[i], 0);
        return reader_error(reader, "this key stands twice; remove one");
    }
    return true;
}

bool keys_are_unique(Reader *reader, const cJSON *item) {
    size_t index = 0;
    if (cJSON_IsObject(item) && !own_keys_are_unique(reader, item)) return false;
    for (const cJSON *child = item->child; child; child = child->next, index++) {
        size_t length = enter(reader, child->string, index);
        if (!keys_are_unique(reader, child)) return false;
        leave(reader, length);
    }
    return true;
}

// Enters the key and names the nearest of the n that are known here, or all of them.
static bool unknown_key(Reader *reader, const char *key, const char *const *names, size_t n) {
    char list[256] = "";
    enter(reader, key, 0);
    size_t near = text_nearest(key, names, n);
    if (near < n) return reader_error(reader, "unknown key; did you mean \"%s\"?", names[near]);
    for (size_t i = 0; i < n; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "", names[i]);
    return reader_error(reader, "unknown key; the keys here are %s", list);
}

static bool is_known(const char *key, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], key) == 0) return true;
    return false;
}

static bool read_number(Reader *reader, const Field *field, const cJSON *item, double *out) {
    double x = item->valuedouble;
    if (cJSON_IsNumber(item) && isfinite(x) && x >= field->min && x <= field->max) {
        *out = x;
        return true;
    }
    char what[96];
    snprintf(what, sizeof what, "a number from %g to %g", field->min, field->max);
    return expected(reader, what, item);
}

static bool read_whole(Reader *reader, const Field *field, const cJSON *item, uint64_t *out) {
    double x = item->valuedouble;
    if (field->word && cJSON_IsString(item) && strcmp(item->valuestring, field->word) == 0) {
        *out = FIELD_WORD;
        return true;
    }
    if (cJSON_IsNumber(item) && x >= field->min && x <= field->max && !(x > floor(x))) {
        *out = (uint64_t)x;
        return true;
    }
    char what[128], or_word[48] = "";
    if (field->word) snprintf(or_word, sizeof or_word, " or \"%s\"", field->word);
    snprintf(what, sizeof what, "a whole number from %.17g to %.17g%s", field->min, field->max, or_word);
    return expected(reader, what, item);
}

static bool read_text(Reader *reader, size_t least, const cJSON *item, const char **out) {
    if (!cJSON_IsString(item)) return expected(reader, "a string", item);
    if (strlen(item->valuestring) < least) return expected(reader, "a string that is not empty", item);
    *out = arena_copy(reader->arena, item->valuestring, strlen(item->valuestring), reader->err);
    return *out != NULL;
}

static bool read_choice(Reader *reader, const Field *field, const cJSON *item, const char **out) {
    char list[128] = "";
    for (size_t i = 0; field->choices[i]; i++) {
        *out = field->choices[i];
        if (cJSON_IsString(item) && strcmp(item->valuestring, *out) == 0) return true;
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s\"%s\"", i > 0 ? " or " : "", *out);
    }
    return expected(reader, list, item);
}

static bool read_init_object(Reader *reader, const cJSON *item, Init *out) {
    const cJSON *mean = cJSON_GetObjectItemCaseSensitive(item, init_mean.name), *found = NULL;
    const char *names[N_INIT_FORMS + 1] = {[N_INIT_FORMS] = init_mean.name};
    const InitForm *form = NULL;
    for (size_t i = 0; i < N_INIT_FORMS; i++) {
        names[i] = INIT_FORMS[i].number.name;
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(item, names[i]);
        if (number) form = &INIT_FORMS[i];
        if (number) found = number;
    }
    for (const cJSON *child = item->child; child; child = child->next)
        if (!is_known(child->string, names, N_INIT_FORMS + 1))
            return unknown_key(reader, child->string, names, N_INIT_FORMS + 1);
    int n_keys = cJSON_GetArraySize(item);
    if (!found || n_keys != 1 + (mean != NULL) || (mean && form->kind != INIT_NORMAL))
        return expected(reader,
                        "\"zeros\", \"ones\" or one of constant, normal, uniform, kaiming_normal, "
                        "kaiming_uniform with its number",
                        item);
    out->kind = form->kind;
    size_t length = enter(reader, found->string, 0);
    if (!read_number(reader, &form->number, found, &out->value)) return false;
    leave(reader, length);
    if (!mean) return true;
    length = enter(reader, mean->string, 0);
    if (!read_number(reader, &init_mean, mean, &out->mean)) return false;
    leave(reader, length);
    return true;
}

static bool read_init(Reader *reader, const Field *field, const cJSON *item, Init *out) {
    *out = (Init){0};
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    if (field->word && cJSON_IsFalse(item)) return true;
    if (cJSON_IsObject(item)) return read_init_object(reader, item, out);
    out->kind = INIT_CONSTANT;
    out->value = strcmp(text, "ones") == 0;
    if (strcmp(text, "ones") == 0 || strcmp(text, "zeros") == 0) return true;
    return expected(reader,
                    field->word ? "an initial value such as \"zeros\" or {\"normal\": 0.01}, or false"
                                : "an initial value such as \"ones\" or {\"normal\": 0.01}",
                    item);
}

static bool read_split(Reader *reader, const cJSON *item, Split *out) {
    const char *what = "one to three shares, train first and above 0, that sum to 1";
    int n = cJSON_GetArraySize(item);
    double sum = 0;
    *out = (Split){0};
    if (!cJSON_IsArray(item) || n < 1 || n > SPLIT_PARTS) return expected(reader, what, item);
    for (int i = 0; i < n; i++) {
        const cJSON *part = cJSON_GetArrayItem(item, i);
        if (!cJSON_IsNumber(part) || !(part->valuedouble >= 0)) return expected(reader, what, item);
        sum += out->parts[i] = part->valuedouble;
    }
    return (fabs(sum - 1) < 1e-9 && out->parts[0] > 0) || expected(reader, what, item);
}

static bool read_rate_step(Reader *reader, const cJSON *item, const RateStep *before, RateStep *out) {
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2) return expected(reader, "[step, rate]", item);
    const cJSON *from = cJSON_GetArrayItem(item, 0);
    size_t length = enter(reader, NULL, 0);
    if (!read_whole(reader, &rate_step, from, &out->from)) return false;
    if (before ? out->from <= before->from : out->from != 0)
        return expected(reader, before ? "a later step than the one before" : "0 as the first step", from);
    leave(reader, length);
    enter(reader, NULL, 1);
    if (!read_number(reader, &rate_value, cJSON_GetArrayItem(item, 1), &out->rate)) return false;
    leave(reader, length);
    return true;
}

static bool read_schedule(Reader *reader, const Record *curve, const cJSON *item, Schedule *out) {
    if (cJSON_IsObject(item)) return fields_read(reader, curve, item, &out->curve);
    bool is_list = cJSON_IsArray(item) && cJSON_GetArraySize(item) > 0;
    if (!cJSON_IsNumber(item) && !is_list) return expected(reader, "a number or a list of [step, rate]", item);
    out->n = is_list ? (size_t)cJSON_GetArraySize(item) : 1;
    out->steps = arena_alloc(reader->arena, out->n, sizeof *out->steps, reader->err);
    if (!out->steps) return false;
    if (!is_list) return read_number(reader, &rate_value, item, &out->steps[0].rate);
    const cJSON *child = item->child;
    for (size_t i = 0; i < out->n; i++, child = child->next) {
        size_t length = enter(reader, NULL, i);
        const RateStep *before = i > 0 ? &out->steps[i - 1] : NULL;
        if (!read_rate_step(reader, child, before, &out->steps[i])) return false;
        leave(reader, length);
    }
    return true;
}

// The unit of the last decimal of a number's text: 10^(exponent - digits behind the point).
static double last_unit(const char *text) {
    const char *point = strchr(text, '.'), *e = strpbrk(text, "eE");
    size_t digits = point ? strspn(point + 1, "0123456789") : 0;
    char unit[64];
    snprintf(unit, sizeof unit, "1e%ld", (e ? strtol(e + 1, NULL, 10) : 0) - (long)digits);
    return strtod(unit, NULL);
}

static bool read_figure(Reader *reader, const cJSON *item, Figure *out) {
    *out = (Figure){0};
    bool is_number = cJSON_IsString(item) && text_number(item->valuestring, &out->value);
    if (is_number) out->unit = last_unit(item->valuestring);
    if (!is_number || !isfinite(out->value) || !isfinite(out->unit))
        return expected(reader, "a figure as a string, such as \"2.1070\" (a trailing zero counts)", item);
    return read_text(reader, 0, item, &out->text);
}

static bool read_figures(Reader *reader, const cJSON *item, Figures *out) {
    if (!cJSON_IsObject(item)) return expected(reader, "an object with a figure for each key", item);
    *out = (Figures){.n = (size_t)cJSON_GetArraySize(item)};
    out->items = arena_alloc(reader->arena, out->n, sizeof *out->items, reader->err);
    if (!out->items) return false;
    Figure *figure = out->items;
    for (const cJSON *child = item->child; child; child = child->next, figure++) {
        size_t length = enter(reader, child->string, 0);
        if (!read_figure(reader, child, figure)) return false;
        figure->key = arena_copy(reader->arena, child->string, strlen(child->string), reader->err);
        if (!figure->key) return false;
        leave(reader, length);
    }
    return true;
}

static bool read_texts(Reader *reader, const cJSON *item, Texts *out) {
    if (!cJSON_IsArray(item)) return expected(reader, "a list of strings", item);
    *out = (Texts){.n = (size_t)cJSON_GetArraySize(item)};
    out->items = arena_alloc(reader->arena, out->n, sizeof *out->items, reader->err);
    if (!out->items) return false;
    size_t i = 0;
    for (const cJSON *child = item->child; child; child = child->next, i++) {
        size_t length = enter(reader, NULL, i);
        if (!read_text(reader, 0, child, &out->items[i])) return false;
        leave(reader, length);
    }
    return true;
}

static bool read_typed(Reader *reader, Registry *registry, const cJSON *item, Typed *out) {
    const char *names[MAX_KEYS];
    size_t n = 0;
    for (const Record *r; n < MAX_KEYS && (r = registry(n)); n++) names[n] = r->name;
    if (!cJSON_IsObject(item)) return expected(reader, "an object with a \"type\"", item);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "type");
    size_t length = enter(reader, "type", 0);
    if (!type) return reader_error(reader, "this key is missing");
    out->record = NULL;
    for (size_t i = 0; cJSON_IsString(type) && i < n; i++)
        if (strcmp(names[i], type->valuestring) == 0) out->record = registry(i);
    if (!out->record) {
        size_t near = cJSON_IsString(type) ? text_nearest(type->valuestring, names, n) : n;
        char list[256] = "";
        for (size_t i = 0; i < n; i++)
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "one of ", names[i]);
        if (near < n && n > FEW_TYPES) snprintf(list, sizeof list, "a type such as \"%s\"", names[near]);
        return expected(reader, list, type);
    }
    leave(reader, length);
    out->value = arena_alloc(reader->arena, 1, out->record->size, reader->err);
    return out->value && fields_read(reader, out->record, item, out->value);
}

static bool read_list(Reader *reader, Registry *registry, const cJSON *item, TypedList *out) {
    if (!cJSON_IsArray(item) || !item->child) return expected(reader, "a list of objects, at least one", item);
    *out = (TypedList){.n = (size_t)cJSON_GetArraySize(item)};
    out->items = arena_alloc(reader->arena, out->n, sizeof *out->items, reader->err);
    if (!out->items) return false;
    size_t i = 0;
    for (const cJSON *child = item->child; child; child = child->next, i++) {
        size_t length = enter(reader, NULL, i);
        if (!read_typed(reader, registry, child, &out->items[i])) return false;
        leave(reader, length);
    }
    return true;
}

static bool read_field(Reader *reader, const Field *field, const cJSON *item, void *out) {
    if (field->is_nullable && cJSON_IsNull(item)) return true;
    switch (field->kind) {
    case FIELD_TEXT: return read_text(reader, (size_t)field->min, item, out);
    case FIELD_BOOL:
        *(bool *)out = cJSON_IsTrue(item);
        return cJSON_IsBool(item) || expected(reader, "true or false", item);
    case FIELD_WHOLE: return read_whole(reader, field, item, out);
    case FIELD_MAYBE: {
        MaybeWhole *maybe = out;
        *maybe = (MaybeWhole){.given = !cJSON_IsNull(item)};
        return !maybe->given || read_whole(reader, field, item, &maybe->value);
    }
    case FIELD_NUMBER: return read_number(reader, field, item, out);
    case FIELD_CHOICE: return read_choice(reader, field, item, out);
    case FIELD_INIT: return read_init(reader, field, item, out);
    case FIELD_SPLIT: return read_split(reader, item, out);
    case FIELD_SCHEDULE: return read_schedule(reader, field->record, item, out);
    case FIELD_FIGURE: return read_figure(reader, item, out);
    case FIELD_FIGURES: return read_figures(reader, item, out);
    case FIELD_TEXTS: return read_texts(reader, item, out);
    case FIELD_OBJECT:
        if (!cJSON_IsObject(item)) return expected(reader, "an object", item);
        return fields_read(reader, field->record, item, out);
    case FIELD_TYPED: return read_typed(reader, field->registry, item, out);
    case FIELD_LIST: return read_list(reader, field->registry, item, out);
    }
    return false;
}

bool fields_read(Reader *reader, const Record *record, const cJSON *object, void *out) {
    const char *names[MAX_KEYS] = {NULL};
    size_t n_names = 0;
    for (const Field *f = record->fields; f->name && n_names + 1 < MAX_KEYS; f++) names[n_names++] = f->name;
    if (record->name) names[n_names++] = "type";
    for (const cJSON *item = object->child; item; item = item->next)
        if (!is_known(item->string, names, n_names)) return unknown_key(reader, item->string, names, n_names);
    for (const Field *field = record->fields; field->name; field++) {
        size_t length = enter(reader, field->name, 0);
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, field->name);
        cJSON *preset = !item && field->preset ? cJSON_Parse(field->preset) : NULL;
        if (!item && field->is_note) {
            leave(reader, length);
            continue;
        }
        if (!item && !preset) return reader_error(reader, "this key is missing (%s)", field->help);
        bool ok = read_field(reader, field, item ? item : preset, (char *)out + field->offset);
        cJSON_Delete(preset);
        if (!ok) return false;
        leave(reader, length);
    }
    return true;
}
