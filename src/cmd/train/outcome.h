// What a group of runs prints while it trains and when it has ended.
#pragma once

#include "cmd/train/group.h"

// Draws the status line of all runs, if standard output is a terminal.
void outcome_show_progress(Group *group);

// Prints how a run ended, in place of the status line.
void outcome_show_end(Group *group, Job *job);

// Prints the outcome once no run is left to train: the losses, and a command to try next. Failed and stopped runs are
// an error.
bool outcome_print(Group *group, Arena *arena, Error *err);
