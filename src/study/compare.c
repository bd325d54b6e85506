#include "study/compare.h"

#include "train/checkpoint.h"
#include "train/evaluate.h"
#include "train/group.h"
#include "train/run_dir.h"

#include <math.h>
#include <string.h>

static const char *model_file(const char *run, bool best, Arena *arena, Error *err) {
    RunDir dir;
    if (!best || path_kind(run) != PATH_DIR) return run_model_path(run, arena, err);
    return run_dir(&dir, run, arena, err) && path_check(dir.best, PATH_FILE, err) ? dir.best : NULL;
}

bool compare_find(GroupFiles *group, const char *path, bool best, Arena *arena, Error *err) {
    RunDir dir;
    GroupRuns runs = {0};
    *group = (GroupFiles){.path = path, .n = 1};
    if (!run_dir(&dir, path, arena, err)) return false;
    bool may_be_group = path_kind(path) == PATH_DIR && !run_dir_is_run(&dir);
    if (may_be_group && !group_runs(path, &runs, arena, err)) return false;
    group->is_group = runs.n > 0;
    if (group->is_group) group->n = runs.n;
    group->files = arena_alloc(arena, group->n, sizeof *group->files, err);
    if (!group->files) return false;
    for (size_t i = 0; i < group->n; i++) {
        group->files[i] = model_file(group->is_group ? runs.paths[i] : path, best, arena, err);
        if (!group->files[i]) return false;
    }
    return true;
}

bool compare_check_distinct(const GroupFiles *groups, size_t n, Arena *arena, Error *err) {
    size_t n_runs = 0, k = 0;
    for (size_t g = 0; g < n; g++) n_runs += groups[g].n;
    const char **files = arena_alloc(arena, n_runs, sizeof *files, err);
    if (!files) return false;
    for (size_t g = 0; g < n; g++) {
        for (size_t i = 0; i < groups[g].n; i++, k++) {
            files[k] = path_absolute(arena, groups[g].files[i], err);
            if (!files[k]) return false;
            for (size_t other = 0; other < k; other++)
                if (strcmp(files[other], files[k]) == 0)
                    return error_usage(err, "%s is given twice", groups[g].files[i]);
        }
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
    if (!checkpoint_find_names(config->data.path, NAMES_GONE, err) ||
        !dataset_load(&data->dataset, &config->data, &file->vocab, arena, err))
        return error_context(err, "%s", file->path);
    if (strcmp(data->dataset.sha256, file->data_sha256) != 0)
        return error_set(err, "%s: its names file, %s, has changed since; put it back", file->path, config->data.path);
    figures->data = config->data;
    figures->data.path = NULL;
    figures->n_parameters = data->first.model.is_ngram ? 0 : data->first.model.network.n_parameters;
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

// How long a run was trained, and how far.
typedef struct Course {
    double seconds; // NaN: nothing is known
    bool is_finished;
    uint64_t step, steps;
} Course;

static Course course_of(const TrainState *state, const TrainConfig *train) {
    return (Course){state->seconds, train_state_is_finished(state, train), state->step, train->steps};
}

// best.safetensors is written without seconds, and its step is no end: both are in the model file beside it.
static bool find_course(const SavedModel *run, const TrainState *state, Course *course, Arena *arena, Error *err) {
    RunDir dir;
    Checkpoint last;
    Config config;
    TrainState end;
    *course = course_of(state, &run->config.train);
    if (state->seconds > 0) return true;
    *course = (Course){.seconds = NAN, .is_finished = true};
    const char *path = path_dir(arena, run->file.path, err);
    if (!path || !run_dir(&dir, path, arena, err)) return false;
    if (strcmp(dir.best, run->file.path) != 0 || path_kind(dir.model) != PATH_FILE) return true;
    if (!path_check(dir.model, PATH_FILE, err) || !checkpoint_read(&last, dir.model, arena, err) ||
        !config_parse(&config, last.config_text, strlen(last.config_text), dir.model, arena, err) ||
        !checkpoint_read_state(&last, &end, arena, err))
        return false;
    *course = course_of(&end, &config.train);
    return true;
}

static void note_unfinished(GroupFigures *figures, size_t i, const Course *course) {
    if (course->is_finished || figures->n_unfinished++ > 0) return;
    figures->unfinished = i;
    figures->step = course->step;
    figures->steps = course->steps;
}

static bool measure_run(GroupFigures *figures, size_t i, double *seconds, GroupData *data, Arena *arena, Error *err) {
    SavedModel other, *run = i == 0 ? &data->first : &other;
    TrainState state;
    Course course;
    if (!checkpoint_load_file(run, figures->files.files[i], arena, err)) return false;
    if (i == 0 && !load_data(data, figures, arena, err)) return false;
    if (!check_member(figures, i, &data->first, run, err) ||
        !checkpoint_restore(&run->file, &run->model, &state, arena, err) ||
        !find_course(run, &state, &course, arena, err))
        return false;
    figures->seeds[i] = run->config.seed;
    *seconds = course.seconds;
    note_unfinished(figures, i, &course);
    for (size_t p = 0; p < N_PARTS; p++)
        if (figures->examples[p] > 0 && !evaluate_counts(&run->model, &data->counts[p], &figures->losses[p][i], err))
            return false;
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
    *figures = (GroupFigures){.files = *files};
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
