// What `nomen train --seeds N` prints of its runs.
#ifndef NOMEN_CMD_TRAIN_SEED_LINES_H
#define NOMEN_CMD_TRAIN_SEED_LINES_H

#include "cmd/share/status.h"
#include "cmd/train/worker.h"

// Counts the runs in this state.
size_t seed_lines_count(const Worker *runs, size_t n, WorkerState state);

// Shows the steps of all runs together on the status line.
void seed_lines_progress(StatusLine *line, const Worker *runs, size_t n);

// Prints how a run ended, in place of the status line.
void seed_lines_run(StatusLine *line, const Worker *run);

// Prints mean and standard deviation of the losses, if the runs are comparable, and a command to try next.
bool seed_lines_summary(const char *group, const Worker *runs, size_t n, bool has_dev, Arena *arena, Error *err);

#endif
