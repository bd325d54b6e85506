// nomen train --seeds and --sweep: several runs at a time, each in a process of its own or, in nomen-mpi, in the
// processes of the world.
#pragma once

#include "base/option.h"
#include "cmd/share/status.h"
#include "cmd/train/job.h"

enum { MOST_SEEDS = 1000 };

// A config to train, with the values of --sweep.
typedef struct Variant {
    const char *name; // "smoothing=0.1"; "" without --sweep
    const char *path; // its run directory or, with --seeds, that of its group
    Config config;    // with the first seed; the others follow it
    const Dataset *dataset;
} Variant;

typedef struct Group {
    const char *operand; // that named the config
    const char *path;    // the directory of all runs
    size_t n_variants;
    Variant *variants;      // (n_variants)
    const TextList *sweeps; // as given; none without --sweep
    size_t n_seeds;         // of each variant; 0 without --seeds
    size_t threads;         // of all runs that train at a time in this process and its children
    RunOptions options;
    bool quiet;
    const volatile sig_atomic_t *stop; // a signal that asks for an end, or 0
    // Filled in by train_group:
    size_t n, n_taken; // runs; those taken so far are the first
    Job *jobs;         // (n) all seeds of the first variant, then those of the second
    size_t n_at_a_time;
    StatusLine line;
} Group;

// Trains each variant into its path and, with --seeds, each seed into PATH/seed-SEED, with the bits of a run alone.
// Without --resume or --force no run may exist yet; --force replaces those, and first removes the runs PATH/seed-N of
// other seeds. A signal stops every run with a checkpoint, a failure only its own run. Every process of the world calls
// this; all return the outcome of rank 0. Also returns true in each child when its run has ended; the caller must then
// return to main.
bool train_group(Group *group, Arena *arena, Error *err);

// Returns the next run to train, or NULL if none is left or a signal asks for an end.
Job *group_take(Group *group);

// Returns how many runs are in this state.
size_t group_count(const Group *group, JobState state);
