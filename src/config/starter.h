// A first config for a names file: the lectures' networks in sizes that fit the names.
#ifndef NOMEN_CONFIG_STARTER_H
#define NOMEN_CONFIG_STARTER_H

#include "base/buffer.h"

extern const char *const STARTER_KINDS[]; // "bigram", "mlp", "mlp-bn", "wavenet", NULL

// Writes a config of this kind for the names file `names`. The config calls the file `data`, and has `schema` as its
// "$schema" unless that is "".
bool starter_write(Buffer *out, const char *kind, const char *names, const char *data, const char *schema, Error *err);

#endif
