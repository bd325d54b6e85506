// A training run in a process of its own, which reports to its parent through shared memory.
#ifndef NOMEN_CMD_TRAIN_WORKER_H
#define NOMEN_CMD_TRAIN_WORKER_H

#include "train/run.h"

#include <sys/types.h>

typedef enum WorkerState {
    WORKER_WAITS, // not started yet
    WORKER_TRAINS,
    WORKER_WAS_FINISHED, // there was nothing left to train
    WORKER_DONE,
    WORKER_STOPPED,
    WORKER_FAILED
} WorkerState;

typedef struct Report {
    WorkerState state;
    uint64_t step;
    MetricsRow row;       // the last row written
    double best_dev_loss; // once the run has ended
    Error failure;        // of WORKER_FAILED
} Report;

// What the process trains.
typedef struct WorkerTask {
    const Config *config;
    const Dataset *dataset;
    const char *path; // of the run directory
    const RunOptions *options;
    size_t threads;
    const volatile sig_atomic_t *stop;
} WorkerTask;

// Returns n reports, all 0, in memory that the processes started from now on share.
Report *worker_reports(size_t n, Error *err);

// Starts the process *pid. The kernels must not have started threads yet (kernels_use_threads(1)). In the new process
// it returns with *pid 0 once the run has ended, and main must return. If its parent dies, the process stops at the
// next step with a checkpoint.
bool worker_start(pid_t *pid, const WorkerTask *task, Report *report, Error *err);

// Returns true if the process has ended. If it left no last report, the report becomes a failure.
bool worker_has_ended(pid_t pid, Report *report);

#endif
