// Between the files of the config: structs out of JSON and back, by their tables (base/field.h).
#ifndef NOMEN_CONFIG_FIELDS_H
#define NOMEN_CONFIG_FIELDS_H

#include "base/buffer.h"
#include "base/field.h"
#include "nn/init.h"

#include <cJSON.h>

enum { KEY_PATH_BYTES = 256 };

// The whole config as a struct Config: of a network, and of counts (a model with the key "ngram").
extern const Record network_config, counts_config;

// The forms of an initial value that are an object with one number; { "normal": s } takes `init_mean` beside it.
typedef struct InitForm {
    InitKind kind;
    Field number;
} InitForm;

enum { N_INIT_FORMS = 5 };

extern const InitForm INIT_FORMS[N_INIT_FORMS];
extern const Field init_mean;

// The two of a rate that changes in steps.
extern const Field rate_step, rate_value;

// Where the reader stands, and what it puts there.
typedef struct Reader {
    Arena *arena;
    Error *err;
    char path[KEY_PATH_BYTES]; // "model.layers[2].out"
} Reader;

// Fills the record's struct at `out` from a JSON object: each field read and checked, presets where it is left out.
bool fields_read(Reader *reader, const Record *record, const cJSON *object, void *out);

// The record's struct at `in` as the members of a JSON object that the caller opens and closes.
void fields_write(Buffer *out, const Record *record, const void *in);

// False where an object below `item` holds a key twice.
bool keys_are_unique(Reader *reader, const cJSON *item);

// Sets err to "PATH: REASON" and returns false.
bool reader_error(Reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Writes a value shortly enough for an error message; returns `text`.
const char *value_text(const cJSON *item, char *text, size_t n);

#endif
