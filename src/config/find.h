// Finds configs by name, as in `nomen train mlp`, and the files that ship with nomen.
#ifndef NOMEN_CONFIG_FIND_H
#define NOMEN_CONFIG_FIND_H

#include "base/file.h"
#include "base/text.h"

typedef struct NamedConfig {
    const char *name, *path; // "mlp", "configs/mlp.json"
} NamedConfig;

typedef struct NamedConfigs {
    size_t n;
    NamedConfig *items; // (n), in alphabetical order, each name once
} NamedConfigs;

// Lists the configs in ./configs, in share/nomen/configs beside the program's directory (an installed nomen), and in
// configs beside that directory (a nomen in its source tree), each with its subdirectory `lectures`. If two have the
// same name, the first counts.
bool config_list(NamedConfigs *out, Arena *arena, Error *err);

// Returns the path that an operand names: the operand itself if it is a file, contains a slash or ends in .json, else
// the config of that name. Returns NULL and suggests the nearest name if there is none.
const char *config_find(const char *operand, Arena *arena, Error *err);

// Returns the path of a file that ships with nomen, such as "data/names.txt", or "" if it is not installed.
const char *shipped_file(const char *name, Arena *arena, Error *err);

#endif
