#include "cmd/train/worker.h"

#include "kernels/threads.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const double REPORT_SECONDS = 0.1;

// What the process knows while it trains.
typedef struct Session {
    int pipe;
    MetricsRow row;
    double reported_seconds;
} Session;

// False where nobody reads any more.
static bool send_report(int pipe, const Report *report) {
    const char *at = (const char *)report;
    for (size_t left = sizeof *report; left > 0;) {
        ssize_t written = write(pipe, at, left);
        if (written < 0 && errno != EINTR) return false;
        if (written > 0) at += written, left -= (size_t)written;
    }
    return true;
}

static void on_row(void *context, const MetricsRow *row) { ((Session *)context)->row = *row; }

static void on_step(void *context, const MetricsRow *latest) {
    Session *session = context;
    if (latest->seconds - session->reported_seconds < REPORT_SECONDS) return;
    session->reported_seconds = latest->seconds;
    Report report;
    memset(&report, 0, sizeof report);
    report.row = *latest;
    report.step = latest->step;
    if (!send_report(session->pipe, &report)) raise(SIGTERM);
}

static void train_here(const WorkerTask *task, int pipe) {
    Arena arena = {0};
    Error err = {0};
    Trainer trainer = {0};
    Report report;
    Session session = {.pipe = pipe};
    const TrainEvents events = {&session, on_row, on_step, task->stop};
    bool stopped = false;
    memset(&report, 0, sizeof report);
    kernels_use_threads(task->threads);
    bool ok = start_trainer(&trainer, task->config, task->config_path, task->dataset, task->dir, task->resumes,
                            task->start, &arena, &err) &&
              trainer_run(&trainer, task->dir, &events, &stopped, &err);
    report.kind = !ok ? REPORT_FAILED : stopped ? REPORT_STOPPED : REPORT_DONE;
    report.row = session.row;
    report.step = trainer.state.step;
    report.best_dev_loss = trainer.state.best_dev_loss;
    memcpy(report.reason, err.text, sizeof report.reason);
    send_report(pipe, &report);
    arena_free(&arena);
}

bool worker_start(Worker *worker, const WorkerTask *task, const Worker *others, size_t n, bool *is_child, Error *err) {
    int ends[2];
    *is_child = false;
    if (pipe(ends) != 0) return error_system(err, "a pipe to a run");
    fflush(NULL); // what is not written yet would be written twice
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
    // A pipe that a sister holds open would hide from its writer that the parent is gone.
    for (size_t i = 0; i < n; i++)
        if (others[i].pid > 0) close(others[i].pipe);
    close(ends[0]);
    train_here(task, ends[1]);
    close(ends[1]);
    *is_child = true;
    return true;
}

bool worker_read(Worker *worker, Report *report, int *signal) {
    char *at = (char *)report;
    size_t left = sizeof *report;
    while (left > 0) {
        ssize_t got = read(worker->pipe, at, left);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        at += got;
        left -= (size_t)got;
    }
    if (left == 0 && report->kind == REPORT_STEP) return true;
    // A last report or none: the process ends.
    int status = 0;
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {}
    close(worker->pipe);
    *worker = (Worker){0};
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return left == 0;
}
