#include "train/run_dir.h"

#include "base/text.h"
#include "train/checkpoint.h"
#include "train/group.h"

#include <stdlib.h>
#include <string.h>

// All that a run leaves in its directory, the names under which it is written included.
static const char *const FILES[RUN_DIR_FILES] = {
    "config.json",          "config.json.tmp",         "metrics.csv",      "metrics.csv.tmp",
    "model.safetensors",    "model.safetensors.tmp",   "best.safetensors", "best.safetensors.tmp",
    "best.safetensors.old", "best.safetensors.old.tmp"};

bool run_dir(RunDir *dir, const char *path, Arena *arena, Error *err) {
    *dir = (RunDir){
        .path = path,
        .config = path_join(arena, path, "config.json", err),
        .metrics = path_join(arena, path, "metrics.csv", err),
        .model = path_join(arena, path, "model.safetensors", err),
        .best = path_join(arena, path, "best.safetensors", err),
        .best_before = path_join(arena, path, "best.safetensors.old", err),
    };
    return dir->config && dir->metrics && dir->model && dir->best && dir->best_before;
}

bool run_dir_is_run(const RunDir *dir) {
    return path_kind(dir->config) == PATH_FILE || path_kind(dir->model) == PATH_FILE;
}

bool run_dir_is_ours(const RunDir *dir, Error *err) {
    Arena arena = {0};
    Config config;
    Checkpoint checkpoint;
    Error why = {0};
    bool has_config = path_kind(dir->config) == PATH_FILE, has_model = path_kind(dir->model) == PATH_FILE;
    bool ok = (!has_config && !has_model) || (has_config && config_load(&config, dir->config, NULL, &arena, &why)) ||
              (has_model && why.kind != ERROR_MEMORY && checkpoint_read(&checkpoint, dir->model, &arena, &why));
    arena_free(&arena);
    if (ok) return true;
    if (why.kind == ERROR_MEMORY) {
        *err = why;
        return false;
    }
    return error_set(
        err, "%s: files with the names of a run's are there that nomen did not write (%s); move them away first",
        dir->path, why.text);
}

static bool holds_group(const char *path, bool *is_group, Error *err) {
    Arena arena = {0};
    GroupRuns runs;
    bool ok = group_runs(path, &runs, &arena, err);
    *is_group = ok && runs.n > 0;
    arena_free(&arena);
    return ok;
}

static bool is_run_file(const char *name) {
    for (size_t i = 0; i < RUN_DIR_FILES; i++)
        if (strcmp(FILES[i], name) == 0) return true;
    return false;
}

bool run_dir_is_free(const RunDir *dir, DirUse use, Error *err) {
    Arena arena = {0};
    const char **names;
    size_t n;
    bool is_start = true, is_run = run_dir_is_run(dir), is_group = false;
    bool ok = path_check(dir->path, PATH_DIR, err) && dir_list(dir->path, &names, &n, &arena, err);
    for (size_t i = 0; ok && i < n; i++) is_start = is_start && is_run_file(names[i]);
    arena_free(&arena);
    if (!ok || n == 0) return ok;
    if (!is_run && !holds_group(dir->path, &is_group, err)) return false;
    if (is_group)
        return error_set(err, "%s: it holds runs, such as those of several seeds; --run names another", dir->path);
    is_start = is_start || is_run;
    if (use == DIR_REPLACE || (use == DIR_RESUME && is_start)) return run_dir_is_ours(dir, err);
    if (is_start)
        return error_set(
            err, "%s: there is a run already; --resume goes on with it, --force replaces it, --run names another",
            dir->path);
    return error_set(err, "%s: the directory is not empty, and holds no run; --run names another", dir->path);
}

bool run_dir_can_begin(const RunDir *dir, Error *err) {
    const char *const files[] = {dir->config, dir->metrics, dir->model, dir->best, dir->best_before};
    if (!dir_is_writable(dir->path, err)) return false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (path_kind(files[i]) == PATH_DIR) return path_check(files[i], PATH_FILE, err);
    return true;
}

bool run_dir_remove(RunDir *dir, Error *err) {
    Arena arena = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < RUN_DIR_FILES; i++) {
        const char *file = path_join(&arena, dir->path, FILES[i], err);
        ok = file && file_remove(file, err);
    }
    arena_free(&arena);
    dir_unlock(&dir->lock);
    return ok && dir_remove_empty(dir->path, err);
}

bool run_dir_begin(const RunDir *dir, bool fresh, const char *config_text, Error *err) {
    AppendFile metrics = {.descriptor = -1};
    bool has_rows = !fresh && path_kind(dir->metrics) == PATH_FILE;
    if (!run_dir_can_begin(dir, err) || (has_rows && !file_open_append(&metrics, dir->metrics, err))) return false;
    file_close(&metrics);
    // The config first: where nothing can be written, an earlier run stays as it is. Then the model, for what is left
    // without it is begun anew, never gone on from.
    if (!file_replace(dir->config, config_text, strlen(config_text), err)) return false;
    return !fresh || (file_remove(dir->model, err) && file_remove(dir->best, err) &&
                      file_remove(dir->best_before, err) && file_remove(dir->metrics, err));
}

bool run_dir_files(const char *path, DirFile files[RUN_DIR_FILES], size_t *n, Arena *arena, Error *err) {
    *n = 0;
    for (size_t i = 0; i < RUN_DIR_FILES; i++) {
        const char *file = path_join(arena, path, FILES[i], err);
        if (!file) return false;
        if (path_kind(file) != PATH_FILE) continue;
        files[(*n)++] = (DirFile){FILES[i], file_size(file)};
    }
    return true;
}

// Whether a command that takes runs knows what to do with it, be it to name the runs of a group.
static bool is_run_or_group(const char *path, Arena *arena) {
    RunDir dir;
    Error unsaid;
    bool is_group = false;
    if (path_kind(path) == PATH_NOTHING || !run_dir(&dir, path, arena, &unsaid)) return false;
    return run_dir_is_run(&dir) || (holds_group(path, &is_group, &unsaid) && is_group);
}

static int by_letters(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

// DIR/NAME of the run there whose name is nearest; NULL where none is near.
static const char *nearest_run(const char *dir, const char *name, Arena *arena) {
    const char **names;
    size_t n, i;
    Error unsaid;
    if (!dir_list(dir[0] ? dir : ".", &names, &n, arena, &unsaid)) return NULL;
    qsort(names, n, sizeof *names, by_letters);
    for (; (i = text_nearest(name, names, n)) < n; names[i] = NULL) {
        const char *path = path_join(arena, dir, names[i], &unsaid);
        if (!path || is_run_or_group(path, arena)) return path;
    }
    return NULL;
}

const char *run_dir_guess(const char *run, Arena *arena) {
    Error unsaid;
    size_t n = strlen(run);
    while (n > 1 && run[n - 1] == '/') n--;
    const char *path = arena_copy(arena, run, n, &unsaid);
    const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path;
    const char *dir = path ? path_dir(arena, path, &unsaid) : NULL;
    const char *below = dir ? path_join(arena, "runs", path, &unsaid) : NULL;
    if (!below) return NULL;
    if (is_run_or_group(below, arena)) return below;
    const char *near = nearest_run(dir, name, arena);
    return near || slash ? near : nearest_run("runs", name, arena);
}

static void refuse_missing(const char *run, Arena *arena, Error *err) {
    const char *meant = run_dir_guess(run, arena);
    if (meant)
        error_set(err, "%s: no such run; did you mean %s?", run, meant);
    else
        error_set(err, "%s: no such run; nomen train makes one", run);
}

const char *run_model_path(const char *run, Arena *arena, Error *err) {
    RunDir dir;
    PathKind kind = path_kind(run);
    if (run[0] == '\0') {
        error_set(err, "the run's name is empty");
        return NULL;
    }
    if (kind == PATH_NOTHING) {
        refuse_missing(run, arena, err);
        return NULL;
    }
    if (kind != PATH_DIR) return run;
    if (!run_dir(&dir, run, arena, err)) return NULL;
    if (path_kind(dir.model) != PATH_NOTHING) return path_check(dir.model, PATH_FILE, err) ? dir.model : NULL;
    GroupRuns runs;
    if (!group_runs(run, &runs, arena, err)) return NULL;
    if (runs.n > 0)
        error_set(err, "%s: it holds runs, such as those of several seeds; name one, such as %s", run, runs.paths[0]);
    else
        error_set(err, "%s: no model.safetensors in it; train it first", run);
    return NULL;
}
