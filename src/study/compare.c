#include "study/compare.h"

#include "train/evaluate.h"
#include "train/load.h"
#include "train/run_dir.h"

#include <math.h>
#include <string.h>

static const double LEVEL = 0.05;

static const char *model_file(const char *run, bool best, Arena *arena, Error *err) {
    RunDir dir;
    if (!best || path_kind(run) != PATH_DIR) return run_find_model(run, arena, err);
    return run_dir(&dir, run, arena, err) && path_check(dir.best, PATH_FILE, err) ? dir.best : NULL;
}

bool compare_find(GroupFiles *group, const char *path, bool best, Arena *arena, Error *err) {
    RunDir dir;
    Texts runs = {0};
    *group = (GroupFiles){.path = path, .n = 1};
    if (!run_dir(&dir, path, arena, err)) return false;
    bool may_be_group = path_kind(path) == PATH_DIR && !run_dir_is_run(&dir);
    if (may_be_group && !group_runs(path, &runs, arena, err)) return false;
    group->is_group = runs.n > 0;
    if (group->is_group) group->n = runs.n;
    group->files = arena_alloc(arena, group->n, sizeof *group->files, err);
    if (!group->files) return false;
    for (size_t i = 0; i < group->n; i++) {
        group->files[i] = model_file(group->is_group ? runs.items[i] : path, best, arena, err);
        if (!group->files[i]) return false;
    }
    return true;
}

// The first run of a group, and the data on which all its runs are measured.
typedef struct GroupData {
    SavedModel first;
    Dataset dataset;
} GroupData;

static bool load_data(GroupData *data, GroupResult *group, Arena *arena, Error *err) {
    const Checkpoint *file = &data->first.file;
    const DataConfig *config = &data->first.config.data;
    if (!load_dataset(file, config, WORLD_ALONE, false, &data->dataset, arena, err))
        return error_context(err, "%s", file->path);
    group->data = *config;
    group->data.path = NULL;
    group->n_parameters = data->first.model.is_ngram ? 0 : data->first.model.network.n_parameters;
    group->n_symbols = data->dataset.vocab.n;
    memcpy(group->data_sha256, data->dataset.sha256, sizeof group->data_sha256);
    for (size_t p = 0; p < N_PARTS; p++)
        group->examples[p] = count_targets(&data->first.model, &data->dataset, (Part)p);
    return true;
}

static bool check_member(const GroupResult *group, size_t i, const SavedModel *first, const SavedModel *run,
                         Error *err) {
    const char *path = run->file.path;
    if (!config_same_but_seed(&first->config, &run->config, err)) {
        Error why = *err;
        return error_set(err, "%s: the runs of a group may differ only in their seed: %s; %s/* names each as one run",
                         path, why.text, group->files.path);
    }
    if (strcmp(first->file.data_sha256, run->file.data_sha256) != 0)
        return error_set(err, "%s: it was trained on another names file than %s", path, first->file.path);
    for (size_t k = 0; k < i; k++)
        if (group->seeds[k] == run->config.seed)
            return error_set(err, "%s: it has the same seed as %s, %llu, so they are the same run", path,
                             group->files.files[k], (unsigned long long)run->config.seed);
    return true;
}

static bool measure_run(GroupResult *group, size_t i, double *seconds, GroupData *data, Arena *arena, Error *err) {
    SavedModel other, *run = i == 0 ? &data->first : &other;
    if (!load_model_file(run, group->files.files[i], arena, err)) return false;
    if (i == 0 && !load_data(data, group, arena, err)) return false;
    if (!check_member(group, i, &data->first, run, err)) return false;
    const TrainState *state = &run->file.state;
    bool is_best = !(state->seconds > 0); // a best.safetensors, which does not know the end of its training
    group->seeds[i] = run->config.seed;
    *seconds = is_best ? (double)NAN : state->seconds;
    group->n_unfinished += !is_best && !train_state_is_finished(state, &run->config.train);
    for (size_t p = 0; p < N_PARTS; p++)
        if (group->examples[p] > 0 && !evaluate_part(&run->model, &data->dataset, (Part)p, &group->losses[p][i], err))
            return false;
    return true;
}

bool compare_measure(GroupResult *group, const GroupFiles *files, Arena *arena, Error *err) {
    Arena scratch = {0};
    GroupData *data = arena_alloc(&scratch, 1, sizeof *data, err);
    double *seconds = arena_alloc(&scratch, files->n, sizeof *seconds, err);
    double *losses = arena_alloc(arena, N_PARTS * files->n, sizeof *losses, err);
    *group = (GroupResult){.files = *files};
    group->seeds = arena_alloc(arena, files->n, sizeof *group->seeds, err);
    for (size_t p = 0; losses && p < N_PARTS; p++) group->losses[p] = losses + p * files->n;
    bool ok = data && seconds && losses && group->seeds;
    for (size_t i = 0; ok && i < files->n; i++) {
        Arena of_run = {0};
        ok = measure_run(group, i, &seconds[i], data, i == 0 ? &scratch : &of_run, err);
        arena_free(&of_run);
    }
    for (size_t p = 0; ok && p < N_PARTS; p++)
        group->loss[p] = spread_of(group->examples[p] > 0 ? files->n : 0, group->losses[p]);
    if (ok) group->seconds = spread_of(files->n, seconds);
    arena_free(&scratch);
    return ok;
}

bool compare_test(GroupComparison *c, Arena *arena, Error *err) {
    c->tests = arena_alloc(arena, c->n, sizeof *c->tests, err);
    if (!c->tests) return false;
    for (size_t g = 1; g < c->n; g++) {
        const GroupResult *first = &c->groups[0], *group = &c->groups[g];
        GroupTest *test = &c->tests[g];
        test->same_data = strcmp(first->data_sha256, group->data_sha256) == 0 &&
                          data_same_split(&first->data, &group->data) &&
                          first->examples[c->part] == group->examples[c->part]; // else one of them cuts names
        test->is_tested = welch_test(&first->loss[c->part], &group->loss[c->part], &test->welch) && test->same_data;
        c->n_tests += test->is_tested;
    }
    c->level = LEVEL / (double)(c->n_tests > 0 ? c->n_tests : 1);
    for (size_t g = 1; g < c->n; g++) c->tests[g].differs = c->tests[g].is_tested && c->tests[g].welch.p < c->level;
    return true;
}
