#include "run/compare.h"

#include "run/checkpoint.h"
#include "run/evaluate.h"
#include "run/folder.h"
#include "run/group.h"

#include <string.h>

static const char *model_file(const char *run, bool best, Arena *arena, Error *err) {
    RunFolder folder;
    PathKind kind = path_kind(run);
    if (!best || kind == PATH_FILE || kind == PATH_NOTHING) return run_model_path(run, arena, err);
    return run_folder(&folder, run, arena, err) ? folder.best : NULL;
}

bool compare_find(GroupFiles *group, const char *path, bool best, Arena *arena, Error *err) {
    RunFolder folder;
    GroupRuns runs = {0};
    *group = (GroupFiles){.path = path, .n = 1};
    if (!run_folder(&folder, path, arena, err)) return false;
    bool may_be_group = path_kind(path) == PATH_FOLDER_IN_USE && !run_folder_is_run(&folder);
    if (may_be_group && !group_runs(path, &runs, arena, err)) return false;
    if (runs.n > 0) group->n = runs.n;
    group->files = arena_alloc(arena, group->n, sizeof *group->files, err);
    if (!group->files) return false;
    for (size_t i = 0; i < group->n; i++) {
        group->files[i] = model_file(runs.n > 0 ? runs.paths[i] : path, best, arena, err);
        if (!group->files[i]) return false;
    }
    return true;
}

// The first run of a group, and the data that all of it is measured on.
typedef struct GroupData {
    SavedModel first;
    Dataset dataset;
    ContextCounts counts[N_PARTS];
} GroupData;

static bool load_data(GroupData *data, GroupFigures *figures, Arena *arena, Error *err) {
    Config *config = &data->first.config;
    const Checkpoint *file = &data->first.file;
    if (!checkpoint_load_data(file, &config->data, &data->dataset, arena, err)) return false;
    figures->data = config->data;
    figures->data.path = NULL;
    figures->n_parameters = data->first.model.is_ngram ? 0 : data->first.model.network.n_parameters;
    figures->steps = config->train.steps;
    memcpy(figures->data_sha256, data->dataset.sha256, sizeof figures->data_sha256);
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = data->dataset.parts[p];
        figures->examples[p] = span.end - span.begin;
        if (!dataset_count_contexts(&data->dataset, span, data->first.model.context, &data->counts[p], arena, err))
            return false;
    }
    return true;
}

static bool check_member(const GroupFigures *figures, size_t i, const SavedModel *first, const SavedModel *run,
                         Error *err) {
    const char *path = run->file.path, *first_path = first->file.path;
    if (!config_same_but_seed(first->file.config_text, run->file.config_text, err)) {
        error_context(err, "%s", path);
        Error why = *err;
        return error_set(err, "%s (the first: %s); a group's runs differ in their seed alone", why.text, first_path);
    }
    if (strcmp(first->file.data_sha256, run->file.data_sha256) != 0)
        return error_set(err, "%s: it was trained on another names file than %s", path, first_path);
    for (size_t k = 0; k < i; k++)
        if (figures->seeds[k] == run->config.seed)
            return error_set(err, "%s: it has the seed of %s, %llu, so that they are the same run", path,
                             figures->files.files[k], (unsigned long long)run->config.seed);
    return true;
}

static bool measure_run(GroupFigures *figures, size_t i, double *seconds, GroupData *data, Arena *arena, Error *err) {
    SavedModel other, *run = i == 0 ? &data->first : &other;
    TrainState state;
    if (!checkpoint_load_model(run, figures->files.files[i], arena, err)) return false;
    if (i == 0 && !load_data(data, figures, arena, err)) return false;
    if (!check_member(figures, i, &data->first, run, err) ||
        !checkpoint_restore(&run->file, &run->model, &state, arena, err))
        return false;
    figures->seeds[i] = run->config.seed;
    *seconds = state.seconds;
    if (!train_state_is_finished(&state, &run->config.train) && figures->unfinished == figures->files.n) {
        figures->unfinished = i;
        figures->step = state.step;
    }
    for (size_t p = 0; p < N_PARTS; p++)
        if (figures->examples[p] > 0) figures->losses[p][i] = evaluate(&run->model, &data->counts[p]);
    return true;
}

static bool measure_all(GroupFigures *figures, double *seconds, GroupData *data, Arena *arena, Error *err) {
    bool ok = true;
    for (size_t i = 0; ok && i < figures->files.n; i++) {
        Arena scratch = {0};
        ok = measure_run(figures, i, &seconds[i], data, i == 0 ? arena : &scratch, err);
        arena_free(&scratch);
    }
    return ok;
}

bool compare_measure(GroupFigures *figures, const GroupFiles *files, Arena *arena, Error *err) {
    Arena scratch = {0};
    GroupData *data = arena_alloc(&scratch, 1, sizeof *data, err);
    double *seconds = arena_alloc(&scratch, files->n, sizeof *seconds, err);
    *figures = (GroupFigures){.files = *files, .unfinished = files->n};
    figures->seeds = arena_alloc(arena, files->n, sizeof *figures->seeds, err);
    bool ok = data && seconds && figures->seeds;
    for (size_t p = 0; ok && p < N_PARTS; p++) {
        figures->losses[p] = arena_alloc(arena, files->n, sizeof *figures->losses[p], err);
        ok = figures->losses[p] != NULL;
    }
    ok = ok && measure_all(figures, seconds, data, &scratch, err);
    for (size_t p = 0; ok && p < N_PARTS; p++)
        figures->loss[p] = spread_of(figures->examples[p] > 0 ? files->n : 0, figures->losses[p]);
    if (ok) figures->seconds = spread_of(files->n, seconds);
    arena_free(&scratch);
    return ok;
}
