// A first config for a names file, with the lectures' networks in sizes that fit it.
#ifndef NOMEN_CONFIG_FIRST_CONFIG_H
#define NOMEN_CONFIG_FIRST_CONFIG_H

#include "base/buffer.h"
#include "data/names.h"

extern const char *const FIRST_CONFIGS[]; // "bigram", "mlp", "mlp-bn", "wavenet", NULL

// What the sizes follow from.
typedef struct NamesFigures {
    size_t names, vocab, examples; // vocab with the boundary; examples: the characters and an end for each name
    size_t median, most;           // characters of a name: half, and nine in ten of the names, have no more
} NamesFigures;

// Errors name the file, as names_read's.
bool first_config_measure(NamesFigures *figures, const char *path, Arena *arena, Error *err);

// The config as text: `data` is what it calls the names file, `schema` its "$schema", "" for none.
void first_config_write(Buffer *out, const char *kind, const NamesFigures *figures, const char *data,
                        const char *schema);

#endif
