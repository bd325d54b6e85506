// A group of runs: a directory of run directories that differ in their seed, GROUP/seed-1, GROUP/seed-2 and so on.
#ifndef NOMEN_TRAIN_GROUP_H
#define NOMEN_TRAIN_GROUP_H

#include "base/arena.h"

#include <stdint.h>

// Returns the path of the run with this seed.
const char *group_run_path(const char *group, uint64_t seed, Arena *arena, Error *err);

// Returns true if the name of the run directory is that of a seed, and sets *seed.
bool group_seed_of(const char *run, uint64_t *seed);

typedef struct GroupRuns {
    size_t n;
    const char **paths; // GROUP/NAME, by length and then alphabet, so that seed-9 comes before seed-10
} GroupRuns;

// Lists the directories in `group` that hold a run, whatever their names. A missing directory holds none.
bool group_runs(const char *group, GroupRuns *runs, Arena *arena, Error *err);

#endif
