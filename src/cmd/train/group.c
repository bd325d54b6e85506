#include "cmd/train/group.h"

#include "cmd/share/command.h"
#include "cmd/train/outcome.h"
#include "cmd/train/summary.h"
#include "cmd/train/workers.h"
#include "kernels/threads.h"

#include <string.h>

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

// Loads the names and checks all variants. The trainer of the first is created in memory of `scratch`.
static bool check_variants(const Group *group, Trainer *first, Arena *arena, Arena *scratch, Error *err) {
    if (!check_no_run(group->path, arena, err)) return false;
    for (size_t v = 0; v < group->n_variants; v++) {
        const Variant *variant = &group->variants[v];
        if (group->n_seeds > 0 &&
            (!check_seeds(&variant->config, group->n_seeds, err) || !check_no_run(variant->path, arena, err)))
            return false;
    }
    for (size_t v = 0; v < group->n_variants; v++) {
        Arena passing = {0};
        Trainer other;
        bool ok = load_names(group, v, arena, err) &&
                  check_variant(group, v, v == 0 ? first : &other, v == 0 ? scratch : &passing, err);
        arena_free(&passing);
        if (!ok) return false;
    }
    return true;
}

// Checks that all processes train the same runs on the same names.
static bool agree_on_jobs(const Group *group, World world, Arena *arena, Error *err) {
    Buffer text = {.arena = arena};
    for (size_t v = 0; v < group->n_variants; v++) {
        config_write_without_path(&group->variants[v].config, &text);
        buffer_print(&text, "%s", group->variants[v].dataset->sha256);
    }
    return buffer_text(&text, err) && world_agree_on(world, "config or names file", text.bytes, text.n, err);
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

// Fills in the label and the directory of a job.
static bool name_job(const Group *group, Job *job, const Variant *variant, Arena *arena, Error *err) {
    const char *path = variant->path;
    job->label = variant->name;
    if (group->n_seeds > 0) {
        job->label = arena_format(arena, err, "%s%sseed %llu", variant->name, has_sweep(group) ? " " : "",
                                  (unsigned long long)job->config.seed);
        path = group_run_path(path, job->config.seed, arena, err);
    }
    return job->label && path && run_dir(&job->dir, path, arena, err);
}

static bool create_jobs(Group *group, Arena *arena, Error *err) {
    size_t seeds = group->n_seeds > 0 ? group->n_seeds : 1;
    group->n = group->n_variants * seeds;
    group->n_at_a_time = group->threads < group->n ? group->threads : group->n;
    if (!world_may_fork() || group->n_at_a_time == 0) group->n_at_a_time = 1; // 0 never, but clang-tidy cannot know
    group->jobs = jobs_create(group->n, err);
    for (size_t i = 0; group->jobs && i < group->n; i++) {
        Job *job = &group->jobs[i];
        const Variant *variant = &group->variants[i / seeds];
        *job = (Job){.config = variant->config,
                     .dataset = variant->dataset,
                     .options = &group->options,
                     .threads = group->threads / group->n_at_a_time,
                     .stop = group->stop};
        job->config.seed += i % seeds;
        if (!name_job(group, job, variant, arena, err)) return false;
    }
    return group->jobs != NULL;
}

// Checks that no run is in the way, and removes those that --force replaces.
static bool clear_way(const Group *group, Arena *arena, Error *err) {
    for (size_t i = 0; i < group->n; i++)
        if (!run_dir_check_free(&group->jobs[i].dir, group->options.force || group->options.resume, err)) return false;
    for (size_t v = 0; v < group->n_variants && group->n_seeds > 0 && group->options.force; v++)
        if (!remove_other_runs(group, &group->variants[v], arena, err)) return false;
    return true;
}

// Fills in the jobs. Only process 0 changes directories, once all processes agree.
static bool prepare(Group *group, World world, Trainer *first, Arena *arena, Arena *scratch, Error *err) {
    const Variant *variant = &group->variants[0];
    bool ok = check_variants(group, first, arena, scratch, err) && create_jobs(group, arena, err);
    if (!world_agree(world, ok, err) || !agree_on_jobs(group, world, arena, err)) return false;
    ok = world.rank > 0 || clear_way(group, arena, err);
    if (!world_agree(world, ok, err)) return false;
    const char *name = variant->config.name;
    if (has_sweep(group)) name = arena_format(arena, err, "%s, %s", name, variant->name);
    if (name && !group->quiet) command_note_config(group->operand, variant->config.path);
    if (name && !group->quiet) summary_print_plan(first, name);
    return name != NULL;
}

bool train_group(Group *group, Arena *arena, Error *err) {
    const World world = world_here();
    Arena scratch = {0};
    Trainer first;
    kernels_use_threads(1); // a process that forks must not have threads
    bool ok = prepare(group, world, &first, arena, &scratch, err);
    arena_free(&scratch);
    if (!ok) return false;
    if (!world_may_fork())
        train_in_world(group, world);
    else if (train_in_children(group))
        return true;
    ok = world.rank > 0 || outcome_print(group, arena, err);
    return world_follow(world, ok, err);
}

size_t group_count(const Group *group, JobState state) {
    size_t n = 0;
    for (size_t i = 0; i < group->n; i++) n += group->jobs[i].report.state == state;
    return n;
}

Job *group_take(Group *group) {
    if (group->n_taken == group->n || *group->stop) return NULL;
    Job *job = &group->jobs[group->n_taken++];
    job->report.state = JOB_TRAINS;
    return job;
}
