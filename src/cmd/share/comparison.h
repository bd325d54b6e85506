// The tables of nomen compare, which train prints after a sweep too.
#pragma once

#include "base/arena.h"

enum { COMPARED_RUNS = 64 }; // at most

// Measures n runs, or directories of runs that differ in their seed, compares each with the first, and prints tables,
// or one JSON object. `split` is the part whose losses are compared, or NULL: dev if all have it, else train. `best`
// measures best.safetensors instead of the last weights.
bool comparison_print(size_t n, const char *const *runs, const char *split, bool best, bool json, Arena *arena,
                      Error *err);
