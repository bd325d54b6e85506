// The configs that come with nomen, found by name: `nomen train mlp`.
#ifndef NOMEN_CONFIG_SHIPPED_H
#define NOMEN_CONFIG_SHIPPED_H

#include "base/file.h"
#include "base/text.h"

typedef struct ShippedConfig {
    const char *name, *path; // "mlp", "configs/mlp.json"
} ShippedConfig;

typedef struct ShippedConfigs {
    size_t n;
    ShippedConfig *items; // (n), in alphabetical order
    Texts dirs;           // that were looked in
} ShippedConfigs;

// Those of the directory configs here; of share/nomen/configs beside the program's directory, where it is installed;
// and of configs beside that directory, where it stands in the tree it was built in; each with its directory
// `lectures`. Of equal names the first counts.
bool shipped_configs(ShippedConfigs *out, Arena *arena, Error *err);

// The file that an operand means: itself, where it names a file, has a slash, or ends in .json; otherwise the shipped
// config of that name. NULL, with the nearest name in `err`, where there is none.
const char *shipped_find(const char *operand, Arena *arena, Error *err);

// DIR/../NAME for the first directory of configs that has such a file ("data/names.txt"), "" where none has; NULL as
// arena_alloc.
const char *shipped_beside(const char *name, Arena *arena, Error *err);

#endif
