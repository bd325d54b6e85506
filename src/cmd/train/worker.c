#include "cmd/train/worker.h"

#include "kernels/threads.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const double REPORT_SECONDS = 0.1;

// What the process knows while it trains.
typedef struct Child {
    int pipe;
    MetricsRow row;
    double reported_seconds;
} Child;

// Returns false if nobody reads any more.
static bool send_report(int pipe, const Report *report) {
    const char *at = (const char *)report;
    for (size_t left = sizeof *report; left > 0;) {
        ssize_t written = write(pipe, at, left);
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) at += written, left -= (size_t)written;
    }
    return true;
}

static void on_row(void *context, const MetricsRow *row) { ((Child *)context)->row = *row; }

static void on_step(void *context, const MetricsRow *latest) {
    Child *child = context;
    if (latest->seconds - child->reported_seconds < REPORT_SECONDS) return;
    child->reported_seconds = latest->seconds;
    Report report;
    memset(&report, 0, sizeof report); // the padding is written too
    report.state = WORKER_TRAINS;
    report.step = latest->step;
    if (!send_report(child->pipe, &report)) raise(SIGTERM);
}

static void train(const WorkerTask *task, int pipe) {
    Arena arena = {0};
    Run run;
    Report report;
    Child child = {.pipe = pipe, .row = {.train_loss = NAN, .dev_loss = NAN}};
    const TrainEvents events = {&child, on_row, on_step, task->stop};
    bool stopped = false, found;
    memset(&report, 0, sizeof report);
    Error *err = &report.failure, unreadable;
    kernels_use_threads(task->threads);
    bool ok = run_open(&run, task->path, task->config, task->dataset, task->options, &arena, err);
    if (ok && run.is_finished)
        metrics_last_measured(run.dir.metrics, &child.row, &found, &unreadable);
    else
        ok = ok && trainer_run(&run.trainer, &run.dir, &run.lock, &events, &stopped, err);
    report.state = !ok ? WORKER_FAILED : stopped ? WORKER_STOPPED : run.is_finished ? WORKER_WAS_FINISHED : WORKER_DONE;
    report.row = child.row;
    report.step = run.trainer.state.step;
    report.best_dev_loss = run.trainer.state.best_dev_loss;
    run_close(&run);
    send_report(pipe, &report);
    arena_free(&arena);
}

bool worker_start(Worker *worker, const WorkerTask *task, const Worker *sisters, size_t n, bool *is_child, Error *err) {
    int ends[2];
    *is_child = false;
    if (pipe(ends) != 0) return error_system(err, "a pipe to a run");
    fflush(NULL); // both processes would write what is still buffered
    pid_t pid = fork();
    if (pid < 0) {
        error_system(err, "a process for a run");
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    if (pid > 0) {
        close(ends[1]);
        *worker = (Worker){pid, ends[0]};
        return true;
    }
    // A sister that held this end open would not notice that the parent is gone.
    for (size_t i = 0; i < n; i++)
        if (sisters[i].pid > 0) close(sisters[i].pipe);
    close(ends[0]);
    train(task, ends[1]);
    close(ends[1]);
    *is_child = true;
    return true;
}

void worker_read(Worker *worker, Report *report) {
    Report next;
    size_t n = 0;
    while (n < sizeof next) {
        ssize_t got = read(worker->pipe, (char *)&next + n, sizeof next - n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        n += (size_t)got;
    }
    if (n == sizeof next) *report = next;
    if (n == sizeof next && next.state == WORKER_TRAINS) return;
    int status = 0;
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {}
    close(worker->pipe);
    *worker = (Worker){0};
    if (n == sizeof next) return;
    report->state = WORKER_FAILED;
    char by[32] = "";
    if (WIFSIGNALED(status)) snprintf(by, sizeof by, " (signal %d)", WTERMSIG(status));
    error_set(&report->failure, "its process ended without a report%s; --resume continues it", by);
}
