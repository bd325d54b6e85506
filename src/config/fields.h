// Reads, writes and describes structs by their tables (base/field.h). Each kind of value is one ValueType.
#pragma once

#include "base/buffer.h"
#include "base/field.h"
#include "config/config.h"
#include "nn/init.h"

#include <cJSON.h>

typedef struct Reader {
    Arena *arena;
    Error *err;
    ConfigKind kind;           // keys of the other kind are unknown
    char path[KEY_PATH_BYTES]; // of the value being read: "model.layers[2].out"
} Reader;

typedef struct Writer {
    Buffer *out;
    ConfigKind kind; // keys of the other kind are left out
} Writer;

// How a kind of value is read from JSON, written back, and described by the members of a JSON Schema.
typedef struct ValueType {
    size_t size; // of the value in its struct
    bool (*read)(Reader *reader, const Field *field, const cJSON *item, void *out);
    void (*write)(const Writer *writer, const Field *field, const void *in); // NULL: only notes have such values
    void (*describe)(const Writer *writer, const Field *field);              // NULL: `schema` has the members
    const char *schema;
} ValueType;

// One for each FieldKind.
extern const ValueType text_value, bool_value, whole_value, maybe_value, column_value, number_value, choice_value,
    init_value, split_value, schedule_value, expected_value, expected_list_value, texts_value, object_value,
    typed_value, list_value;

// The whole config, a struct Config, and its block `expect`.
extern const Record config_record, expect_record;

// The records of initial values that are objects, by InitKind. The first field of each names it.
enum { N_INIT_FORMS = INIT_KAIMING_UNIFORM + 1 };
extern const Record INIT_FORMS[N_INIT_FORMS];

// Fills a struct from a JSON object. Missing keys get their defaults.
bool fields_read(Reader *reader, const Record *record, const cJSON *object, void *out);

// Writes a struct as a JSON object. Reading it gives the same struct.
void fields_write(const Writer *writer, const Record *record, const void *in);

// Adds the members of the JSON Schema of such an object.
void fields_describe(const Writer *writer, const Record *record, bool is_nullable);

// Reads the value of a key, or of a list item if `key` is NULL. Restores reader->path on success.
bool value_read(Reader *reader, const char *key, size_t index, const Field *field, const cJSON *item, void *out);

// Reads each item of a list or object by `field` into a new array, whose length is *n.
void *values_read(Reader *reader, const Field *field, const cJSON *list, size_t *n);

// Adds "type": TYPE or "type": [TYPE, "null"].
void describe_type(const Writer *writer, const char *type, bool is_nullable);

// Each sets err to "PATH: REASON" and returns false.
bool reader_expected(Reader *reader, const char *what, const cJSON *found);
bool reader_expected_one_of(Reader *reader, const char *const *names, size_t n, const cJSON *found);
bool reader_unknown_key(Reader *reader, const char *key, const char *const *names, size_t n);

// Writes a value, or "nothing" for NULL, shortened to n bytes, for an error message. Returns `text`.
const char *value_text(const cJSON *item, char *text, size_t n);
