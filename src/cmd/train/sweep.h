// nomen train --sweep KEY=VALUE,VALUE...: the values that a config is trained with.
#pragma once

#include "base/option.h"

// One value of each sweep.
typedef struct SweepPoint {
    const char *name; // of a directory: "smoothing=0.1", or "dim=5,out=100" for two sweeps
    const char **set; // (n_sweeps) changes of the config, such as "model.smoothing=0.1"
} SweepPoint;

typedef struct Sweep {
    size_t n_sweeps, n; // n is 0 without sweeps
    SweepPoint *points; // (n) all combinations; the values of the last sweep change fastest
} Sweep;

// Splits the values at commas outside of brackets, braces and quotes. A name holds the key without its first part, and
// only characters that need no quotes in a file name or a shell: {"type": "adamw"} becomes type_adamw. Errors are wrong
// usage: fewer than two values, more than `most` combinations, one key twice, two values with one name.
bool sweep_read(Sweep *sweep, const TextList *options, size_t most, Arena *arena, Error *err);
