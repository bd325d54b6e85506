#include "cmd/train/worker.h"

#include "kernels/threads.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// What the process knows of its family.
typedef struct Child {
    Report *report;
    pid_t parent;
} Child;

Report *worker_reports(size_t n, Error *err) {
    void *reports = mmap(NULL, n * sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (reports == MAP_FAILED) error_system(err, "memory shared with the runs");
    return reports == MAP_FAILED ? NULL : reports;
}

static void on_row(void *context, const MetricsRow *row) { ((Child *)context)->report->row = *row; }

static void on_step(void *context, const MetricsRow *latest) {
    const Child *child = context;
    child->report->step = latest->step;
    if (getppid() != child->parent) raise(SIGTERM);
}

static void train(Worker *worker, pid_t parent) {
    Arena arena = {0};
    Run run;
    Report *report = worker->report;
    Child child = {report, parent};
    const TrainEvents events = {&child, on_row, on_step, worker->stop};
    bool stopped = false, found;
    Error *err = &report->failure, unreadable;
    kernels_use_threads(worker->threads);
    report->row = (MetricsRow){.train_loss = NAN, .dev_loss = NAN};
    bool ok = run_open(&run, worker->dir.path, &worker->config, worker->dataset, worker->options, &arena, err);
    if (ok && run.is_finished)
        metrics_last_measured(run.dir.metrics, &report->row, &found, &unreadable);
    else
        ok = ok && run_train(&run, &events, &stopped, err);
    report->step = run.trainer.state.step;
    report->best_dev_loss = run.trainer.state.best_dev_loss;
    run_close(&run);
    report->state = !ok               ? WORKER_FAILED
                    : stopped         ? WORKER_STOPPED
                    : run.is_finished ? WORKER_WAS_FINISHED
                                      : WORKER_DONE;
    arena_free(&arena);
}

void worker_start(Worker *worker) {
    pid_t parent = getpid();
    fflush(NULL); // both processes would write what is still buffered
    worker->report->state = WORKER_TRAINS;
    worker->pid = fork();
    if (worker->pid == 0) train(worker, parent);
    if (worker->pid >= 0) return;
    error_system(&worker->report->failure, "a process for a run");
    worker->report->state = WORKER_FAILED;
}

bool worker_has_ended(Worker *worker) {
    int status = 0;
    Report *report = worker->report;
    if (waitpid(worker->pid, &status, WNOHANG) != worker->pid) return false;
    worker->pid = -1;
    if (report->state != WORKER_TRAINS) return true;
    char by[32] = "";
    if (WIFSIGNALED(status)) snprintf(by, sizeof by, " (signal %d)", WTERMSIG(status));
    error_set(&report->failure, "its process ended without a report%s; --resume continues it", by);
    report->state = WORKER_FAILED;
    return true;
}
