#include "draw/source.h"

#include "study/compare.h"
#include "train/run_dir.h"

#include <stdlib.h>
#include <string.h>

// Keeps the reason why something is missing. Returns false if memory ran out, then or now.
static bool keep(const char **reason, const Error *why, Arena *arena, Error *err) {
    if (why->kind == ERROR_MEMORY)
        *err = *why;
    else
        *reason = arena_copy(arena, why->text, strlen(why->text), err);
    return *reason != NULL;
}

// Reads the metrics of a run directory. A model file has none.
static bool read_metrics(PlotRun *run, Arena *arena, Error *err) {
    RunDir dir;
    Error why;
    if (!run->saved.is_dir) {
        error_set(&why, "%s is a model file; only a run directory has metrics", run->path);
        return keep(&run->no_metrics, &why, arena, err);
    }
    if (!run_dir(&dir, run->path, arena, err)) return false;
    if (!metrics_read(&run->metrics, dir.metrics, arena, &why)) return keep(&run->no_metrics, &why, arena, err);
    if (run->metrics.n > 0) return true;
    error_set(&why, "%s: no rows yet; nomen train adds one every train.log_every steps", dir.metrics);
    return keep(&run->no_metrics, &why, arena, err);
}

// Returns the last component of the run's absolute path, the last two for a model file.
static const char *name_of(const PlotRun *run, Arena *arena, Error *err) {
    const char *path = path_absolute(arena, run->path, err), *name = path ? strrchr(path, '/') : NULL;
    if (!name || !name[1]) return path;
    if (run->saved.is_dir || name == path) return name + 1;
    while (name[-1] != '/') name--;
    return name;
}

static bool open_run(PlotRun *run, const char *path, Arena *arena, Error *err) {
    *run = (PlotRun){.path = path};
    if (!load_model(&run->saved, path, arena, err)) return false;
    run->name = name_of(run, arena, err);
    return run->name && read_metrics(run, arena, err);
}

static bool is_one_training(const PlotGroup *group) {
    Error difference;
    const SavedModel *first = &group->runs[0].saved;
    for (size_t i = 1; i < group->n; i++) {
        const SavedModel *other = &group->runs[i].saved;
        if (!config_same_but_seed(&first->config, &other->config, &difference) ||
            strcmp(first->file.data_sha256, other->file.data_sha256) != 0)
            return false;
    }
    return true;
}

// Opens the runs of an operand: one group, or a group for each if they are different trainings.
static bool open_operand(PlotSource *source, const GroupFiles *files, Arena *arena, Error *err) {
    PlotGroup group = {files->path, files->n, arena_alloc(arena, files->n, sizeof *group.runs, err)};
    if (!group.runs) return false;
    for (size_t i = 0; i < files->n; i++) {
        const char *path = files->is_group ? path_dir(arena, files->files[i], err) : files->path;
        if (!path || !open_run(&group.runs[i], path, arena, err)) return false;
    }
    bool is_one = is_one_training(&group);
    if (source->n + (is_one ? 1 : group.n) > PLOT_GROUPS_MAX)
        return error_set(err, "%s: expected at most %d runs, or groups of seeds, in one picture", files->path,
                         PLOT_GROUPS_MAX);
    if (is_one) source->groups[source->n++] = group;
    for (size_t i = 0; !is_one && i < group.n; i++)
        source->groups[source->n++] = (PlotGroup){group.runs[i].path, 1, &group.runs[i]};
    return true;
}

static bool open_data(PlotSource *source, const char *data, Arena *arena, Error *err) {
    PlotRun *run = source->run;
    Error why;
    if (data) run->saved.config.data.path = data;
    if (load_dataset(&run->saved.file, &run->saved.config.data, WORLD_ALONE, !data, &source->dataset, arena, &why))
        return true;
    if (data) {
        *err = why;
        return false;
    }
    source->dataset = (Dataset){0};
    return keep(&source->no_data, &why, arena, err);
}

bool plot_source_open(PlotSource *source, size_t n_runs, const char *const *runs, const char *data, Arena *arena,
                      Error *err) {
    GroupFiles *files = arena_alloc(arena, n_runs, sizeof *files, err);
    *source = (PlotSource){.groups = arena_alloc(arena, PLOT_GROUPS_MAX, sizeof *source->groups, err)};
    if (!files || !source->groups) return false;
    for (size_t i = 0; i < n_runs; i++)
        if (!compare_find(&files[i], runs[i], false, arena, err)) return false;
    for (size_t i = 0; i < n_runs; i++)
        if (!open_operand(source, &files[i], arena, err)) return false;
    if (source->n > 1 || source->groups[0].n > 1) return true;
    source->run = source->groups[0].runs;
    return open_data(source, data, arena, err);
}

const char *plot_symbols_why_not(const PlotSource *source, size_t most) {
    return source->run->saved.file.vocab.n > most ? source->no_data : NULL;
}

typedef struct Counted {
    uint64_t count;
    uint16_t id;
} Counted;

static int by_count(const void *a, const void *b) {
    const Counted *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : x->id - y->id;
}

static int by_id(const void *a, const void *b) { return *(const uint16_t *)a - *(const uint16_t *)b; }

bool plot_symbols(SymbolChoice *choice, const PlotSource *source, size_t most, Arena *arena, Error *err) {
    const Dataset *data = &source->dataset;
    size_t vocab = source->run->saved.file.vocab.n;
    Span span = data->parts[PART_TRAIN];
    *choice = (SymbolChoice){.n = vocab < most ? vocab : most, .note = ""};
    choice->ids = arena_alloc(arena, choice->n, sizeof *choice->ids, err);
    Counted *counted = arena_alloc(arena, vocab, sizeof *counted, err);
    if (!choice->ids || !counted) return false;
    for (size_t i = 0; i < vocab; i++) counted[i].id = (uint16_t)i;
    if (vocab > most) {
        for (size_t i = span.begin; i < span.end; i++) counted[data->stream[i]].count++;
        qsort(counted + 1, vocab - 1, sizeof *counted, by_count); // the boundary stays first
        choice->note = arena_format(arena, err, "The %zu most frequent of %zu symbols. ", choice->n, vocab);
    }
    for (size_t i = 0; i < choice->n; i++) choice->ids[i] = counted[i].id;
    qsort(choice->ids, choice->n, sizeof *choice->ids, by_id);
    return choice->note != NULL;
}
