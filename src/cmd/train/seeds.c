#include "cmd/train/seeds.h"

#include "base/format.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "cmd/train/summary.h"
#include "kernels/threads.h"
#include "study/statistics.h"
#include "train/run_dir.h"

#include <math.h>
#include <string.h>
#include <time.h>

static size_t count(const Seeds *seeds, WorkerState state) {
    size_t n = 0;
    for (size_t i = 0; i < seeds->n; i++) n += seeds->runs[i].state == state;
    return n;
}

static bool check_seeds(const Seeds *seeds, Arena *arena, Error *err) {
    const Config *config = seeds->config;
    RunDir dir;
    if (config->model.is_ngram)
        return error_set(err, "%s: counts do not depend on the seed; --seeds is for networks", config->path);
    if (config->data.random != RANDOM_LECTURES)
        return error_set(err,
                         "%s: random: \"%s\" splits the names by the seed, so that runs of several seeds have "
                         "different splits; --seeds needs \"lectures\"",
                         config->path, config->random);
    if (config->seed > WHOLE_MAX - (seeds->n - 1))
        return error_set(err, "%s: seed: %llu and %zu after it go beyond %llu", config->path,
                         (unsigned long long)config->seed, seeds->n - 1, WHOLE_MAX);
    if (!path_check(seeds->group, PATH_DIR, err) || !run_dir(&dir, seeds->group, arena, err)) return false;
    return !run_dir_is_run(&dir) ||
           error_set(err, "%s: a run of one seed exists there; --run names another", seeds->group);
}

static bool remove_run(const char *path, bool only_check, Arena *arena, Error *err) {
    RunDir dir;
    DirLock lock = {0};
    if (path_is_link(path))
        return error_set(err, "%s: a symbolic link to a run elsewhere, which --force does not remove; remove the link",
                         path);
    bool ok = run_dir(&dir, path, arena, err) && dir_lock(&lock, path, err) && run_check_ours(&dir, err) &&
              (only_check || run_dir_remove(&dir, err));
    dir_unlock(&lock);
    return ok;
}

// Removes the runs GROUP/seed-N of other seeds, so that they are not compared with the new ones. If one cannot be
// removed, or a run of these seeds cannot be replaced, all stay.
static bool remove_other_runs(const Seeds *seeds, Arena *arena, Error *err) {
    Texts found;
    uint64_t seed, first = seeds->config->seed;
    size_t n_removed = 0;
    if (!group_runs(seeds->group, &found, arena, err)) return false;
    for (int only_check = 1; only_check >= 0; only_check--)
        for (size_t i = 0; i < found.n; i++) {
            if (!group_seed_of(found.items[i], &seed)) continue;
            bool is_other = seed < first || seed - first >= seeds->n;
            if ((only_check || is_other) && !remove_run(found.items[i], only_check, arena, err)) return false;
            n_removed += !only_check && is_other;
        }
    if (n_removed > 0 && !seeds->quiet)
        command_note("%s: --force removed %zu run%s of other seeds", seeds->group, n_removed,
                     n_removed == 1 ? "" : "s");
    return true;
}

// Fills in the runs. Without --resume or --force none may exist yet.
static bool prepare_runs(Seeds *seeds, Arena *arena, Error *err) {
    seeds->side_by_side = seeds->threads < seeds->n ? seeds->threads : seeds->n;
    seeds->runs = workers_create(seeds->n, err);
    if (!seeds->runs) return false;
    for (size_t i = 0; i < seeds->n; i++) {
        Worker *run = &seeds->runs[i];
        *run = (Worker){.config = *seeds->config,
                        .dataset = &seeds->dataset,
                        .options = &seeds->options,
                        .threads = seeds->threads > seeds->n ? seeds->threads / seeds->n : 1,
                        .stop = seeds->stop};
        run->config.seed += i;
        const char *path = group_run_path(seeds->group, run->config.seed, arena, err);
        if (!path || !run_dir(&run->dir, path, arena, err) ||
            !run_dir_check_free(&run->dir, seeds->options.force || seeds->options.resume, err))
            return false;
    }
    return true;
}

static void show_progress(Seeds *seeds) {
    uint64_t steps = seeds->config->train.steps;
    double made = 0, all = (double)steps * (double)seeds->n;
    // A finished run may have made more steps than are asked for now.
    for (size_t i = 0; i < seeds->n; i++) made += fmin((double)seeds->runs[i].step, (double)steps);
    status_begin(&seeds->line);
    status_add(&seeds->line, "", "%3.0f%%", floor(100 * made / all));
    status_add(&seeds->line, "", "%zu of %zu runs done", count(seeds, WORKER_DONE), seeds->n);
    status_add(&seeds->line, "", "step %.0f/%.0f", made, all);
    status_show(&seeds->line);
}

// Prints how a run ended, in place of the status line.
static void show_end(Seeds *seeds, Worker *run) {
    const char *path = run->dir.path;
    unsigned long long seed = run->config.seed;
    char loss[FORMAT_BYTES];
    if (run->state == WORKER_FAILED && strncmp(run->failure.text, path, strlen(path)) != 0)
        error_context(&run->failure, "%s", path);
    if (seeds->quiet) return;
    status_clear(&seeds->line);
    if (run->state == WORKER_FAILED) {
        printf("seed %llu failed: %s\n", seed, run->failure.text);
    } else if (run->state == WORKER_STOPPED) {
        printf("seed %llu stopped at step %llu of %llu\n", seed, (unsigned long long)run->step,
               (unsigned long long)run->config.train.steps);
    } else {
        printf("seed %llu  train %s", seed, format_loss(run->row.train_loss, loss));
        if (!isnan(run->row.dev_loss)) printf("  dev %s", format_loss(run->row.dev_loss, loss));
        printf("  after %.1f s\n", run->row.seconds);
    }
    fflush(stdout);
}

// Trains all runs, `side_by_side` at a time. Returns true in the process of a run, at its end.
static bool train_all(Seeds *seeds) {
    static const struct timespec interval = {.tv_nsec = 50000000};
    Worker *end = seeds->runs + seeds->n;
    const volatile sig_atomic_t *stop = seeds->stop;
    bool is_passed_on = false;
    size_t n_running = 0;
    while (n_running > 0 || (count(seeds, WORKER_WAITS) > 0 && !*stop)) {
        for (Worker *run = seeds->runs; run < end && n_running < seeds->side_by_side && !*stop; run++) {
            if (run->state != WORKER_WAITS) continue;
            if (worker_start(run)) return true;
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
        if (!seeds->quiet && terminal_is_live()) show_progress(seeds);
    }
    status_clear(&seeds->line);
    return false;
}

// Prints mean and standard deviation of the losses, if the runs are comparable, and a command to try next.
static bool print_summary(const Seeds *seeds, const char *group, Arena *arena, Error *err) {
    const Worker *runs = seeds->runs;
    bool has_dev = seeds->dataset.parts[PART_DEV].end > seeds->dataset.parts[PART_DEV].begin, are_alike = true;
    double *losses = arena_alloc(arena, seeds->n, sizeof *losses, err);
    char mean[FORMAT_BYTES], sd[FORMAT_BYTES];
    if (!losses) return false;
    for (size_t i = 0; i < seeds->n; i++) {
        losses[i] = has_dev ? runs[i].row.dev_loss : runs[i].row.train_loss;
        are_alike = are_alike && isfinite(losses[i]) && runs[i].step <= seeds->config->train.steps;
    }
    Spread spread = spread_of(seeds->n, losses);
    if (are_alike && seeds->n > 1)
        printf("%s %s, standard deviation %s, over %zu seeds, in %s\n", has_dev ? "dev" : "train",
               format_loss(spread.mean, mean), format_loss(spread.sd, sd), seeds->n, group);
    printf("next: nomen compare %s\n", group);
    return true;
}

// Reports the outcome once every run has ended.
static bool conclude(const Seeds *seeds, Arena *arena, Error *err) {
    size_t n_failed = count(seeds, WORKER_FAILED), i = 0;
    size_t n_stopped = count(seeds, WORKER_STOPPED) + count(seeds, WORKER_WAITS);
    const char *group = path_quote(seeds->group, arena, err);
    const char *config = path_quote(seeds->runs[0].dir.config, arena, err);
    if (!group || !config) return false;
    if (n_stopped > 0 && (*seeds->stop || n_failed == 0)) {
        error_set(err, "%zu of %zu runs are not finished; continue with: nomen train %s --run %s --seeds %zu --resume",
                  n_stopped, seeds->n, config, group, seeds->n);
        return *seeds->stop ? error_stopped(err, *seeds->stop) : false;
    }
    if (n_failed > 0) {
        while (seeds->runs[i].state != WORKER_FAILED) i++;
        *err = seeds->runs[i].failure;
        if (seeds->n > 1) error_context(err, "%zu of %zu runs failed", n_failed, seeds->n);
        return false;
    }
    return seeds->quiet || print_summary(seeds, group, arena, err);
}

bool train_seeds(Seeds *seeds, Arena *arena, Error *err) {
    Trainer first;          // finds what is wrong with the config before a run starts
    kernels_use_threads(1); // a process that forks must not have threads
    if (!check_seeds(seeds, arena, err) || !dataset_load(&seeds->dataset, &seeds->config->data, NULL, arena, err))
        return false;
    if (!trainer_create(&first, seeds->config, &seeds->dataset, false, arena, err))
        return error_context(err, "%s", seeds->config->path);
    if (!prepare_runs(seeds, arena, err) || (seeds->options.force && !remove_other_runs(seeds, arena, err)))
        return false;
    if (!seeds->quiet) command_note_config(seeds->operand, seeds->config->path);
    if (!seeds->quiet) summary_print_plan(&first);
    return train_all(seeds) || conclude(seeds, arena, err);
}
