#include "draw/source.h"

#include "study/compare.h"
#include "train/run_dir.h"

#include <string.h>

// Why something is to go without, as a text that lives as long as the arena. NULL where memory ran out, then or now:
// that is no reason to.
static const char *keep(const Error *why, Arena *arena, Error *err) {
    if (why->kind != ERROR_MEMORY) return arena_copy(arena, why->text, strlen(why->text), err);
    *err = *why;
    return NULL;
}

static bool add_note(PlotSource *source, const char *note) {
    if (note) source->notes[source->n_notes++] = note;
    return note != NULL;
}

// metrics.csv lies beside the model where the run is a directory; a model file alone has none.
static bool read_metrics(PlotSource *source, PlotRun *run, Arena *arena, Error *err) {
    RunDir dir;
    if (!run->is_dir) {
        run->no_metrics =
            arena_format(arena, err, "%s is a model file; metrics.csv lies in the directory of a run", run->path);
        return run->no_metrics != NULL;
    }
    if (!run_dir(&dir, run->path, arena, err)) return false;
    Error why;
    if (path_kind(dir.metrics) == PATH_NOTHING)
        run->no_metrics =
            arena_format(arena, err, "%s: no such file; nomen train writes it while it trains", dir.metrics);
    else if (!metrics_read(&run->metrics, dir.metrics, arena, &why))
        run->no_metrics = keep(&why, arena, err);
    else if (run->metrics.n == 0)
        run->no_metrics = arena_format(
            arena, err, "%s: there is no row in it yet; nomen train adds one every train.log_every steps", dir.metrics);
    else if (run->metrics.is_cut)
        return add_note(source, arena_format(arena, err, "%s: its last row is cut off, and left out", dir.metrics));
    else
        return true;
    return run->no_metrics != NULL;
}

static const char *name_of(const PlotRun *run, Arena *arena, Error *err) {
    const char *path = path_absolute(arena, run->path, err), *name = path ? strrchr(path, '/') : NULL;
    if (!name || !name[1]) return path;
    name++;
    if (run->is_dir || name - path < 2) return name;
    name--;
    while (name[-1] != '/') name--;
    return name;
}

static bool open_run(PlotSource *source, PlotRun *run, const char *path, const char *model, Arena *arena, Error *err) {
    *run = (PlotRun){.path = path, .is_dir = strcmp(path, model) != 0};
    run->name = name_of(run, arena, err);
    return run->name && load_model_file(&run->saved, model, arena, err) && read_metrics(source, run, arena, err);
}

static bool open_group(PlotSource *source, PlotGroup *group, const GroupFiles *files, Arena *arena, Error *err) {
    *group = (PlotGroup){.path = files->path, .n = files->n};
    group->runs = arena_alloc(arena, files->n, sizeof *group->runs, err);
    if (!group->runs) return false;
    for (size_t i = 0; i < files->n; i++) {
        // A run of a group is called by its own directory, which the model lies in.
        const char *path = files->is_group ? path_dir(arena, files->files[i], err) : files->path;
        if (!path || !open_run(source, &group->runs[i], path, files->files[i], arena, err)) return false;
    }
    return true;
}

static bool is_one_training(const PlotGroup *group) {
    Error difference;
    const Checkpoint *first = &group->runs[0].saved.file;
    for (size_t i = 1; i < group->n; i++) {
        const Checkpoint *other = &group->runs[i].saved.file;
        if (!config_same_but_seed(first->config_text, other->config_text, &difference) ||
            strcmp(first->data_sha256, other->data_sha256) != 0)
            return false;
    }
    return true;
}

static bool add_group(PlotSource *source, const PlotGroup *group, Error *err) {
    size_t more = is_one_training(group) ? 1 : group->n;
    if (source->n + more > PLOT_GROUPS_MAX)
        return error_set(err, "%s: expected at most %d runs, or groups of seeds, in one picture", group->path,
                         PLOT_GROUPS_MAX);
    if (more == 1) source->groups[source->n++] = *group;
    for (size_t i = 0; more > 1 && i < more; i++)
        source->groups[source->n++] = (PlotGroup){group->runs[i].path, 1, &group->runs[i]};
    return true;
}

static bool open_data(PlotSource *source, const char *data, Arena *arena, Error *err) {
    PlotRun *run = source->run;
    Error why;
    if (data) run->saved.config.data.path = data;
    if (load_dataset(&run->saved.file, &run->saved.config.data, data ? NULL : NAMES_MOVED, &source->dataset, arena,
                     &why))
        return true;
    if (data) {
        *err = why;
        return false;
    }
    source->dataset = (Dataset){0};
    source->no_data = keep(&why, arena, err);
    return source->no_data != NULL;
}

static bool open_groups(PlotSource *source, size_t n, const char *const *paths, size_t *n_runs, Arena *arena,
                        Error *err) {
    GroupFiles *files = arena_alloc(arena, n, sizeof *files, err);
    *n_runs = 0;
    if (!files) return false;
    for (size_t i = 0; i < n; i++) {
        if (!compare_find(&files[i], paths[i], false, arena, err)) return false;
        *n_runs += files[i].n;
    }
    if (!compare_check_distinct(files, n, arena, err)) return false;
    source->notes = arena_alloc(arena, *n_runs, sizeof *source->notes, err);
    source->groups = arena_alloc(arena, PLOT_GROUPS_MAX, sizeof *source->groups, err);
    if (!source->notes || !source->groups) return false;
    for (size_t i = 0; i < n; i++) {
        PlotGroup group;
        if (!open_group(source, &group, &files[i], arena, err) || !add_group(source, &group, err)) return false;
    }
    return true;
}

bool plot_source_open(PlotSource *source, size_t n_runs, const char *const *runs, const char *data, Arena *arena,
                      Error *err) {
    size_t n;
    *source = (PlotSource){0};
    if (!open_groups(source, n_runs, runs, &n, arena, err)) return false;
    if (n > 1) {
        source->several = arena_format(arena, err, "%zu runs were given, and this picture is of one", n);
        return source->several != NULL;
    }
    source->run = source->groups[0].runs;
    return open_data(source, data, arena, err);
}
