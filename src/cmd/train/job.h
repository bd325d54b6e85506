// A run of nomen train --seeds or --sweep: what to train, and how it goes.
#pragma once

#include "train/run.h"

#include <sys/types.h>

typedef enum JobState { JOB_WAITS, JOB_TRAINS, JOB_DONE, JOB_STOPPED, JOB_FAILED } JobState;

// How a run goes. The process that trains the run passes its report to the process that prints.
typedef struct Report {
    JobState state;
    uint64_t step;
    MetricsRow row; // the last row written
    Error failure;  // of JOB_FAILED
} Report;

typedef struct Job {
    const char *label; // "seed 6"
    Config config;
    const Dataset *dataset;
    RunDir dir;
    const RunOptions *options;
    size_t threads;
    const volatile sig_atomic_t *stop;
    pid_t child; // the process that trains the run, if it is a child of this one; otherwise 0
    Report report;
} Job;

// Trains the run and keeps its report up to date. Calls step(context) after every step, unless `step` is NULL.
void job_train(Job *job, void (*step)(void *context), void *context);
