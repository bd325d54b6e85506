#include "cmd/train/group.h"

#include "base/format.h"
#include "cmd/share/command.h"
#include "cmd/share/comparison.h"
#include "cmd/share/terminal.h"
#include "cmd/train/summary.h"
#include "kernels/threads.h"
#include "study/describe.h"
#include "study/statistics.h"
#include "train/run_dir.h"

#include <math.h>
#include <string.h>
#include <time.h>

static size_t count(const Group *group, WorkerState state) {
    size_t n = 0;
    for (size_t i = 0; i < group->n; i++) n += group->runs[i].state == state;
    return n;
}

static bool has_sweep(const Group *group) { return group->sweeps->n > 0; }

static bool check_seeds(const Config *config, size_t n, Error *err) {
    if (config->model.is_ngram)
        return error_set(err, "%s: counts do not depend on the seed; --seeds is for networks", config->path);
    if (config->data.random != RANDOM_LECTURES)
        return error_set(err,
                         "%s: random: \"%s\" splits the names by the seed, so that runs of several seeds have "
                         "different splits; --seeds needs \"lectures\"",
                         config->path, config->random);
    return config->seed <= WHOLE_MAX - (n - 1) ||
           error_set(err, "%s: seed: expected %llu or less for %zu seeds, found %llu", config->path,
                     WHOLE_MAX - (n - 1), n, (unsigned long long)config->seed);
}

// Returns false if the directory, which is for several runs, holds a run itself.
static bool check_no_run(const char *path, Arena *arena, Error *err) {
    RunDir dir;
    if (!path_check(path, PATH_DIR, err) || !run_dir(&dir, path, arena, err)) return false;
    return !run_dir_is_run(&dir) || error_set(err, "%s: a single run exists there; --run names another", path);
}

// Loads the names of variant v, or takes those of an earlier one that reads and splits the same file alike.
static bool load_names(const Group *group, size_t v, Arena *arena, Error *err) {
    Variant *variant = &group->variants[v];
    const DataConfig *data = &variant->config.data;
    for (const Variant *other = group->variants; other < variant && !variant->dataset; other++)
        if (strcmp(other->config.data.path, data->path) == 0 && data_same_split(&other->config.data, data))
            variant->dataset = other->dataset;
    if (variant->dataset) return true;
    Dataset *dataset = arena_alloc(arena, 1, sizeof *dataset, err);
    variant->dataset = dataset;
    return dataset && dataset_load(dataset, data, WORLD_ALONE, NULL, arena, err);
}

// Finds what is wrong with a config before a run starts. The trainer is created in memory of `arena`.
static bool check_variant(const Group *group, size_t v, Trainer *trainer, Arena *arena, Error *err) {
    const Variant *variant = &group->variants[v];
    const Config *config = &variant->config;
    if (trainer_create(trainer, config, variant->dataset, false, arena, err)) return true;
    return has_sweep(group) ? error_context(err, "%s: %s", config->path, variant->name)
                            : error_context(err, "%s", config->path);
}

static bool check_variants(const Group *group, Trainer *first, Arena *arena, Error *err) {
    if (!check_no_run(group->path, arena, err)) return false;
    for (size_t v = 0; v < group->n_variants; v++) {
        const Variant *variant = &group->variants[v];
        if (group->n_seeds > 0 &&
            (!check_seeds(&variant->config, group->n_seeds, err) || !check_no_run(variant->path, arena, err)))
            return false;
    }
    for (size_t v = 0; v < group->n_variants; v++) {
        Arena scratch = {0};
        Trainer other;
        bool ok = load_names(group, v, arena, err) &&
                  check_variant(group, v, v == 0 ? first : &other, v == 0 ? arena : &scratch, err);
        arena_free(&scratch);
        if (!ok) return false;
    }
    return true;
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

// Removes the runs PATH/seed-N of other seeds, so that they are not compared with the new ones. If one cannot be
// removed, or a run of these seeds cannot be replaced, all stay.
static bool remove_other_runs(const Group *group, const Variant *variant, Arena *arena, Error *err) {
    Texts found;
    uint64_t seed, first = variant->config.seed;
    size_t n_removed = 0;
    if (!group_runs(variant->path, &found, arena, err)) return false;
    for (int only_check = 1; only_check >= 0; only_check--)
        for (size_t i = 0; i < found.n; i++) {
            if (!group_seed_of(found.items[i], &seed)) continue;
            bool is_other = seed < first || seed - first >= group->n_seeds;
            if ((only_check || is_other) && !remove_run(found.items[i], only_check, arena, err)) return false;
            n_removed += !only_check && is_other;
        }
    if (n_removed > 0 && !group->quiet)
        command_note("%s: --force removed %zu run%s of other seeds", variant->path, n_removed,
                     n_removed == 1 ? "" : "s");
    return true;
}

// Fills in a run: its label and its directory.
static bool name_run(const Group *group, Worker *run, const Variant *variant, Arena *arena, Error *err) {
    const char *path = variant->path;
    run->label = variant->name;
    if (group->n_seeds > 0) {
        run->label = arena_format(arena, err, "%s%sseed %llu", variant->name, has_sweep(group) ? " " : "",
                                  (unsigned long long)run->config.seed);
        path = group_run_path(path, run->config.seed, arena, err);
    }
    return run->label && path && run_dir(&run->dir, path, arena, err);
}

// Fills in the runs. Without --resume or --force none may exist yet.
static bool prepare_runs(Group *group, Arena *arena, Error *err) {
    size_t seeds = group->n_seeds > 0 ? group->n_seeds : 1, n = group->n = group->n_variants * seeds;
    group->side_by_side = group->threads < n ? group->threads : n;
    group->runs = workers_create(n, err);
    if (!group->runs) return false;
    for (size_t i = 0; i < n; i++) {
        Worker *run = &group->runs[i];
        const Variant *variant = &group->variants[i / seeds];
        *run = (Worker){.config = variant->config,
                        .dataset = variant->dataset,
                        .options = &group->options,
                        .threads = group->threads > n ? group->threads / n : 1,
                        .stop = group->stop};
        run->config.seed += i % seeds;
        if (!name_run(group, run, variant, arena, err) ||
            !run_dir_check_free(&run->dir, group->options.force || group->options.resume, err))
            return false;
    }
    for (size_t v = 0; v < group->n_variants && group->n_seeds > 0 && group->options.force; v++)
        if (!remove_other_runs(group, &group->variants[v], arena, err)) return false;
    return true;
}

static void show_progress(Group *group) {
    double made = 0, all = 0;
    for (size_t i = 0; i < group->n; i++) {
        const Worker *run = &group->runs[i];
        double steps = (double)run->config.train.steps; // 0 for counts
        // A finished run may have made more steps than are asked for now.
        made += fmin((double)run->step, steps);
        all += steps;
    }
    status_begin(&group->line);
    if (all > 0) status_add(&group->line, "", "%3.0f%%", floor(100 * made / all));
    status_add(&group->line, "", "%zu of %zu runs done", count(group, WORKER_DONE), group->n);
    if (all > 0) status_add(&group->line, "", "step %.0f/%.0f", made, all);
    status_show(&group->line);
}

// Prints how a run ended, in place of the status line.
static void show_end(Group *group, Worker *run) {
    const char *path = run->dir.path;
    char loss[FORMAT_BYTES];
    if (run->state == WORKER_FAILED && strncmp(run->failure.text, path, strlen(path)) != 0)
        error_context(&run->failure, "%s", path);
    if (group->quiet) return;
    status_clear(&group->line);
    if (run->state == WORKER_FAILED) {
        printf("%s failed: %s\n", run->label, run->failure.text);
    } else if (run->state == WORKER_STOPPED) {
        printf("%s stopped at step %llu of %llu\n", run->label, (unsigned long long)run->step,
               (unsigned long long)run->config.train.steps);
    } else {
        printf("%s  train %s", run->label, format_loss(run->row.train_loss, loss));
        if (!isnan(run->row.dev_loss)) printf("  dev %s", format_loss(run->row.dev_loss, loss));
        char noise[DESCRIBE_NOISE_BYTES];
        if (describe_noise(run->row.train_loss, run->dataset->vocab.n, noise))
            printf(" (noise: above uniform guessing)");
        printf("  after %.1f s\n", run->row.seconds);
    }
    fflush(stdout);
}

// Trains all runs, `side_by_side` at a time. Returns true in the process of a run, at its end.
static bool train_all(Group *group) {
    static const struct timespec interval = {.tv_nsec = 50000000};
    Worker *end = group->runs + group->n;
    const volatile sig_atomic_t *stop = group->stop;
    bool is_passed_on = false;
    size_t n_running = 0;
    while (n_running > 0 || (count(group, WORKER_WAITS) > 0 && !*stop)) {
        for (Worker *run = group->runs; run < end && n_running < group->side_by_side && !*stop; run++) {
            if (run->state != WORKER_WAITS) continue;
            if (worker_start(run)) return true;
            if (run->pid < 0) show_end(group, run);
            n_running += run->pid > 0;
        }
        for (Worker *run = group->runs; run < end && *stop && !is_passed_on; run++)
            if (run->pid > 0) kill(run->pid, *stop);
        is_passed_on = *stop != 0;
        nanosleep(&interval, NULL);
        for (Worker *run = group->runs; run < end; run++) {
            if (run->pid <= 0 || !worker_has_ended(run)) continue;
            n_running--;
            show_end(group, run);
        }
        if (!group->quiet && terminal_is_live()) show_progress(group);
    }
    status_clear(&group->line);
    return false;
}

// Prints mean and standard deviation of the losses, if the runs are comparable, and a command to try next.
static bool print_spread(const Group *group, Arena *arena, Error *err) {
    const Worker *runs = group->runs;
    const Dataset *dataset = runs[0].dataset;
    bool has_dev = dataset->parts[PART_DEV].end > dataset->parts[PART_DEV].begin, are_alike = true;
    const char *path = path_quote(group->path, arena, err);
    double *losses = arena_alloc(arena, group->n, sizeof *losses, err);
    char mean[FORMAT_BYTES], sd[FORMAT_BYTES];
    if (!path || !losses) return false;
    for (size_t i = 0; i < group->n; i++) {
        losses[i] = has_dev ? runs[i].row.dev_loss : runs[i].row.train_loss;
        are_alike = are_alike && isfinite(losses[i]) && runs[i].step <= runs[i].config.train.steps;
    }
    Spread spread = spread_of(group->n, losses);
    if (are_alike && group->n > 1)
        printf("%s %s, standard deviation %s, over %zu seeds, in %s\n", has_dev ? "dev" : "train",
               format_loss(spread.mean, mean), format_loss(spread.sd, sd), group->n, path);
    printf("next: nomen compare %s\n", path);
    return true;
}

static bool is_done(const Group *group, size_t v) {
    size_t seeds = group->n / group->n_variants;
    for (size_t i = 0; i < seeds; i++)
        if (group->runs[v * seeds + i].state != WORKER_DONE) return false;
    return true;
}

// Prints the run with the lowest loss, and a command to try next.
static bool print_lowest(const Group *group, Arena *arena, Error *err) {
    const Worker *end = group->runs + group->n, *lowest = NULL;
    double least = INFINITY;
    bool has_dev = true;
    for (const Worker *run = group->runs; run < end; run++)
        has_dev = has_dev && (run->state != WORKER_DONE || !isnan(run->row.dev_loss));
    for (const Worker *run = group->runs; run < end; run++) {
        double loss = has_dev ? run->row.dev_loss : run->row.train_loss;
        if (run->state != WORKER_DONE || !(loss < least)) continue;
        least = loss;
        lowest = run;
    }
    const char *path = lowest ? path_quote(lowest->dir.path, arena, err) : "";
    if (!path) return false;
    if (lowest) printf("\nlowest %s loss: %s; next: nomen sample %s\n", has_dev ? "dev" : "train", lowest->label, path);
    return true;
}

// Prints the table of nomen compare for the variants without a failure.
static bool print_comparison(const Group *group, Arena *arena, Error *err) {
    const char **paths = arena_alloc(arena, group->n_variants, sizeof *paths, err);
    size_t n = 0;
    if (!paths) return false;
    for (size_t v = 0; v < group->n_variants; v++)
        if (is_done(group, v)) paths[n++] = group->variants[v].path;
    if (n == 0) return true;
    putchar('\n');
    kernels_use_threads(group->threads);
    return comparison_print(n, paths, NULL, false, false, arena, err) && print_lowest(group, arena, err);
}

// Sets err to the command that continues the unfinished runs. The config of a run holds every option of this call but
// --sweep and --seeds.
static bool set_unfinished(const Group *group, size_t n, Arena *arena, Error *err) {
    Buffer options = {.arena = arena};
    for (size_t i = 0; i < group->sweeps->n; i++) {
        const char *sweep = path_quote(group->sweeps->items[i], arena, err);
        if (!sweep) return false;
        buffer_print(&options, " --sweep %s", sweep);
    }
    if (group->n_seeds > 0) buffer_print(&options, " --seeds %zu", group->n_seeds);
    const char *words = buffer_text(&options, err), *path = path_quote(group->path, arena, err);
    const char *config = path_quote(group->runs[0].dir.config, arena, err);
    if (words && path && config)
        error_set(err, "%zu of %zu runs are not finished; continue with: nomen train %s --run %s%s --resume", n,
                  group->n, config, path, words);
    return *group->stop ? error_stopped(err, *group->stop) : false;
}

// Reports the outcome once every run has ended. show_end has printed each failure, unless it is quiet.
static bool conclude(const Group *group, Arena *arena, Error *err) {
    size_t n_failed = count(group, WORKER_FAILED), i = 0;
    size_t n_stopped = count(group, WORKER_STOPPED) + count(group, WORKER_WAITS);
    if (n_stopped > 0 && (*group->stop || n_failed == 0)) return set_unfinished(group, n_stopped, arena, err);
    if (has_sweep(group) && !group->quiet && !print_comparison(group, arena, err)) return false;
    if (n_failed > 0) {
        if (!group->quiet) return error_set(err, "%zu of %zu runs failed", n_failed, group->n);
        while (group->runs[i].state != WORKER_FAILED) i++;
        *err = group->runs[i].failure;
        return error_context(err, "%zu of %zu runs failed", n_failed, group->n);
    }
    return group->quiet || has_sweep(group) || print_spread(group, arena, err);
}

bool train_group(Group *group, Arena *arena, Error *err) {
    Trainer first;
    kernels_use_threads(1); // a process that forks must not have threads
    if (!check_variants(group, &first, arena, err) || !prepare_runs(group, arena, err)) return false;
    const Config *config = &group->variants[0].config;
    const char *name = config->name;
    if (has_sweep(group)) name = arena_format(arena, err, "%s, %s", name, group->variants[0].name);
    if (!name) return false;
    if (!group->quiet) command_note_config(group->operand, config->path);
    if (!group->quiet) summary_print_plan(&first, name);
    return train_all(group) || conclude(group, arena, err);
}
