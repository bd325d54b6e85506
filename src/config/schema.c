// The config's tables as a JSON Schema (2020-12). What depends on more than one place in a config (shapes that fit,
// shares that sum to 1, steps that increase, a warm-up within its curve), on the names or on the text itself is beyond
// it.
#include "config/schema.h"

#include "config/fields.h"
#include "config/keys.h"
#include "nn/layers/registry.h"

#include <string.h>

static const char NUMBER_PATTERN[] = "^[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?$";

static void add_schema(Buffer *out, const Field *field);

static void add_ref(Buffer *out, const char *key, const char *name) {
    char ref[64] = "#/$defs/";
    strncat(ref, name, sizeof ref - strlen(ref) - 1);
    json_add_text(out, key, ref);
}

static void add_type(Buffer *out, const char *type, bool is_nullable) {
    if (!is_nullable) {
        json_add_text(out, "type", type);
        return;
    }
    json_add_open(out, "type", '[');
    json_text(out, type);
    json_text(out, "null");
    json_close(out, ']');
}

static void add_number(Buffer *out, const Field *field) {
    bool is_whole = field->kind != FIELD_NUMBER;
    add_type(out, is_whole ? "integer" : "number", field->is_nullable || field->kind == FIELD_MAYBE);
    json_add_number(out, "minimum", field->min);
    json_add_number(out, "maximum", field->max);
}

// { "anyOf": [ ... ] } of the field without its word, and the word, a JSON value.
static void add_or_word(Buffer *out, const Field *field, const char *word) {
    Field rest = *field;
    rest.word = NULL;
    json_add_open(out, "anyOf", '[');
    json_open(out, '{');
    add_schema(out, &rest);
    json_close(out, '}');
    json_open(out, '{');
    json_key(out, "const");
    if (field->kind == FIELD_INIT)
        json_word(out, word);
    else
        json_text(out, word);
    json_close(out, '}');
    json_close(out, ']');
}

static void add_items(Buffer *out, const char *key, const Field *item) {
    json_add_open(out, key, '{');
    add_schema(out, item);
    json_close(out, '}');
}

static void add_names(Buffer *out, const char *const *names, size_t n) {
    json_add_open(out, "enum", '[');
    for (size_t i = 0; i < n; i++) json_text(out, names[i]);
    json_close(out, ']');
}

static void add_split(Buffer *out) {
    static const char text[] = "\"type\":\"array\",\"minItems\":1,\"maxItems\":3,"
                               "\"prefixItems\":[{\"type\":\"number\",\"exclusiveMinimum\":0}],"
                               "\"items\":{\"type\":\"number\",\"minimum\":0}";
    json_word(out, text);
}

// [step, rate], the step 0 where it is the first.
static void add_rate_step(Buffer *out, bool is_first) {
    json_open(out, '{');
    json_word(out, "\"type\":\"array\",\"minItems\":2,\"items\":false");
    json_add_open(out, "prefixItems", '[');
    json_open(out, '{');
    if (is_first) json_add_whole(out, "const", 0);
    if (!is_first) add_schema(out, &rate_step);
    json_close(out, '}');
    json_open(out, '{');
    add_schema(out, &rate_value);
    json_close(out, '}');
    json_close(out, ']');
    json_close(out, '}');
}

static void add_schedule(Buffer *out, const Field *field) {
    json_add_open(out, "anyOf", '[');
    json_open(out, '{');
    add_schema(out, &rate_value);
    json_close(out, '}');
    json_open(out, '{');
    json_word(out, "\"type\":\"array\",\"minItems\":1");
    json_add_open(out, "prefixItems", '[');
    add_rate_step(out, true);
    json_close(out, ']');
    json_key(out, "items");
    add_rate_step(out, false);
    json_close(out, '}');
    json_open(out, '{');
    add_schema(out, &(Field){.kind = FIELD_OBJECT, .record = field->record});
    json_close(out, '}');
    json_close(out, ']');
}

static void add_record(Buffer *out, const Record *record, bool is_nullable) {
    add_type(out, "object", is_nullable);
    json_add_open(out, "properties", '{');
    if (record->name) {
        json_add_open(out, "type", '{');
        json_add_text(out, "const", record->name);
        json_close(out, '}');
    }
    for (const Field *field = record->fields; field->name; field++) {
        json_add_open(out, field->name, '{');
        json_add_text(out, "description", field->help);
        add_schema(out, field);
        if (field->preset && !config_key_is_required(field)) {
            json_key(out, "default");
            json_word(out, field->preset);
        }
        json_close(out, '}');
    }
    json_close(out, '}');
    json_add_open(out, "required", '[');
    if (record->name) json_text(out, "type");
    for (const Field *field = record->fields; field->name; field++)
        if (config_key_is_required(field)) json_text(out, field->name);
    json_close(out, ']');
    json_add_bool(out, "additionalProperties", false);
}

// One of the registry's records, by its "type".
static void add_typed(Buffer *out, Registry *registry) {
    json_word(out, "\"type\":\"object\",\"required\":[\"type\"]");
    json_add_open(out, "properties", '{');
    json_add_open(out, "type", '{');
    json_add_open(out, "enum", '[');
    for (size_t i = 0; registry(i); i++) json_text(out, registry(i)->name);
    json_close(out, ']');
    json_close(out, '}');
    json_close(out, '}');
    json_add_open(out, "allOf", '[');
    for (size_t i = 0; registry(i); i++) {
        json_open(out, '{');
        json_add_open(out, "if", '{');
        json_add_open(out, "properties", '{');
        json_add_open(out, "type", '{');
        json_add_text(out, "const", registry(i)->name);
        json_close(out, '}');
        json_close(out, '}');
        json_close(out, '}');
        json_add_open(out, "then", '{');
        json_add_text(out, "description", registry(i)->help);
        add_record(out, registry(i), false);
        json_close(out, '}');
        json_close(out, '}');
    }
    json_close(out, ']');
}

// The layers that may stand first, which are those that take ids, or those that may follow.
static void add_layer_place(Buffer *out, bool is_first) {
    json_open(out, '{');
    add_ref(out, "$ref", "layer");
    json_add_open(out, "properties", '{');
    json_add_open(out, "type", '{');
    json_add_open(out, "enum", '[');
    for (size_t i = 0; layer_registry(i); i++)
        if (((const LayerType *)layer_registry(i))->takes_ids == is_first) json_text(out, layer_registry(i)->name);
    json_close(out, ']');
    json_close(out, '}');
    json_close(out, '}');
    json_close(out, '}');
}

static void add_layers(Buffer *out) {
    json_word(out, "\"type\":\"array\",\"minItems\":1");
    json_add_open(out, "prefixItems", '[');
    add_layer_place(out, true);
    json_close(out, ']');
    json_key(out, "items");
    add_layer_place(out, false);
}

// The members of the schema of a field's value, but for its description and default.
static void add_schema(Buffer *out, const Field *field) {
    static const Field figure = {.kind = FIELD_FIGURE}, text = {.kind = FIELD_TEXT};
    size_t n = 0;
    if (field->word) {
        add_or_word(out, field, field->word);
        return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
        json_add_text(out, "type", "string");
        if (field->pattern) json_add_text(out, "pattern", field->pattern);
        if (field->min > 0) json_add_number(out, "minLength", field->min);
        return;
    case FIELD_BOOL: json_add_text(out, "type", "boolean"); return;
    case FIELD_WHOLE:
    case FIELD_MAYBE:
    case FIELD_NUMBER: add_number(out, field); return;
    case FIELD_CHOICE:
        while (field->choices[n]) n++;
        add_names(out, field->choices, n);
        return;
    case FIELD_INIT: add_ref(out, "$ref", "initial_value"); return;
    case FIELD_SPLIT: add_split(out); return;
    case FIELD_SCHEDULE: add_schedule(out, field); return;
    case FIELD_FIGURE:
        json_add_text(out, "type", "string");
        json_add_text(out, "pattern", NUMBER_PATTERN);
        return;
    case FIELD_FIGURES:
        json_add_text(out, "type", "object");
        if (field->pattern) {
            json_add_open(out, "propertyNames", '{');
            json_add_text(out, "pattern", field->pattern);
            json_close(out, '}');
        }
        add_items(out, "additionalProperties", &figure);
        return;
    case FIELD_TEXTS:
        json_add_text(out, "type", "array");
        add_items(out, "items", &text);
        return;
    case FIELD_OBJECT: add_record(out, field->record, field->is_nullable); return;
    case FIELD_TYPED: add_typed(out, field->registry); return;
    case FIELD_LIST: add_layers(out); return;
    }
}

static void add_initial_value(Buffer *out) {
    json_add_open(out, "initial_value", '{');
    json_add_open(out, "anyOf", '[');
    json_word(out, "{\"enum\":[\"zeros\",\"ones\"]}");
    for (size_t i = 0; i < N_INIT_FORMS; i++) {
        const Field fields[] = {INIT_FORMS[i].number, INIT_FORMS[i].kind == INIT_NORMAL ? init_mean : (Field){0}, {0}};
        json_open(out, '{');
        add_record(out, &(Record){.fields = fields}, false);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void add_definition(Buffer *out, const char *name, const Record *record) {
    json_add_open(out, name, '{');
    json_add_text(out, "description", record->help);
    add_record(out, record, false);
    json_close(out, '}');
}

void config_schema(Buffer *out) {
    json_open(out, '{');
    json_add_text(out, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_add_text(out, "title", "a config of nomen");
    json_add_text(out, "type", "object");
    json_key(out, "if");
    json_word(out,
              "{\"properties\":{\"model\":{\"type\":\"object\",\"required\":[\"ngram\"]}},\"required\":[\"model\"]}");
    json_add_open(out, "then", '{');
    add_ref(out, "$ref", "counts_config");
    json_close(out, '}');
    json_add_open(out, "else", '{');
    add_ref(out, "$ref", "network_config");
    json_close(out, '}');
    json_add_open(out, "$defs", '{');
    add_definition(out, "network_config", &network_config);
    add_definition(out, "counts_config", &counts_config);
    json_add_open(out, "layer", '{');
    add_typed(out, layer_registry);
    json_close(out, '}');
    add_initial_value(out);
    json_close(out, '}');
    json_close(out, '}');
}
