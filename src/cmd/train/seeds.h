// nomen train --seeds N: one config trained from N seeds, each run in a process of its own.
#ifndef NOMEN_CMD_TRAIN_SEEDS_H
#define NOMEN_CMD_TRAIN_SEEDS_H

#include "cmd/train/seed_runs.h"

enum { MOST_SEEDS = 1000 };

// Trains each seed into GROUP/seed-SEED to the bits of `nomen train --seed SEED`. All directories are checked, then all
// are begun, before any is trained; a signal ends every run with its checkpoint, a failure only its own. Returns the
// exit status; in the processes of the runs, too, where it is 0 and there is nothing left to do.
int train_seeds(const SeedsPlan *plan, Arena *arena, Error *err);

#endif
