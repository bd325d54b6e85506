// nomen train --seeds N: one config trained from N seeds, each run in a process of its own.
#pragma once

#include "cmd/share/status.h"
#include "cmd/train/worker.h"

enum { MOST_SEEDS = 1000 };

typedef struct Seeds {
    const Config *config; // with the first seed; the others follow it
    const char *operand;  // that named the config
    const char *group;    // the directory of the run directories
    size_t n;
    size_t threads; // of all runs together
    RunOptions options;
    bool quiet;
    const volatile sig_atomic_t *stop; // a signal that asks for an end, or 0
    // Filled in by train_seeds:
    Dataset dataset;
    Worker *runs; // (n)
    size_t side_by_side;
    StatusLine line;
} Seeds;

// Trains each seed into GROUP/seed-SEED, with the bits of `nomen train --seed SEED`. Without --resume or --force no run
// may exist yet; --force replaces those, and first removes the runs GROUP/seed-N of other seeds. A signal stops every
// run with a checkpoint, a failure only its own run. Returns true on success, and in each child when its run has ended;
// the caller must then return to main.
bool train_seeds(Seeds *seeds, Arena *arena, Error *err);
