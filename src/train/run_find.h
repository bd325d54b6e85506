// Finds the run that a user means by RUN on the command line.
#ifndef NOMEN_TRAIN_RUN_FIND_H
#define NOMEN_TRAIN_RUN_FIND_H

#include "base/arena.h"

// Returns the model file of RUN, which is a run directory or a model file itself. Fails with a remedy if there is none.
const char *run_find_model(const char *run, Arena *arena, Error *err);

// Guesses which run the user meant when RUN does not exist: the nearest name in the same directory or, if RUN names no
// directory, in runs/. Returns NULL if no name is near.
const char *run_guess(const char *run, Arena *arena);

#endif
