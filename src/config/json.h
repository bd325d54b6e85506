// JSON text as a cJSON tree, and changes to the tree.
#ifndef NOMEN_CONFIG_JSON_H
#define NOMEN_CONFIG_JSON_H

#include "base/error.h"

#include <cJSON.h>

// Parses n bytes with a NUL behind them. Returns NULL and sets err to the line and column of the fault. The caller
// frees the tree with cJSON_Delete.
cJSON *json_parse(const char *text, size_t n, Error *err);

// Replaces or adds the value at KEY, such as model.layers[2].out or model.layers.2.out; `key` ends at its "=" or its
// NUL. Takes ownership of the value, also on failure.
bool json_set(cJSON *tree, const char *key, cJSON *value, Error *err);

// Applies "KEY=VALUE". A value that is not JSON is taken as a string.
bool json_change(cJSON *tree, const char *change, Error *err);

#endif
