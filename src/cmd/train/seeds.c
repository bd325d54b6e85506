#include "cmd/train/seeds.h"

#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "cmd/train/seed_lines.h"
#include "cmd/train/summary.h"
#include "kernels/threads.h"
#include "train/group.h"

#include <string.h>
#include <time.h>

typedef struct Seeds {
    const SeedsPlan *plan;
    Dataset dataset;
    Worker *runs; // (plan->n)
    size_t side_by_side;
    bool is_live; // as Progress
    StatusLine line;
} Seeds;

static size_t count(const Seeds *seeds, WorkerState state) {
    return seed_lines_count(seeds->runs, seeds->plan->n, state);
}

static bool check_plan(const SeedsPlan *plan, Arena *arena, Error *err) {
    const Config *config = plan->config;
    RunDir dir;
    if (config->model.is_ngram)
        return error_set(err, "%s: counts draw nothing, so that every seed gives the same; --seeds is for networks",
                         config->path);
    if (config->seed > WHOLE_MAX - (plan->n - 1))
        return error_set(err, "%s: seed: %llu and %zu after it go beyond %llu", config->path,
                         (unsigned long long)config->seed, plan->n - 1, WHOLE_MAX);
    if (!path_check(plan->group, PATH_DIR, err) || !run_dir(&dir, plan->group, arena, err)) return false;
    return !run_dir_is_run(&dir) ||
           error_set(err, "%s: a run of one seed exists there; --run names another", plan->group);
}

// Removes every run GROUP/seed-N, so that runs of other seeds are not compared with the new ones. All are locked before
// the first goes. Returns the number of those with seeds that are not trained now.
static bool remove_runs(const SeedsPlan *plan, size_t *n_others, Arena *arena, Error *err) {
    GroupRuns found;
    uint64_t seed, first = plan->config->seed;
    size_t n = 0;
    if (!group_runs(plan->group, &found, arena, err)) return false;
    RunDir *dirs = arena_alloc(arena, found.n, sizeof *dirs, err);
    DirLock *locks = arena_alloc(arena, found.n, sizeof *locks, err);
    bool ok = dirs && locks;
    for (size_t i = 0; ok && i < found.n; i++) {
        const char *path = found.paths[i];
        if (!group_seed_of(path, &seed)) continue;
        if (path_is_link(path))
            ok = error_set(err,
                           "%s: a symbolic link to a run elsewhere, which --force does not remove; remove the "
                           "link",
                           path);
        *n_others += seed < first || seed - first >= plan->n;
        locks[n] = (DirLock){0};
        ok = ok && run_dir(&dirs[n], path, arena, err) && dir_lock(&locks[n], path, err) &&
             run_check_ours(&dirs[n], err);
        n++;
    }
    for (size_t i = 0; ok && i < n; i++) ok = run_dir_remove(&dirs[i], err);
    for (size_t i = 0; i < n; i++) dir_unlock(&locks[i]);
    return ok;
}

// Fills in the runs. Without --resume or --force none may exist yet.
static bool prepare_runs(Seeds *seeds, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->plan;
    Report *reports = worker_reports(plan->n, err);
    seeds->runs = arena_alloc(arena, plan->n, sizeof *seeds->runs, err);
    if (!reports || !seeds->runs) return false;
    for (size_t i = 0; i < plan->n; i++) {
        Worker *run = &seeds->runs[i];
        *run = (Worker){.config = *plan->config,
                        .dataset = &seeds->dataset,
                        .options = &plan->options,
                        .threads = plan->threads / seeds->side_by_side,
                        .stop = plan->stop,
                        .report = &reports[i]};
        run->config.seed += i;
        const char *path = group_run_path(plan->group, run->config.seed, arena, err);
        if (!path || !run_dir(&run->dir, path, arena, err) ||
            !run_dir_check_free(&run->dir, plan->options.force || plan->options.resume, err))
            return false;
    }
    return true;
}

static void show_end(Seeds *seeds, Worker *run) {
    Error *failure = &run->report->failure;
    const char *path = run->dir.path;
    if (run->report->state == WORKER_FAILED && strncmp(failure->text, path, strlen(path)) != 0)
        error_context(failure, "%s", path);
    if (!seeds->plan->quiet) seed_lines_run(&seeds->line, run);
}

// Trains all runs, `side_by_side` at a time. Returns true in the process of a run, at its end.
static bool train_all(Seeds *seeds) {
    static const struct timespec interval = {.tv_nsec = 50000000};
    Worker *end = seeds->runs + seeds->plan->n;
    const volatile sig_atomic_t *stop = seeds->plan->stop;
    bool is_passed_on = false;
    size_t n_running = 0;
    while (n_running > 0 || (count(seeds, WORKER_WAITS) > 0 && !*stop)) {
        for (Worker *run = seeds->runs; run < end && n_running < seeds->side_by_side && !*stop; run++) {
            if (run->report->state != WORKER_WAITS) continue;
            worker_start(run);
            if (run->pid == 0) return true;
            if (run->pid < 0) show_end(seeds, run);
            n_running += run->pid > 0;
        }
        for (Worker *run = seeds->runs; run < end && *stop && !is_passed_on; run++)
            if (run->pid > 0) kill(run->pid, *stop);
        is_passed_on = *stop != 0;
        nanosleep(&interval, NULL);
        for (Worker *run = seeds->runs; run < end; run++) {
            if (run->pid <= 0 || !worker_has_ended(run)) continue;
            n_running--;
            show_end(seeds, run);
        }
        if (!seeds->plan->quiet && seeds->is_live) seed_lines_progress(&seeds->line, seeds->runs, seeds->plan->n);
    }
    status_clear(&seeds->line);
    return false;
}

// Reports the outcome once every run has ended.
static bool end(const Seeds *seeds, Arena *arena, Error *err) {
    const SeedsPlan *plan = seeds->plan;
    size_t n_failed = count(seeds, WORKER_FAILED), n_stopped = count(seeds, WORKER_STOPPED), i = 0;
    const char *group = command_quote(plan->group, arena, err);
    const char *config = command_quote(seeds->runs[0].dir.config, arena, err);
    if (!group || !config) return false;
    if (*plan->stop && n_stopped + count(seeds, WORKER_WAITS) > 0) {
        error_set(err, "stopped; continue with: nomen train %s --run %s --seeds %zu --resume", config, group, plan->n);
        return error_stopped(err, *plan->stop);
    }
    if (n_failed > 0) {
        while (seeds->runs[i].report->state != WORKER_FAILED) i++;
        *err = seeds->runs[i].report->failure;
        if (plan->n > 1) error_context(err, "%zu of %zu runs failed", n_failed, plan->n);
        return false;
    }
    if (n_stopped > 0)
        return error_set(err, "%zu of %zu runs stopped; continue with: nomen train %s --run %s --seeds %zu --resume",
                         n_stopped, plan->n, config, group, plan->n);
    bool has_dev = seeds->dataset.parts[PART_DEV].end > seeds->dataset.parts[PART_DEV].begin;
    if (!plan->quiet && !seed_lines_summary(plan->group, seeds->runs, plan->n, has_dev, arena, err)) return false;
    return command_done(err);
}

bool train_seeds(const SeedsPlan *plan, Arena *arena, Error *err) {
    Trainer first; // finds what is wrong with the config before a run starts
    size_t n_others = 0;
    Seeds seeds = {
        .plan = plan,
        .side_by_side = plan->threads < plan->n ? plan->threads : plan->n,
        .is_live = terminal_is_live(),
    };
    kernels_use_threads(1); // a process that forks must not have threads
    if (!check_plan(plan, arena, err) || !dataset_load(&seeds.dataset, &plan->config->data, NULL, arena, err))
        return false;
    if (!trainer_create(&first, plan->config, &seeds.dataset, false, arena, err))
        return error_context(err, "%s", plan->config->path);
    if (!prepare_runs(&seeds, arena, err) || (plan->options.force && !remove_runs(plan, &n_others, arena, err)))
        return false;
    if (!plan->quiet) command_note_config(plan->operand, plan->config->path);
    if (!plan->quiet && !summary_print_plan(&first, err)) return false;
    if (!plan->quiet && n_others > 0)
        printf("%zu run%s of other seeds removed, as --force replaces the group\n", n_others, n_others == 1 ? "" : "s");
    return train_all(&seeds) || end(&seeds, arena, err);
}
