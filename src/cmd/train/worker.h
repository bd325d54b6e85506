// A training run in a process of its own, which reports to its parent through a pipe.
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
    MetricsRow row; // the last row written, once the run has ended
    double best_dev_loss;
    Error failure; // of WORKER_FAILED
} Report;

typedef struct Worker {
    pid_t pid; // 0 if none is running
    int pipe;  // to read reports from
} Worker;

// What the process trains.
typedef struct WorkerTask {
    const Config *config;
    const Dataset *dataset;
    const char *path; // of the run directory
    const RunOptions *options;
    size_t threads;
    const volatile sig_atomic_t *stop;
} WorkerTask;

// Starts the process. The kernels must not have started threads yet (kernels_use_threads(1)). The new process returns
// with *is_child set once the run has ended; it must then return from main. If its parent dies, it stops at the next
// step with a checkpoint. `sisters` are the n workers there may be.
bool worker_start(Worker *worker, const WorkerTask *task, const Worker *sisters, size_t n, bool *is_child, Error *err);

// Waits for the next report. After any but WORKER_TRAINS the process has ended and *worker is {0}.
void worker_read(Worker *worker, Report *report);

#endif
