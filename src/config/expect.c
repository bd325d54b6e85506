// The kinds of value and the keys of a config's block `expect`.
#include "config/config.h"

#include "base/json.h"
#include "config/fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Returns the unit of a number's last digit: 10^(exponent - digits after the point).
static double last_unit(const char *text) {
    const char *point = strchr(text, '.'), *e = strpbrk(text, "eE");
    size_t digits = point ? strspn(point + 1, "0123456789") : 0;
    char unit[64];
    snprintf(unit, sizeof unit, "1e%ld", (e ? strtol(e + 1, NULL, 10) : 0) - (long)digits);
    return strtod(unit, NULL);
}

static bool read_number(Reader *reader, const Field *field, const cJSON *item, void *out) {
    ExpectedValue *number = out;
    bool is_number = cJSON_IsString(item) && text_number(item->valuestring, &number->value);
    if (is_number) number->unit = last_unit(item->valuestring);
    if (!is_number || !isfinite(number->value) || !isfinite(number->unit))
        return reader_expected(reader, "a number as a string, such as \"2.1070\" (a trailing zero counts)", item);
    return text_value.read(reader, field, item, &number->text);
}

static bool read_numbers(Reader *reader, const Field *field, const cJSON *item, void *out) {
    (void)field;
    ExpectedList *numbers = out;
    if (!cJSON_IsObject(item)) return reader_expected(reader, "an object with a number as a string for each key", item);
    ExpectedValue *number = numbers->items = values_read(reader, &(Field){.kind = FIELD_EXPECTED}, item, &numbers->n);
    for (const cJSON *child = item->child; child && number; child = child->next, number++) {
        number->key = arena_copy(reader->arena, child->string, strlen(child->string), reader->err);
        if (!number->key) return false;
    }
    return numbers->items != NULL;
}

static bool read_texts(Reader *reader, const Field *field, const cJSON *item, void *out) {
    (void)field;
    Texts *texts = out;
    if (!cJSON_IsArray(item)) return reader_expected(reader, "a list of strings", item);
    texts->items = values_read(reader, &(Field){.kind = FIELD_TEXT}, item, &texts->n);
    return texts->items != NULL;
}

#define NUMBER_SCHEMA "'type': 'string', 'pattern': '^[-+]?([0-9]+\\\\.?[0-9]*|\\\\.[0-9]+)([eE][-+]?[0-9]+)?$'"

static void describe_numbers(const Writer *writer, const Field *field) {
    json_format(writer->out, "'type': 'object'");
    if (field->pattern) json_format(writer->out, "'propertyNames': {'pattern': '%s'}", field->pattern);
    json_format(writer->out, "'additionalProperties': {" NUMBER_SCHEMA "}");
}

const ValueType expected_value = {sizeof(ExpectedValue), read_number, .schema = NUMBER_SCHEMA};
const ValueType expected_list_value = {sizeof(ExpectedList), read_numbers, NULL, describe_numbers};
const ValueType texts_value = {sizeof(Texts), read_texts, .schema = "'type': 'array', 'items': {'type': 'string'}"};

#define NOTE(...) FIELD(__VA_ARGS__, .is_note = true)

static const Field DATA_FIELDS[] = {
    NOTE(ExpectedData, names, FIELD_EXPECTED, .help = "number of names in the file"),
    NOTE(ExpectedData, symbols, FIELD_EXPECTED, .help = "number of symbols, including the boundary"),
    NOTE(ExpectedData, train, FIELD_EXPECTED, .help = "number of examples in the train split"),
    NOTE(ExpectedData, dev, FIELD_EXPECTED, .help = "number of examples in the dev split"),
    NOTE(ExpectedData, test, FIELD_EXPECTED, .help = "number of examples in the test split"),
    {0}};

static const Field SAMPLES_FIELDS[] = {
    NOTE(ExpectedSamples, seed, FIELD_MAYBE, .max = WHOLE_MAX,
         .help = "seed of the draws; default: the generator of nomen sample"),
    NOTE(ExpectedSamples, race, FIELD_TEXTS, .help = "the first names drawn by method race"),
    NOTE(ExpectedSamples, inverse, FIELD_TEXTS, .help = "the first names drawn by method inverse"),
    NOTE(ExpectedSamples, lockstep, FIELD_TEXTS, .help = "all names drawn by method lockstep"),
    NOTE(ExpectedSamples, choices, FIELD_TEXTS, .help = "the first names drawn by method choices"),
    {0}};

static const Record DATA = {.fields = DATA_FIELDS}, SAMPLES = {.fields = SAMPLES_FIELDS};

#define RESULTS                                                                                                    \
    NOTE(ExpectedResults, data, FIELD_OBJECT, .record = &DATA, .help = "counts of the names file"),                \
        NOTE(ExpectedResults, parameters, FIELD_EXPECTED, .only = CONFIG_NETWORK, .help = "number of parameters"), \
        NOTE(ExpectedResults, counts, FIELD_EXPECTED_LIST, .only = CONFIG_COUNTS,                                  \
             .help = "how often tuples occur; \".\" is the boundary"),                                             \
        NOTE(ExpectedResults, untrained, FIELD_EXPECTED_LIST, .only = CONFIG_NETWORK,                              \
             .help = "mean negative log-likelihood per symbol of names under the initial weights"),                \
        NOTE(ExpectedResults, loss, FIELD_EXPECTED_LIST, .only = CONFIG_NETWORK, .pattern = "^(0|[1-9][0-9]*)$",   \
             .help = "minibatch losses by step"),                                                                  \
        NOTE(ExpectedResults, train_loss, FIELD_EXPECTED, .help = "final loss on the train split"),                \
        NOTE(ExpectedResults, dev_loss, FIELD_EXPECTED, .help = "final loss on the dev split"),                    \
        NOTE(ExpectedResults, test_loss, FIELD_EXPECTED, .help = "final loss on the test split"),                  \
        NOTE(ExpectedResults, diagnostics, FIELD_EXPECTED_LIST, .only = CONFIG_NETWORK,                            \
             .help = "statistics of nomen diagnose at the last step, such as \"layers.4.std\""),                   \
        NOTE(ExpectedResults, samples, FIELD_OBJECT, .record = &SAMPLES, .help = "names drawn from the trained model")

static const Field UNMET_FIELDS[] = {
    NOTE(ExpectedResults, why, FIELD_TEXT, .help = "why these results cannot be reproduced"), RESULTS, {0}};

static const Record UNMET = {.fields = UNMET_FIELDS};

_Static_assert(offsetof(Expect, met) == 0, "the keys of `met` are read as keys of the block itself");

static const Field EXPECT_FIELDS[] = {
    RESULTS,
    NOTE(Expect, names_sha256, FIELD_TEXT, .pattern = "^[0-9a-f]{64}$",
         .help = "SHA-256 of the names file that has these results; with other names they are not judged"),
    NOTE(Expect, unmet, FIELD_OBJECT, .record = &UNMET,
         .help = "results that cannot be reproduced, by the same keys, and why; shown but never counted as off"),
    {0}};

const Record expect_record = {.fields = EXPECT_FIELDS};
