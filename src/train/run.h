// A run that this process trains: its locked directory, and the trainer at the step where training starts.
#ifndef NOMEN_TRAIN_RUN_H
#define NOMEN_TRAIN_RUN_H

#include "train/trainer.h"

typedef struct RunOptions {
    bool force;         // replace an existing run
    const char *resume; // NULL; "" continues a run; "anyway" does so even if config or data differ
} RunOptions;

typedef struct Run {
    RunDir dir;
    DirLock lock;
    Trainer trainer;
    bool is_finished; // nothing is left to train, and nothing was written
} Run;

// Opens the run in directory `path` for training: creates the trainer, makes and locks the directory, restores the
// checkpoint or checks that a new run may start there, and writes config.json. The caller closes the run in any case.
bool run_open(Run *run, const char *path, const Config *config, const Dataset *dataset, const RunOptions *options,
              Arena *arena, Error *err);

// Releases the lock on the directory.
void run_close(Run *run);

// Fails if nomen wrote neither the config nor the model in the directory: other programs use these file names too, and
// their files must not be replaced.
bool run_check_ours(const RunDir *dir, Error *err);

#endif
