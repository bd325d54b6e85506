// Trains a config on its data and keeps config, metrics and models in a run directory.
#pragma once

#include "train/metrics.h"
#include "train/run_dir.h"
#include "train/trainer.h"

#include <signal.h>

typedef struct RunOptions {
    bool force;         // replace an existing run
    const char *resume; // NULL; "" continues a run; "anyway" does so even if config or data differ
} RunOptions;

typedef struct Run {
    RunDir dir;
    DirLock lock;
    Trainer trainer;  // at the step where training starts
    bool is_finished; // nothing is left to train, and nothing was written
} Run;

// Opens the run in directory `path`: creates the trainer, makes and locks the directory, restores the checkpoint or
// checks that a new run may start there, and writes config.json. Only rank 0 touches the directory; the other processes
// take the trainer's state from it. The caller closes the run in any case.
bool run_open(Run *run, const char *path, const Config *config, const Dataset *dataset, const RunOptions *options,
              Arena *arena, Error *err);

// Callbacks of run_train; each may be NULL.
typedef struct TrainEvents {
    void *context;                                         // passed to the two below
    void (*row)(void *context, const MetricsRow *row);     // after a row was written
    void (*step)(void *context, const MetricsRow *latest); // after every update: step, loss, seconds
    const volatile sig_atomic_t *stop;                     // if not 0: finish the step, write a checkpoint, return
} TrainEvents;

// Trains to config->train.steps, or until train.early_stop. At step k checkpoint, split losses and row come before
// minibatch k is drawn, so that a run resumed from the checkpoint repeats them exactly. *stopped becomes events->stop
// of the processes if that ended it, or 0. A loss or a weight that is not finite is an error and is never written. Only
// rank 0 writes.
bool run_train(Run *run, const TrainEvents *events, sig_atomic_t *stopped, Error *err);

// Releases the lock on the directory.
void run_close(Run *run);

// Fails if nomen wrote neither the config nor the model in the directory: other programs use these file names too, and
// their files must not be replaced.
bool run_check_ours(const RunDir *dir, Error *err);
