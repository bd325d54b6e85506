// A group of runs: a directory of run directories that differ in their seed, GROUP/seed-1, GROUP/seed-2 and so on.
#ifndef NOMEN_TRAIN_GROUP_H
#define NOMEN_TRAIN_GROUP_H

#include "base/file.h"

#include <stdint.h>

// Where the run of this seed lies in its group. NULL as arena_alloc.
const char *group_run_path(const char *group, uint64_t seed, Arena *arena, Error *err);

typedef struct GroupRuns {
    size_t n;
    const char **paths; // GROUP/NAME, short names first, then by the alphabet, so that seed-9 stands before seed-10
} GroupRuns;

// The directories right in `group` that hold a run, whatever their names; n is 0 where there are none or no such
// directory.
bool group_runs(const char *group, GroupRuns *runs, Arena *arena, Error *err);

// Those of them whose names are such as group_run_path gives, for seeds beside the n from `first` on.
bool group_other_seeds(const char *group, uint64_t first, size_t n, GroupRuns *others, Arena *arena, Error *err);

#endif
