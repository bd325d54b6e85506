// A training run in a process of its own, which tells its parent how far it is through a pipe.
#ifndef NOMEN_CMD_TRAIN_WORKER_H
#define NOMEN_CMD_TRAIN_WORKER_H

#include "cmd/train/start.h"

#include <sys/types.h>

typedef enum ReportKind { REPORT_STEP, REPORT_DONE, REPORT_STOPPED, REPORT_FAILED } ReportKind;

typedef struct Report {
    ReportKind kind;
    MetricsRow row; // REPORT_STEP: the latest step; else the last row written; all zero where there is none
    uint64_t step;
    double best_dev_loss;          // REPORT_DONE
    char reason[ERROR_TEXT_BYTES]; // REPORT_FAILED
} Report;

typedef struct Worker {
    pid_t pid; // 0 where none is running
    int pipe;  // to read reports from
} Worker;

// What the process is to train; all of it made before the fork.
typedef struct WorkerTask {
    const Config *config;
    const char *config_path;
    const Dataset *dataset;
    const RunDir *dir; // begun
    bool resumes;
    const StartOptions *start;
    size_t threads;
    const volatile sig_atomic_t *stop;
} WorkerTask;

// Starts the process; the kernels' threads must not have been started yet (kernels_use_threads(1)). `others` are
// the workers there may be, n of them. In the new process *is_child is true, when all is done: it should return from
// main. Should its parent die, it stops at the next step with a checkpoint.
bool worker_start(Worker *worker, const WorkerTask *task, const Worker *others, size_t n, bool *is_child, Error *err);

// Reads a report, waiting for it; false where the process ended without one. After that, or after a report other than
// REPORT_STEP, the process has ended and been waited for, *worker is {0}, and *signal says what ended it, or 0.
bool worker_read(Worker *worker, Report *report, int *signal);

#endif
