// What training prints at its start and at its end.
#pragma once

#include "train/run.h"

// Prints the sizes of data and model after a name, and notes parts of the config that will have no effect.
void summary_print_plan(const Trainer *trainer, const char *name);

// Prints what ended the run early, the losses of the last row, the best dev loss, the time, the run's files and a
// command to try next, on the best weights if they are better than the last.
bool summary_print(const Trainer *trainer, const MetricsRow *last, const RunDir *dir, Arena *arena, Error *err);

// Prints that the run had nothing left to train, and why.
void summary_print_finished(const Trainer *trainer, const char *run);
