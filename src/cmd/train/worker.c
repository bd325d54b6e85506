#include "cmd/train/worker.h"

#include "kernels/threads.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

Worker *workers_create(size_t n, Error *err) {
    void *workers = mmap(NULL, n * sizeof(Worker), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (workers == MAP_FAILED) error_system(err, "memory shared with the runs");
    return workers == MAP_FAILED ? NULL : workers;
}

static void on_row(void *context, const MetricsRow *row) { ((Worker *)context)->row = *row; }

static void on_step(void *context, const MetricsRow *latest) {
    Worker *worker = context;
    worker->step = latest->step;
    if (getppid() != worker->parent) raise(SIGTERM);
}

static void train(Worker *worker) {
    Arena arena = {0};
    Run run;
    const TrainEvents events = {worker, on_row, on_step, worker->stop};
    sig_atomic_t stopped = 0;
    Error *err = &worker->failure, unreadable;
    kernels_use_threads(worker->threads);
    worker->row = (MetricsRow){.train_loss = NAN, .dev_loss = NAN};
    bool ok = run_open(&run, worker->dir.path, &worker->config, worker->dataset, worker->options, &arena, err);
    if (ok && run.is_finished)
        metrics_last_measured(run.dir.metrics, UINT64_MAX, &worker->row, &unreadable);
    else
        ok = ok && run_train(&run, &events, &stopped, err);
    worker->step = run.trainer.state.step;
    run_close(&run);
    worker->state = !ok ? WORKER_FAILED : stopped ? WORKER_STOPPED : WORKER_DONE;
    arena_free(&arena);
}

bool worker_start(Worker *worker) {
    worker->parent = getpid();
    worker->state = WORKER_TRAINS;
    fflush(NULL); // both processes would write what is still buffered
    pid_t pid = fork();
    if (pid == 0) {
        clearerr(stdout); // that the parent could not write is no failure of the run
        train(worker);
        return true;
    }
    worker->pid = pid;
    if (pid > 0) return false;
    error_system(&worker->failure, "a process for a run");
    worker->state = WORKER_FAILED;
    return false;
}

bool worker_has_ended(Worker *worker) {
    int status = 0;
    if (waitpid(worker->pid, &status, WNOHANG) != worker->pid) return false;
    worker->pid = -1;
    if (worker->state != WORKER_TRAINS) return true;
    char by[32] = "";
    if (WIFSIGNALED(status)) snprintf(by, sizeof by, " (signal %d)", WTERMSIG(status));
    error_set(&worker->failure, "its process ended without a report%s; --resume continues it", by);
    worker->state = WORKER_FAILED;
    return true;
}
