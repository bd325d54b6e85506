// The runs of `nomen train --seeds N`: looked at, taken and begun all together.
#ifndef NOMEN_CMD_TRAIN_SEED_RUNS_H
#define NOMEN_CMD_TRAIN_SEED_RUNS_H

#include "cmd/train/start.h"

typedef struct SeedsPlan {
    const Config *config; // its seed is the first one; the others follow it
    const char *config_path;
    const char *operand; // that the config was found by
    const char *group;   // the directory of the runs' directories
    size_t n;
    size_t threads; // of all runs together
    StartOptions start;
    bool quiet;
} SeedsPlan;

typedef enum SeedState { SEED_WAITS, SEED_RUNS, SEED_WAS_FINISHED, SEED_DONE, SEED_STOPPED, SEED_FAILED } SeedState;

typedef struct SeedRun {
    Config config;
    RunDir dir;
    bool resumes;
    RunLosses lost;
    SeedState state;
    uint64_t step;                        // as far as is known
    MetricsRow row;                       // SEED_DONE, SEED_WAS_FINISHED: the last
    double best_dev_loss, saved_dev_loss; // the latter as in Trainer
} SeedRun;

typedef struct SeedRuns {
    const SeedsPlan *plan;
    Dataset dataset;
    Trainer first;     // of the first run, at its begin
    SeedRun *runs;     // (plan->n)
    RunDir dir;        // not a run's; the lock keeps others from making it one
    size_t n_replaced; // runs of other seeds, which --force takes away
    RunDir *replaced;
} SeedRuns;

// Makes every check there is for every run, before anything is written, from `plan` and a zeroed array `runs`. What was
// locked on the way stays so, also where false is returned, with `err`, until seed_runs_give_back.
bool seed_runs_check(SeedRuns *all, Arena *arena, Error *err);

// Makes and locks every directory, and only then takes away what --force replaces and writes each run's first files.
// All at once: an earlier run must not be taken for one of these, should they be stopped before its turn, nor one of
// another seed be compared with them.
bool seed_runs_begin(SeedRuns *all, Error *err);

// The directories are the group's own until its last process has ended.
void seed_runs_give_back(SeedRuns *all);

size_t seed_runs_count(const SeedRuns *all, SeedState state);

#endif
