// What `nomen train --seeds N` prints of its runs.
#ifndef NOMEN_CMD_TRAIN_SEED_LINES_H
#define NOMEN_CMD_TRAIN_SEED_LINES_H

#include "cmd/share/status.h"
#include "cmd/train/seed_runs.h"

// All runs' steps together, on a line that renews itself.
void seed_lines_progress(StatusLine *line, const SeedRuns *all);

// How a run ended, and for what reason one failed; in the place of what is shown.
void seed_lines_run(StatusLine *shown, const SeedRun *run, const char *reason);

// The mean and the standard deviation of the runs' losses, where they can be compared, and a command to try next.
// False, with `err`, where memory runs out or the best model of a single run cannot be read.
bool seed_lines_summary(const SeedRuns *all, Arena *arena, Error *err);

#endif
