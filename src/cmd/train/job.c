#include "cmd/train/job.h"

#include "kernels/threads.h"

#include <math.h>

typedef struct Watch {
    Job *job;
    void (*step)(void *context);
    void *context;
} Watch;

static void on_row(void *context, const MetricsRow *row) { ((Watch *)context)->job->report.row = *row; }

static void on_step(void *context, const MetricsRow *latest) {
    const Watch *watch = context;
    watch->job->report.step = latest->step;
    if (watch->step) watch->step(watch->context);
}

void job_train(Job *job, void (*step)(void *context), void *context) {
    Arena arena = {0};
    Run run;
    Watch watch = {job, step, context};
    const TrainEvents events = {&watch, on_row, on_step, job->stop};
    sig_atomic_t stopped = 0;
    Report *report = &job->report;
    Error *err = &report->failure, unreadable;
    *report = (Report){.state = JOB_TRAINS, .row = {.train_loss = NAN, .dev_loss = NAN}};
    kernels_use_threads(job->threads);
    bool ok = run_open(&run, job->dir.path, &job->config, job->dataset, job->options, &arena, err);
    if (ok && run.is_finished)
        metrics_last_measured(run.dir.metrics, UINT64_MAX, &report->row, &unreadable);
    else
        ok = ok && run_train(&run, &events, &stopped, err);
    report->step = run.trainer.state.step;
    run_close(&run);
    report->state = !ok ? JOB_FAILED : stopped ? JOB_STOPPED : JOB_DONE;
    arena_free(&arena);
}
