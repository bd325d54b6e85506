// Training runs in processes of their own, which report to their parent through shared memory.
#pragma once

#include "train/run.h"

#include <sys/types.h>

typedef enum WorkerState { WORKER_WAITS, WORKER_TRAINS, WORKER_DONE, WORKER_STOPPED, WORKER_FAILED } WorkerState;

typedef struct Worker {
    // What to train:
    const char *label; // "seed 6"
    Config config;
    const Dataset *dataset;
    RunDir dir;
    const RunOptions *options;
    size_t threads;
    const volatile sig_atomic_t *stop;
    // How it goes:
    pid_t parent, pid; // `pid` is above 0 while the process runs
    WorkerState state;
    uint64_t step;
    MetricsRow row; // the last row written
    Error failure;  // of WORKER_FAILED
} Worker;

// Returns n workers, all 0, in memory that the processes started from now on share.
Worker *workers_create(size_t n, Error *err);

// Starts the process. The kernels must not have started threads yet (kernels_use_threads(1)). In the new process it
// returns true once the run has ended, and main must return. If its parent dies, the process stops at the next step
// with a checkpoint. Failing to start is a failure of the run.
bool worker_start(Worker *worker);

// Returns true if the process has ended. If it left no last report, that is a failure of the run.
bool worker_has_ended(Worker *worker);
