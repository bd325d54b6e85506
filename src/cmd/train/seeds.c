#include "cmd/train/seeds.h"

#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "cmd/train/seed_lines.h"
#include "cmd/train/worker.h"
#include "kernels/threads.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { POLL_MS = 200 };

typedef struct Seeds {
    SeedRuns all;
    Worker *workers;       // (plan->n), of the run at the same place
    struct pollfd *polled; // (plan->n)
    size_t side_by_side;
    const volatile sig_atomic_t *stop;
    bool is_live; // as Progress
    StatusLine line;
    const SeedRun *failed; // of those that failed the one of the lowest seed, whichever came first
    Error *failure;        // and why
} Seeds;

static void show_run(Seeds *seeds, const SeedRun *run, const char *reason) {
    if (!seeds->all.plan->quiet) seed_lines_run(&seeds->line, run, reason);
}

static void show_progress(Seeds *seeds) {
    if (!seeds->all.plan->quiet && seeds->is_live) seed_lines_progress(&seeds->line, &seeds->all);
}

static void note_failure(Seeds *seeds, SeedRun *run, const Error *why) {
    Error failure = *why;
    const char *path = run->dir.path;
    if (strncmp(failure.text, path, strlen(path)) != 0) error_context(&failure, "%s", path);
    run->state = SEED_FAILED;
    show_run(seeds, run, failure.text);
    if (seeds->failed && seeds->failed < run) return;
    seeds->failed = run;
    *seeds->failure = failure;
}

// Starts the run in a process of its own. True in that process, when the run is over.
static bool start_run(Seeds *seeds, size_t i) {
    const SeedsPlan *plan = seeds->all.plan;
    SeedRun *run = &seeds->all.runs[i];
    Error err;
    bool is_child;
    const WorkerTask task = {
        .config = &run->config,
        .config_path = plan->config_path,
        .dataset = &seeds->all.dataset,
        .dir = &run->dir,
        .resumes = run->resumes,
        .start = &plan->start,
        .threads = plan->threads / seeds->side_by_side,
        .stop = seeds->stop,
    };
    run->state = SEED_RUNS;
    if (!worker_start(&seeds->workers[i], &task, seeds->workers, plan->n, &is_child, &err))
        note_failure(seeds, run, &err);
    return is_child;
}

static void hear_of(Seeds *seeds, size_t i) {
    SeedRun *run = &seeds->all.runs[i];
    Report report;
    Error failure;
    int signal = 0;
    if (!worker_read(&seeds->workers[i], &report, &signal)) {
        char by[32] = "";
        if (signal != 0) snprintf(by, sizeof by, " (signal %d)", signal);
        error_set(&failure, "its process ended without a report%s; --resume goes on with it", by);
        note_failure(seeds, run, &failure);
        return;
    }
    run->step = report.step;
    if (report.kind == REPORT_STEP) return;
    if (report.kind == REPORT_FAILED) {
        error_set(&failure, "%s", report.reason);
        note_failure(seeds, run, &failure);
        return;
    }
    run->state = report.kind == REPORT_DONE ? SEED_DONE : SEED_STOPPED;
    run->row = report.row;
    run->best_dev_loss = report.best_dev_loss;
    show_run(seeds, run, NULL);
}

// Reports, the signal handed on, the next runs begun, until none is left. True in the process of a run, at its end.
static bool train_all(Seeds *seeds) {
    size_t n = seeds->all.plan->n;
    int handed_on = 0;
    for (;;) {
        size_t n_running = seed_runs_count(&seeds->all, SEED_RUNS);
        for (size_t i = 0; i < n && n_running < seeds->side_by_side && !*seeds->stop; i++) {
            if (seeds->all.runs[i].state != SEED_WAITS) continue;
            if (start_run(seeds, i)) return true;
            n_running += seeds->all.runs[i].state == SEED_RUNS;
        }
        if (n_running == 0) break;
        if (*seeds->stop && !handed_on) {
            handed_on = *seeds->stop;
            for (size_t i = 0; i < n; i++)
                if (seeds->workers[i].pid > 0) kill(seeds->workers[i].pid, handed_on);
        }
        for (size_t i = 0; i < n; i++)
            seeds->polled[i] = (struct pollfd){seeds->workers[i].pid > 0 ? seeds->workers[i].pipe : -1, POLLIN, 0};
        if (poll(seeds->polled, (nfds_t)n, POLL_MS) <= 0) continue;
        for (size_t i = 0; i < n; i++)
            if (seeds->polled[i].revents != 0) hear_of(seeds, i);
        show_progress(seeds);
    }
    status_clear(&seeds->line);
    return false;
}

// The exit status, once no run is left.
static int end(const Seeds *seeds, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->all.plan;
    size_t n_failed = seed_runs_count(&seeds->all, SEED_FAILED);
    const char *group = command_quote(plan->group, arena, err);
    const char *config = command_quote(seeds->all.runs[0].dir.config, arena, err);
    if (!group || !config) return command_failed(err);
    if (*seeds->stop && seed_runs_count(&seeds->all, SEED_STOPPED) + seed_runs_count(&seeds->all, SEED_WAITS) > 0) {
        error_set(err, "stopped; go on with: nomen train %s --run %s --seeds %zu --resume", config, group, plan->n);
        return STATUS_SIGNAL + *seeds->stop;
    }
    size_t n_stopped = seed_runs_count(&seeds->all, SEED_STOPPED);
    if (n_stopped > 0 && n_failed == 0) {
        error_set(err, "%zu of %zu runs %s stopped; go on with: nomen train %s --run %s --seeds %zu --resume",
                  n_stopped, plan->n, n_stopped == 1 ? "was" : "were", config, group, plan->n);
        return STATUS_FAILURE;
    }
    if (n_failed > 0) {
        *err = *seeds->failure;
        if (plan->n > 1) error_context(err, "%zu of %zu runs failed", n_failed, plan->n);
        return STATUS_FAILURE;
    }
    if (!plan->quiet && !seed_lines_summary(&seeds->all, arena, err)) return command_failed(err);
    return command_done(err);
}

static int train_group(Seeds *seeds, bool *is_child, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->all.plan;
    if (!seed_runs_check(&seeds->all, arena, err)) return command_failed(err);
    seeds->stop = start_listening(); // before anything is printed: its reader may be gone
    if (!seed_runs_begin(&seeds->all, err)) return command_failed(err);
    if (!plan->quiet) command_note_config(plan->operand, plan->config_path);
    if (!plan->quiet && !start_print_plan(&seeds->all.first, err)) return command_failed(err);
    size_t n = seeds->all.n_replaced;
    if (!plan->quiet && n > 0)
        printf("%zu run%s of other seeds removed, as --force replaces the group\n", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < plan->n; i++) {
        const SeedRun *run = &seeds->all.runs[i];
        if (!plan->quiet) start_note_losses(&run->lost, &run->dir);
        if (run->state == SEED_WAS_FINISHED) show_run(seeds, run, NULL);
    }
    *is_child = train_all(seeds);
    return *is_child ? STATUS_OK : end(seeds, arena, err);
}

int train_seeds(const SeedsPlan *plan, Arena *arena, Error *err) {
    Error failure;
    Seeds seeds = {
        .all = {.plan = plan, .runs = arena_alloc(arena, plan->n, sizeof *seeds.all.runs, err)},
        .workers = arena_alloc(arena, plan->n, sizeof *seeds.workers, err),
        .polled = arena_alloc(arena, plan->n, sizeof *seeds.polled, err),
        .side_by_side = plan->threads < plan->n ? plan->threads : plan->n,
        .is_live = terminal_is_live(),
        .failure = &failure,
    };
    if (!seeds.all.runs || !seeds.workers || !seeds.polled) return command_failed(err);
    kernels_use_threads(1); // a process that forks must not have threads
    bool is_child = false;
    int status = train_group(&seeds, &is_child, arena, err);
    if (!is_child) seed_runs_give_back(&seeds.all);
    return status;
}
