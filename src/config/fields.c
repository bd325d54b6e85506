#include "config/fields.h"

#include "base/json.h"
#include "base/text.h"
#include "config/config.h"
#include "nn/layer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_KEYS = 64, FOUND_BYTES = 60, LIST_BYTES = 512 };

static const ValueType *const VALUE_TYPES[] = {
    [FIELD_TEXT] = &text_value,         [FIELD_BOOL] = &bool_value,
    [FIELD_WHOLE] = &whole_value,       [FIELD_MAYBE] = &maybe_value,
    [FIELD_COLUMN] = &column_value,     [FIELD_NUMBER] = &number_value,
    [FIELD_CHOICE] = &choice_value,     [FIELD_INIT] = &init_value,
    [FIELD_SPLIT] = &split_value,       [FIELD_SCHEDULE] = &schedule_value,
    [FIELD_EXPECTED] = &expected_value, [FIELD_EXPECTED_LIST] = &expected_list_value,
    [FIELD_TEXTS] = &texts_value,       [FIELD_OBJECT] = &object_value,
    [FIELD_TYPED] = &typed_value,       [FIELD_LIST] = &list_value,
};

static bool __attribute__((format(printf, 2, 3))) reader_error(Reader *reader, const char *format, ...) {
    char reason[ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return error_set(reader->err, "%s%s%s", reader->path, reader->path[0] ? ": " : "", reason);
}

const char *value_text(const cJSON *item, char *text, size_t n) {
    char *printed = cJSON_PrintUnformatted(item);
    bool is_huge = cJSON_IsNumber(item) && !isfinite(item->valuedouble);
    const char *value = is_huge ? "a number beyond the range of a double" : printed ? printed : "nothing";
    size_t length = strlen(value);
    snprintf(text, n, "%.*s%s", (int)(length < n ? length : utf8_whole(value, n - 4)), value, length < n ? "" : "...");
    cJSON_free(printed);
    return text;
}

bool reader_expected(Reader *reader, const char *what, const cJSON *found) {
    char text[FOUND_BYTES];
    return reader_error(reader, "expected %s, found %s", what, value_text(found, text, sizeof text));
}

static void add_name(char list[LIST_BYTES], const char *quote, const char *name) {
    size_t n = strlen(list);
    snprintf(list + n, LIST_BYTES - n, "%s%s%s%s", n > 0 ? ", " : "", quote, name, quote);
}

static char *list_names(char list[LIST_BYTES], const char *const *names, size_t n) {
    list[0] = '\0';
    for (size_t i = 0; i < n; i++) add_name(list, "", names[i]);
    return list;
}

bool reader_expected_one_of(Reader *reader, const char *const *names, size_t n, const cJSON *found) {
    char list[LIST_BYTES], what[LIST_BYTES + 8];
    snprintf(what, sizeof what, "one of %s", list_names(list, names, n));
    return reader_expected(reader, what, found);
}

// Appends a key or an index to the path. Returns the length before, which restores it.
static size_t enter(Reader *reader, const char *key, size_t index) {
    size_t n = strlen(reader->path), room = sizeof reader->path - n;
    if (key)
        snprintf(reader->path + n, room, "%s%s", n > 0 ? "." : "", key);
    else
        snprintf(reader->path + n, room, "[%zu]", index);
    return n;
}

bool reader_unknown_key(Reader *reader, const char *key, const char *const *names, size_t n) {
    char list[LIST_BYTES];
    enter(reader, key, 0);
    size_t near = text_nearest(key, names, n);
    char elsewhere[KEY_PATH_BYTES];
    bool is_elsewhere = near == n && !strchr(reader->path, '[') && config_key_find(key, elsewhere);
    if (is_elsewhere && strcmp(elsewhere, reader->path) != 0)
        return reader_error(reader, "unknown key; did you mean \"%s\"?", elsewhere);
    if (near < n) return reader_error(reader, "unknown key; did you mean \"%s\"?", names[near]);
    return reader_error(reader, "unknown key; the keys here are %s", list_names(list, names, n));
}

static bool belongs(const Field *field, ConfigKind kind) { return field->only == CONFIG_ANY || field->only == kind; }

static bool is_nullable(const Field *field) { return field->is_nullable || field->kind == FIELD_MAYBE; }

bool value_read(Reader *reader, const char *key, size_t index, const Field *field, const cJSON *item, void *out) {
    size_t length = enter(reader, key, index);
    bool ok = (is_nullable(field) && cJSON_IsNull(item)) || VALUE_TYPES[field->kind]->read(reader, field, item, out);
    if (ok) reader->path[length] = '\0';
    return ok;
}

void *values_read(Reader *reader, const Field *field, const cJSON *list, size_t *n) {
    size_t size = VALUE_TYPES[field->kind]->size, index = 0;
    *n = (size_t)cJSON_GetArraySize(list);
    char *items = arena_alloc(reader->arena, *n, size, reader->err);
    if (!items) return NULL;
    for (const cJSON *item = list->child; item; item = item->next, index++)
        if (!value_read(reader, item->string, index, field, item, items + index * size)) return NULL;
    return items;
}

static bool check_keys(Reader *reader, const Record *record, const cJSON *object) {
    const char *names[MAX_KEYS];
    size_t n = 0;
    for (const Field *field = record->fields; field->name && n + 1 < MAX_KEYS; field++)
        if (belongs(field, reader->kind)) names[n++] = field->name;
    if (record->name) names[n++] = "type";
    for (const cJSON *item = object->child; item; item = item->next) {
        size_t i = 0;
        while (i < n && strcmp(names[i], item->string) != 0) i++;
        if (i == n) return reader_unknown_key(reader, item->string, names, n);
        if (cJSON_GetObjectItemCaseSensitive(object, item->string) != item) {
            enter(reader, item->string, 0);
            return reader_error(reader, "duplicate key; remove one");
        }
    }
    return true;
}

bool fields_read(Reader *reader, const Record *record, const cJSON *object, void *out) {
    if (!check_keys(reader, record, object)) return false;
    for (const Field *field = record->fields; field->name; field++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, field->name);
        if (!belongs(field, reader->kind) || (!item && field->is_note)) continue;
        cJSON *preset = !item && field->preset ? cJSON_Parse(field->preset) : NULL;
        if (!item && !preset) {
            enter(reader, field->name, 0);
            return reader_error(reader, "missing key (%s)", field->help);
        }
        bool ok = value_read(reader, field->name, 0, field, item ? item : preset, (char *)out + field->offset);
        cJSON_Delete(preset);
        if (!ok) return false;
    }
    return true;
}

static bool is_zero(const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (((const unsigned char *)bytes)[i] != 0) return false;
    return true;
}

void fields_write(const Writer *writer, const Record *record, const void *in) {
    json_open(writer->out, '{');
    if (record->name) json_add_text(writer->out, "type", record->name);
    for (const Field *field = record->fields; field->name; field++) {
        if (field->is_note || !belongs(field, writer->kind)) continue;
        const void *value = (const char *)in + field->offset;
        const ValueType *type = VALUE_TYPES[field->kind];
        size_t size = field->kind == FIELD_OBJECT ? field->record->size : type->size;
        bool is_null = is_nullable(field) && is_zero(value, size);
        if (field->hides_preset && (field->is_nullable ? is_null : *(const char *const *)value == field->choices[0]))
            continue;
        json_key(writer->out, field->name);
        if (is_null)
            json_word(writer->out, "null");
        else
            type->write(writer, field, value);
    }
    json_close(writer->out, '}');
}

void describe_type(const Writer *writer, const char *type, bool nullable) {
    json_format(writer->out, nullable ? "'type': ['%s', 'null']" : "'type': '%s'", type);
}

static void describe_value(const Writer *writer, const Field *field) {
    const ValueType *type = VALUE_TYPES[field->kind];
    if (type->describe)
        type->describe(writer, field);
    else
        json_format(writer->out, "%s", type->schema);
}

void fields_describe(const Writer *writer, const Record *record, bool nullable) {
    Buffer *out = writer->out;
    describe_type(writer, "object", nullable);
    json_add_open(out, "properties", '{');
    if (record->name) json_format(writer->out, "'type': {'const': '%s'}", record->name);
    for (const Field *field = record->fields; field->name; field++) {
        if (!belongs(field, writer->kind)) continue;
        json_add_open(out, field->name, '{');
        json_add_text(out, "description", field->help);
        describe_value(writer, field);
        if (field->preset && !field_is_required(field)) {
            json_key(out, "default");
            json_word(out, field->preset);
        }
        json_close(out, '}');
    }
    json_close(out, '}');
    json_add_open(out, "required", '[');
    if (record->name) json_text(out, "type");
    for (const Field *field = record->fields; field->name; field++)
        if (belongs(field, writer->kind) && field_is_required(field)) json_text(out, field->name);
    json_close(out, ']');
    json_add_bool(out, "additionalProperties", false);
}

// An object.

static bool read_object(Reader *reader, const Field *field, const cJSON *item, void *out) {
    if (!cJSON_IsObject(item)) return reader_expected(reader, "an object", item);
    return fields_read(reader, field->record, item, out);
}

static void write_object(const Writer *writer, const Field *field, const void *in) {
    fields_write(writer, field->record, in);
}

static void describe_object(const Writer *writer, const Field *field) {
    fields_describe(writer, field->record, field->is_nullable);
}

const ValueType object_value = {0, read_object, write_object, describe_object};

// An object whose key "type" says which of a registry's records it is.

static bool read_typed(Reader *reader, const Field *field, const cJSON *item, void *out) {
    Typed *typed = out;
    const char *names[MAX_KEYS];
    size_t n = 0, length = strlen(reader->path);
    if (!cJSON_IsObject(item)) return reader_expected(reader, "an object with a \"type\"", item);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "type");
    typed->record = NULL;
    for (const Record *record; n < MAX_KEYS && (record = field->registry(n)); n++) {
        names[n] = record->name;
        if (cJSON_IsString(type) && strcmp(record->name, type->valuestring) == 0) typed->record = record;
    }
    enter(reader, "type", 0);
    if (!type) return reader_error(reader, "missing key");
    if (!typed->record) return reader_expected_one_of(reader, names, n, type);
    reader->path[length] = '\0';
    typed->value = arena_alloc(reader->arena, 1, typed->record->size, reader->err);
    return typed->value && fields_read(reader, typed->record, item, typed->value);
}

static void write_typed(const Writer *writer, const Field *field, const void *in) {
    (void)field;
    const Typed *typed = in;
    fields_write(writer, typed->record, typed->value);
}

static void describe_typed(const Writer *writer, const Field *field) {
    Registry *registry = field->registry;
    Buffer *out = writer->out;
    char names[LIST_BYTES] = "";
    for (size_t i = 0; registry(i); i++) add_name(names, "'", registry(i)->name);
    json_format(out, "'type': 'object', 'required': ['type'], 'properties': {'type': {'enum': [%s]}}", names);
    json_add_open(out, "allOf", '[');
    for (size_t i = 0; registry(i); i++) {
        json_open(out, '{');
        json_format(out, "'if': {'properties': {'type': {'const': '%s'}}}", registry(i)->name);
        json_add_open(out, "then", '{');
        json_add_text(out, "description", registry(i)->help);
        fields_describe(writer, registry(i), false);
        json_close(out, '}');
        json_close(out, '}');
    }
    json_close(out, ']');
}

const ValueType typed_value = {sizeof(Typed), read_typed, write_typed, describe_typed};

// A list of layers.

static bool read_list(Reader *reader, const Field *field, const cJSON *item, void *out) {
    TypedList *list = out;
    if (!cJSON_IsArray(item) || !item->child) return reader_expected(reader, "a list of objects, at least one", item);
    list->items = values_read(reader, &(Field){.kind = FIELD_TYPED, .registry = field->registry}, item, &list->n);
    return list->items != NULL;
}

static void write_list(const Writer *writer, const Field *field, const void *in) {
    const TypedList *list = in;
    json_open(writer->out, '[');
    for (size_t i = 0; i < list->n; i++) write_typed(writer, field, &list->items[i]);
    json_close(writer->out, ']');
}

#define PLACE "{'$ref': '#/$defs/layer', 'properties': {'type': {'enum': [%s]}}}"

// Only the first layer of a network takes ids, and no layer inside another layer.
static void describe_list(const Writer *writer, const Field *field) {
    char first[LIST_BYTES] = "", others[LIST_BYTES] = "";
    for (size_t i = 0; field->registry(i); i++)
        add_name(((const LayerType *)field->registry(i))->takes_ids ? first : others, "'", field->registry(i)->name);
    bool is_in_layer = field->only == CONFIG_ANY;
    json_format(writer->out, "'type': 'array', 'minItems': 1");
    if (!is_in_layer) json_format(writer->out, "'prefixItems': [" PLACE "]", first);
    json_format(writer->out, "'items': " PLACE, others);
}

const ValueType list_value = {sizeof(TypedList), read_list, write_list, describe_list};
