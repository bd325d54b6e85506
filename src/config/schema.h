// What a config can contain: as a JSON Schema, and as a list of keys.
#ifndef NOMEN_CONFIG_SCHEMA_H
#define NOMEN_CONFIG_SCHEMA_H

#include "base/buffer.h"
#include "base/field.h"

// Writes a compact JSON Schema (2020-12) of all configs. It rejects what config_load rejects, except for rules that
// involve two values (shapes that fit, shares that sum to 1, increasing steps), the names, or the text itself.
void config_schema(Buffer *out);

// Returns true if the key has no default, or if its default is an object that lacks a required key.
bool field_is_required(const Field *field);

// `path` is the key's path, such as "train.lr" or "model.layers[].dim". `type` is the "type" of the object that has the
// key, or NULL. `kind` is the kind of config that has the key, or requires it if it is required; CONFIG_ANY below an
// optional object.
typedef void ConfigKeyVisit(void *context, const char *path, const char *type, ConfigKind kind, const Field *field);

// Visits every key, except those below expect.unmet, which are the keys of expect.
void config_keys(ConfigKeyVisit *visit, void *context);

#endif
