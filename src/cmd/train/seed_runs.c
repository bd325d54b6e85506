#include "cmd/train/seed_runs.h"

#include "train/best.h"
#include "train/group.h"

#include <math.h>

static bool check_is_no_run(const SeedRuns *all, Error *err) {
    return !run_dir_is_run(&all->dir) ||
           error_set(err, "%s: there is a run already, and none of several seeds; --run names another", all->dir.path);
}

// The group's directory must be none of another kind.
static bool check_group(SeedRuns *all, Arena *arena, Error *err) {
    const SeedsPlan *plan = all->plan;
    const Config *config = plan->config;
    if (config->model.is_ngram)
        return error_set(err, "%s: counts draw nothing, so that every seed gives the same; --seeds is for networks",
                         plan->config_path);
    if (config->seed > WHOLE_MAX - (plan->n - 1))
        return error_set(err, "%s: seed: %llu and %zu after it go beyond %llu", plan->config_path,
                         (unsigned long long)config->seed, plan->n - 1, WHOLE_MAX);
    if (!path_check(plan->group, PATH_DIR, err) || !run_dir(&all->dir, plan->group, arena, err)) return false;
    if (path_kind(plan->group) == PATH_DIR && !dir_lock(&all->dir.lock, plan->group, err)) return false;
    return check_is_no_run(all, err);
}

// What it came to; a record that cannot be read is no reason to stop the others.
static void take_finished(SeedRun *run, const Trainer *trainer) {
    Error unreadable;
    bool found;
    run->state = SEED_WAS_FINISHED;
    run->best_dev_loss = trainer->state.best_dev_loss;
    run->saved_dev_loss = trainer->saved_dev_loss;
    run->row = (MetricsRow){.train_loss = NAN, .dev_loss = NAN};
    metrics_last_measured(run->dir.metrics, &run->row, &found, &unreadable);
}

// Nobody has named it: it goes for being there, and so it must be a run, and lie there itself.
static bool can_remove(const RunDir *dir, Error *err) {
    if (path_is_link(dir->path))
        return error_set(err, "%s: a symbolic link to a run elsewhere, which --force does not remove; remove the link",
                         dir->path);
    return run_dir_is_ours(dir, err) && run_dir_can_begin(dir, err);
}

// Every directory that is to be written to, and those that are to go.
static bool check_dirs(SeedRuns *all, Arena *arena, Error *err) {
    const SeedsPlan *plan = all->plan;
    for (size_t i = 0; i < plan->n; i++)
        if (all->runs[i].state == SEED_WAITS && !run_dir_can_begin(&all->runs[i].dir, err)) return false;
    if (!plan->start.force) return true;
    GroupRuns others;
    if (!group_other_seeds(plan->group, plan->config->seed, plan->n, &others, arena, err)) return false;
    all->replaced = arena_alloc(arena, others.n, sizeof *all->replaced, err);
    for (; all->replaced && all->n_replaced < others.n; all->n_replaced++) {
        RunDir *dir = &all->replaced[all->n_replaced];
        if (!run_dir(dir, others.paths[all->n_replaced], arena, err) || !can_remove(dir, err) ||
            !dir_lock(&dir->lock, dir->path, err))
            return false;
    }
    return all->replaced && (all->n_replaced == 0 || dir_is_writable(plan->group, err));
}

static bool check_runs(SeedRuns *all, Arena *arena, Error *err) {
    const SeedsPlan *plan = all->plan;
    for (size_t i = 0; i < plan->n; i++) {
        SeedRun *run = &all->runs[i];
        run->config = *plan->config;
        run->config.seed += i;
        const char *path = group_run_path(plan->group, run->config.seed, arena, err);
        if (!path || !run_dir(&run->dir, path, arena, err) || !start_dir(&plan->start, &run->dir, &run->resumes, err))
            return false;
    }
    if (!dataset_load(&all->dataset, &plan->config->data, NULL, arena, err)) return false;
    for (size_t i = 0; i < plan->n; i++) {
        SeedRun *run = &all->runs[i];
        if (i > 0 && !run->resumes) continue;
        Arena scratch = {0};
        Trainer other, *trainer = i == 0 ? &all->first : &other;
        bool ok = start_trainer(trainer, &run->config, plan->config_path, &all->dataset, &run->dir, run->resumes,
                                &plan->start, i == 0 ? arena : &scratch, err);
        if (ok) run->step = trainer->state.step, run->lost = trainer->lost;
        if (ok && run->resumes && trainer_is_finished(trainer, &run->dir)) take_finished(run, trainer);
        arena_free(&scratch);
        if (!ok) return false;
    }
    return check_dirs(all, arena, err);
}

bool seed_runs_check(SeedRuns *all, Arena *arena, Error *err) {
    return check_group(all, arena, err) && check_runs(all, arena, err);
}

// Every directory is made and taken before anything in one is removed.
static bool take_dirs(SeedRuns *all, Error *err) {
    RunDir *dir = &all->dir;
    if (!dir_make(dir->path, err) || !dir_lock(&dir->lock, dir->path, err) || !check_is_no_run(all, err)) return false;
    for (size_t i = 0; i < all->plan->n; i++) {
        SeedRun *run = &all->runs[i];
        if (run->state == SEED_WAITS && !start_taking(&all->plan->start, &run->dir, run->resumes, err)) return false;
    }
    return true;
}

bool seed_runs_begin(SeedRuns *all, Error *err) {
    if (!take_dirs(all, err)) return false;
    for (size_t i = 0; i < all->n_replaced; i++)
        if (!run_dir_remove(&all->replaced[i], err)) return false;
    for (size_t i = 0; i < all->plan->n; i++) {
        SeedRun *run = &all->runs[i];
        if (!(run->state == SEED_WAITS ? start_writing(&run->dir, &run->config, run->resumes, err)
                                       : best_settle(&run->dir, run->saved_dev_loss, err)))
            return false;
    }
    return true;
}

void seed_runs_give_back(SeedRuns *all) {
    for (size_t i = 0; i < all->plan->n; i++) start_release(&all->runs[i].dir);
    for (size_t i = 0; i < all->n_replaced; i++) start_release(&all->replaced[i]);
    start_release(&all->dir);
}

size_t seed_runs_count(const SeedRuns *all, SeedState state) {
    size_t n = 0;
    for (size_t i = 0; i < all->plan->n; i++) n += all->runs[i].state == state;
    return n;
}
