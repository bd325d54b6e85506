#include "cmd/seeds.h"

#include "base/buffer.h"
#include "cmd/command.h"
#include "cmd/figure.h"
#include "cmd/status.h"
#include "cmd/summary.h"
#include "cmd/terminal.h"
#include "cmd/worker.h"
#include "kernels/threads.h"
#include "run/best.h"
#include "run/group.h"
#include "run/welch.h"

#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { POLL_MS = 200 };

static const uint64_t SEED_MAX = 9007199254740991; // 2^53 - 1, as the config's

typedef enum SeedState { SEED_WAITS, SEED_RUNS, SEED_WAS_FINISHED, SEED_DONE, SEED_STOPPED, SEED_FAILED } SeedState;

typedef struct SeedRun {
    Config config;
    RunFolder folder;
    bool resumes;
    RunLosses lost;
    SeedState state;
    uint64_t step;                        // as far as is known
    MetricsRow row;                       // SEED_DONE, SEED_WAS_FINISHED: the last
    double best_dev_loss, saved_dev_loss; // the latter as in Trainer
} SeedRun;

typedef struct Seeds {
    const SeedsPlan *plan;
    Dataset dataset;
    Trainer first;     // of the first run, at its begin
    SeedRun *runs;     // (plan->n)
    RunFolder group;   // not a run's; the lock keeps others from making it one
    size_t n_replaced; // runs of other seeds, which --force takes away
    RunFolder *replaced;
    Worker *workers;       // (plan->n), of the run at the same place
    struct pollfd *polled; // (plan->n)
    size_t side_by_side;
    const volatile sig_atomic_t *stop;
    bool is_live; // as Progress
    StatusLine line;
    const SeedRun *failed; // of those that failed the one of the lowest seed, whichever came first
    Error *failure;        // and why
} Seeds;

static bool check_is_no_run(const Seeds *seeds, Error *err) {
    return !run_folder_is_run(&seeds->group) ||
           error_set(err, "%s: there is a run already, and none of several seeds; --run names another",
                     seeds->group.path);
}

// The group's folder must be none of another kind.
static bool check_group(Seeds *seeds, Arena *arena, Error *err) {
    PathKind kind;
    const SeedsPlan *plan = seeds->plan;
    const Config *config = plan->config;
    if (config->model.is_ngram)
        return error_set(err, "%s: counts draw nothing, so that every seed gives the same; --seeds is for networks",
                         plan->config_path);
    if (config->seed > SEED_MAX - (plan->n - 1))
        return error_set(err, "%s: seed: %llu and %zu after it go beyond %llu", plan->config_path,
                         (unsigned long long)config->seed, plan->n - 1, (unsigned long long)SEED_MAX);
    if (!path_look(plan->group, &kind, err)) return false;
    if (kind == PATH_FILE) return error_set(err, "%s: expected a folder for the runs, found a file", plan->group);
    if (!run_folder(&seeds->group, plan->group, arena, err)) return false;
    if (kind != PATH_NOTHING && !folder_lock(&seeds->group.lock, plan->group, arena, err)) return false;
    return check_is_no_run(seeds, err);
}

// What it came to; a record that cannot be read is no reason to stop the others.
static void take_finished(SeedRun *run, const Trainer *trainer) {
    Error unreadable;
    bool found;
    run->state = SEED_WAS_FINISHED;
    run->best_dev_loss = trainer->state.best_dev_loss;
    run->saved_dev_loss = trainer->saved_dev_loss;
    run->row = (MetricsRow){.train_loss = NAN, .dev_loss = NAN};
    metrics_last_measured(run->folder.metrics, &run->row, &found, &unreadable);
}

// Every folder that is to be written to, and those that are to go.
static bool check_folders(Seeds *seeds, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->plan;
    for (size_t i = 0; i < plan->n; i++)
        if (seeds->runs[i].state == SEED_WAITS && !run_folder_can_begin(&seeds->runs[i].folder, err)) return false;
    if (!plan->start.force) return true;
    GroupRuns others;
    if (!group_other_seeds(plan->group, plan->config->seed, plan->n, &others, arena, err)) return false;
    seeds->replaced = arena_alloc(arena, others.n, sizeof *seeds->replaced, err);
    for (; seeds->replaced && seeds->n_replaced < others.n; seeds->n_replaced++) {
        RunFolder *folder = &seeds->replaced[seeds->n_replaced];
        if (!run_folder(folder, others.paths[seeds->n_replaced], arena, err) || !run_folder_can_begin(folder, err) ||
            !folder_lock(&folder->lock, folder->path, arena, err))
            return false;
    }
    return seeds->replaced && (seeds->n_replaced == 0 || folder_is_writable(plan->group, err));
}

// Every check there is, for every run, before anything is written.
static bool check_runs(Seeds *seeds, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->plan;
    for (size_t i = 0; i < plan->n; i++) {
        SeedRun *run = &seeds->runs[i];
        run->config = *plan->config;
        run->config.seed += i;
        const char *path = group_run_path(plan->group, run->config.seed, arena, err);
        if (!path || !run_folder(&run->folder, path, arena, err) ||
            !start_folder(&plan->start, &run->folder, &run->resumes, arena, err))
            return false;
    }
    if (!dataset_load(&seeds->dataset, &plan->config->data, NULL, arena, err)) return false;
    for (size_t i = 0; i < plan->n; i++) {
        SeedRun *run = &seeds->runs[i];
        if (i > 0 && !run->resumes) continue;
        Arena scratch = {0};
        Trainer other, *trainer = i == 0 ? &seeds->first : &other;
        bool ok = start_trainer(trainer, &run->config, plan->config_path, &seeds->dataset, &run->folder, run->resumes,
                                &plan->start, i == 0 ? arena : &scratch, err);
        if (ok) run->step = trainer->state.step, run->lost = trainer->lost;
        if (ok && run->resumes && trainer_is_finished(trainer, &run->folder)) take_finished(run, trainer);
        arena_free(&scratch);
        if (!ok) return false;
    }
    return check_folders(seeds, arena, err);
}

// Every folder is made and taken before anything in one is removed.
static bool take_folders(Seeds *seeds, Arena *arena, Error *err) {
    RunFolder *group = &seeds->group;
    if (!folder_make(group->path, &group->n_there, err) || !folder_lock(&group->lock, group->path, arena, err) ||
        !check_is_no_run(seeds, err))
        return false;
    for (size_t i = 0; i < seeds->plan->n; i++) {
        SeedRun *run = &seeds->runs[i];
        if (run->state == SEED_WAITS && !start_taking(&seeds->plan->start, &run->folder, run->resumes, arena, err))
            return false;
    }
    return true;
}

// All at once: a run of earlier that --force replaces must not be taken for one of these, should they be stopped before
// its turn, nor one of another seed be compared with them.
static bool begin_runs(Seeds *seeds, Arena *arena, Error *err) {
    if (!take_folders(seeds, arena, err)) return false;
    for (size_t i = 0; i < seeds->n_replaced; i++)
        if (!run_folder_remove(&seeds->replaced[i], err)) return false;
    for (size_t i = 0; i < seeds->plan->n; i++) {
        SeedRun *run = &seeds->runs[i];
        if (!(run->state == SEED_WAITS ? start_writing(&run->folder, &run->config, run->resumes, err)
                                       : best_settle(&run->folder, run->saved_dev_loss, err)))
            return false;
    }
    return true;
}

// The folders are the group's own until its last process has ended.
static void give_back(Seeds *seeds) {
    for (size_t i = 0; i < seeds->plan->n; i++) start_giving_back(&seeds->runs[i].folder);
    for (size_t i = 0; i < seeds->n_replaced; i++) start_giving_back(&seeds->replaced[i]);
    start_giving_back(&seeds->group);
}

static size_t count_state(const Seeds *seeds, SeedState state) {
    size_t n = 0;
    for (size_t i = 0; i < seeds->plan->n; i++) n += seeds->runs[i].state == state;
    return n;
}

// All runs' steps together, on a line that renews itself.
static void show_progress(Seeds *seeds) {
    if (seeds->plan->quiet || !seeds->is_live) return;
    const SeedsPlan *plan = seeds->plan;
    StatusPart share = {.rank = 1}, runs = {.rank = 2}, steps = {.rank = 3};
    double made = 0, all = (double)plan->config->train.steps * (double)plan->n;
    for (size_t i = 0; i < plan->n; i++) made += (double)seeds->runs[i].step;
    snprintf(share.text, sizeof share.text, "%3.0f%%", floor(100 * made / all));
    snprintf(runs.text, sizeof runs.text, "%zu of %zu runs done",
             count_state(seeds, SEED_DONE) + count_state(seeds, SEED_WAS_FINISHED), plan->n);
    snprintf(steps.text, sizeof steps.text, "step %.0f/%.0f", made, all);
    const StatusPart parts[] = {share, steps, runs};
    status_show(&seeds->line, parts, sizeof parts / sizeof *parts);
}

static void add_run(Buffer *out, const SeedRun *run) {
    const MetricsRow *row = &run->row;
    char loss[FIGURE_BYTES];
    buffer_print(out, "seed %llu", (unsigned long long)run->config.seed);
    switch (run->state) {
    case SEED_DONE:
        buffer_print(out, "  train %s", figure_loss(row->train_loss, loss));
        if (!isnan(row->dev_loss)) buffer_print(out, "  dev %s", figure_loss(row->dev_loss, loss));
        buffer_print(out, "  after %.1f s", row->seconds);
        return;
    case SEED_FAILED: buffer_print(out, " failed"); return;
    default:
        buffer_print(out, " %s at step %llu", run->state == SEED_WAS_FINISHED ? "is finished" : "stopped",
                     (unsigned long long)run->step);
        // A run of more steps than are asked for now is finished, too.
        if (run->step <= run->config.train.steps)
            buffer_print(out, " of %llu", (unsigned long long)run->config.train.steps);
        if (run->state == SEED_WAS_FINISHED && run->step < run->config.train.steps)
            buffer_print(out, ", by early stop");
    }
}

static void show_run(Seeds *seeds, const SeedRun *run, const char *reason) {
    if (seeds->plan->quiet) return;
    Arena scratch = {0};
    Buffer line = {.arena = &scratch};
    add_run(&line, run);
    Error out_of_memory; // the runs go on all the same
    const char *text = buffer_text(&line, &out_of_memory);
    status_clear(&seeds->line);
    if (text) terminal_line(text, run->state == SEED_DONE ? "  " : " ");
    if (run->state == SEED_FAILED) terminal_wrap(reason, 2, 2);
    fflush(stdout);
    arena_free(&scratch);
}

static void note_failure(Seeds *seeds, SeedRun *run, const Error *why) {
    Error failure = *why;
    const char *path = run->folder.path;
    if (strncmp(failure.text, path, strlen(path)) != 0) error_context(&failure, "%s", path);
    run->state = SEED_FAILED;
    show_run(seeds, run, failure.text);
    if (seeds->failed && seeds->failed < run) return;
    seeds->failed = run;
    *seeds->failure = failure;
}

// Starts the run in a process of its own. True in that process, when the run is over.
static bool start_run(Seeds *seeds, size_t i) {
    const SeedsPlan *plan = seeds->plan;
    SeedRun *run = &seeds->runs[i];
    Error err;
    bool is_child;
    const WorkerTask task = {
        .config = &run->config,
        .config_path = plan->config_path,
        .dataset = &seeds->dataset,
        .folder = &run->folder,
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
    SeedRun *run = &seeds->runs[i];
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
    size_t n = seeds->plan->n;
    int handed_on = 0;
    for (;;) {
        size_t n_running = count_state(seeds, SEED_RUNS);
        for (size_t i = 0; i < n && n_running < seeds->side_by_side && !*seeds->stop; i++) {
            if (seeds->runs[i].state != SEED_WAITS) continue;
            if (start_run(seeds, i)) return true;
            n_running += seeds->runs[i].state == SEED_RUNS;
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

static bool print_summary(const Seeds *seeds, double *losses, const char *group, Arena *arena, Error *err) {
    size_t n = seeds->plan->n;
    const SeedRun *runs = seeds->runs;
    bool has_dev = seeds->first.dev.total > 0, are_alike = true;
    for (size_t i = 0; i < n; i++) {
        losses[i] = has_dev ? runs[i].row.dev_loss : runs[i].row.train_loss;
        are_alike = are_alike && isfinite(losses[i]) && runs[i].step <= runs[i].config.train.steps;
    }
    Spread spread = spread_of(n, losses);
    if (n > 1 && are_alike) {
        char mean[FIGURE_BYTES], sd[FIGURE_BYTES];
        const char *words =
            arena_format(arena, err, "%s %s, standard deviation %s, over %zu seeds, in %s", has_dev ? "dev" : "train",
                         figure_loss(spread.mean, mean), figure_loss(spread.sd, sd), n, group);
        if (!words) return false;
        terminal_line(words, " ");
    }
    if (n == 1) return summary_print_next(&runs[0].folder, runs[0].row.dev_loss, runs[0].best_dev_loss, arena, err);
    printf("next: nomen compare %s\n", group);
    return true;
}

// The exit status, once no run is left.
static int end(const Seeds *seeds, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->plan;
    size_t n_failed = count_state(seeds, SEED_FAILED);
    const char *group = command_quote(plan->group, arena, err);
    const char *config = command_quote(seeds->runs[0].folder.config, arena, err);
    double *losses = arena_alloc(arena, plan->n, sizeof *losses, err);
    if (!group || !config || !losses) return command_failed(err);
    if (*seeds->stop && count_state(seeds, SEED_STOPPED) + count_state(seeds, SEED_WAITS) > 0) {
        error_set(err, "stopped; go on with: nomen train %s --run %s --seeds %zu --resume", config, group, plan->n);
        return STATUS_SIGNAL + *seeds->stop;
    }
    size_t n_stopped = count_state(seeds, SEED_STOPPED);
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
    if (!plan->quiet && !print_summary(seeds, losses, group, arena, err)) return command_failed(err);
    return command_done(err);
}

static int train_group(Seeds *seeds, bool *is_child, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->plan;
    if (!check_group(seeds, arena, err) || !check_runs(seeds, arena, err)) return command_failed(err);
    seeds->stop = start_listening(); // before anything is printed: its reader may be gone
    if (!begin_runs(seeds, arena, err)) return command_failed(err);
    if (!plan->quiet) command_note_config(plan->operand, plan->config_path);
    if (!plan->quiet && !start_print_plan(&seeds->first, err)) return command_failed(err);
    size_t n = seeds->n_replaced;
    if (!plan->quiet && n > 0)
        printf("%zu run%s of other seeds removed, as --force replaces the group\n", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < plan->n; i++) {
        const SeedRun *run = &seeds->runs[i];
        if (!plan->quiet) start_note_losses(&run->lost, &run->folder);
        if (run->state == SEED_WAS_FINISHED) show_run(seeds, run, NULL);
    }
    *is_child = train_all(seeds);
    return *is_child ? STATUS_OK : end(seeds, arena, err);
}

int train_seeds(const SeedsPlan *plan, Arena *arena, Error *err) {
    Error failure;
    Seeds seeds = {
        .plan = plan,
        .runs = arena_alloc(arena, plan->n, sizeof *seeds.runs, err),
        .workers = arena_alloc(arena, plan->n, sizeof *seeds.workers, err),
        .polled = arena_alloc(arena, plan->n, sizeof *seeds.polled, err),
        .side_by_side = plan->threads < plan->n ? plan->threads : plan->n,
        .is_live = terminal_is_live(),
        .failure = &failure,
    };
    if (!seeds.runs || !seeds.workers || !seeds.polled) return command_failed(err);
    kernels_use_threads(1); // a process that forks must not have threads
    bool is_child = false;
    int status = train_group(&seeds, &is_child, arena, err);
    if (!is_child) give_back(&seeds);
    return status;
}
