#include "train/run_dir.h"

#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// All files of a run, including half-written files after a kill and files of older versions. They are removed in this
// order. The model is last, so that it stays if another file cannot be removed.
static const char *const FILES[RUN_DIR_FILES] = {
    "config.json",          "config.json.tmp",          "model.safetensors.tmp", "best.safetensors.tmp",
    "best.safetensors.old", "best.safetensors.old.tmp", ".nomen-lock",           "metrics.csv",
    "best.safetensors",     "model.safetensors"};

bool run_dir(RunDir *dir, const char *path, Arena *arena, Error *err) {
    *dir = (RunDir){
        .path = path,
        .config = path_join(arena, path, "config.json", err),
        .metrics = path_join(arena, path, "metrics.csv", err),
        .model = path_join(arena, path, "model.safetensors", err),
        .best = path_join(arena, path, "best.safetensors", err),
    };
    return dir->config && dir->metrics && dir->model && dir->best;
}

bool run_dir_is_run(const RunDir *dir) {
    return path_kind(dir->config) == PATH_FILE || path_kind(dir->model) == PATH_FILE;
}

static bool is_run_file(const char *name) {
    for (size_t i = 0; i < RUN_DIR_FILES; i++)
        if (strcmp(FILES[i], name) == 0) return true;
    return false;
}

bool run_dir_check_free(const RunDir *dir, bool may_replace, Error *err) {
    Arena arena = {0};
    const char **names;
    Texts runs;
    size_t n;
    bool is_free = true, is_run = run_dir_is_run(dir);
    bool ok = path_check(dir->path, PATH_DIR, err) && dir_list(dir->path, &names, &n, &arena, err);
    for (size_t i = 0; ok && i < n; i++) is_free = is_free && is_run_file(names[i]);
    ok = ok && group_runs(dir->path, &runs, &arena, err);
    arena_free(&arena);
    if (!ok) return false;
    if (is_run && !may_replace)
        return error_set(err, "%s: a run exists there; --resume continues it, --force replaces it, --run names another",
                         dir->path);
    return is_run || is_free ||
           error_set(err, "%s: %s; --run names another", dir->path,
                     runs.n > 0 ? "it holds runs, such as those of several seeds"
                                : "the directory is not empty and holds no run");
}

static bool remove_files(const RunDir *dir, size_t first, Error *err) {
    Arena arena = {0};
    bool ok = true;
    for (size_t i = first; ok && i < RUN_DIR_FILES; i++) {
        const char *file = path_join(&arena, dir->path, FILES[i], err);
        ok = file && file_remove(file, err);
    }
    arena_free(&arena);
    return ok;
}

bool run_dir_clear(const RunDir *dir, Error *err) { return remove_files(dir, 1, err); }

bool run_dir_remove(const RunDir *dir, Error *err) {
    return remove_files(dir, 0, err) && dir_remove_empty(dir->path, err);
}

bool run_dir_files(const char *path, DirFile files[RUN_DIR_FILES], size_t *n, Arena *arena, Error *err) {
    *n = 0;
    for (size_t i = 0; i < RUN_DIR_FILES; i++) {
        const char *file = path_join(arena, path, FILES[i], err);
        if (!file) return false;
        struct stat info;
        if (stat(file, &info) == 0)
            files[(*n)++] = (DirFile){FILES[i], (uint64_t)info.st_size};
        else if (errno != ENOENT)
            return error_system(err, file);
    }
    return true;
}

static const char PREFIX[] = "seed-";

const char *group_run_path(const char *group, uint64_t seed, Arena *arena, Error *err) {
    const char *name = arena_format(arena, err, "%s%llu", PREFIX, (unsigned long long)seed);
    return name ? path_join(arena, group, name, err) : NULL;
}

bool group_seed_of(const char *run, uint64_t *seed) {
    const char *slash = strrchr(run, '/'), *name = slash ? slash + 1 : run;
    size_t n = sizeof PREFIX - 1;
    return strncmp(name, PREFIX, n) == 0 && text_whole(name + n, 0, UINT64_MAX, seed) &&
           (name[n] != '0' || name[n + 1] == '\0'); // group_run_path writes no leading zeros
}

static int by_length_then_letters(const void *a, const void *b) {
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    size_t n = strlen(x), m = strlen(y);
    return n != m ? (n > m) - (n < m) : strcmp(x, y);
}

bool group_runs(const char *group, Texts *runs, Arena *arena, Error *err) {
    size_t n;
    const char **names;
    *runs = (Texts){0};
    if (!dir_list(group, &names, &n, arena, err)) return false;
    runs->items = arena_alloc(arena, n, sizeof *runs->items, err);
    if (!runs->items) return false;
    for (size_t i = 0; i < n; i++) {
        RunDir dir;
        const char *path = path_join(arena, group, names[i], err);
        if (!path || !run_dir(&dir, path, arena, err)) return false;
        if (run_dir_is_run(&dir)) runs->items[runs->n++] = path;
    }
    qsort(runs->items, runs->n, sizeof *runs->items, by_length_then_letters);
    return true;
}

// Guesses which run the user meant when RUN does not exist: the nearest name in the same directory or, if RUN names no
// directory, in runs/. Returns NULL if no name is near.
static const char *guess_run(const char *run, Arena *arena) {
    Error ignored;
    const char **names, *slash = strrchr(run, '/'), *dir = slash ? path_dir(arena, run, &ignored) : "runs";
    size_t n, i;
    if (!dir || !dir_list(dir, &names, &n, arena, &ignored)) return NULL;
    i = text_nearest(slash ? slash + 1 : run, names, n);
    return i < n ? path_join(arena, dir, names[i], &ignored) : NULL;
}

// Sets `err` to the run of a config that was given as RUN: the directory with the config or, if that is no run,
// runs/NAME. Returns true for any other file.
static bool refuse_config(const char *path, Arena *arena, Error *err) {
    Config config;
    RunDir run;
    Error ignored;
    if (!text_ends_with(path, ".json") || !config_load(&config, path, NULL, arena, &ignored)) return true;
    const char *dir = path_dir(arena, path, err), *quoted = path_quote(path, arena, err);
    if (!dir || !quoted || !run_dir(&run, dir, arena, err)) return false;
    if (!path_same(path, run.config) || path_kind(run.model) == PATH_NOTHING) {
        dir = path_join(arena, "runs", config.name, err);
        if (!dir || !run_dir(&run, dir, arena, err)) return false;
    }
    if (run_dir_is_run(&run))
        return error_set(err, "%s: expected a run, found a config; its run is %s", path, dir[0] ? dir : ".");
    return error_set(err, "%s: expected a run, found a config; nomen train %s makes a run", path, quoted);
}

// Returns true unless the file is text but no JSON. A model file, which has NULs, is never text.
static bool refuse_names(const char *path, Arena *arena, Error *err) {
    Arena scratch = {0};
    Bytes file;
    Error ignored;
    bool is_other = text_ends_with(path, ".safetensors") || text_ends_with(path, ".json");
    bool is_text = !is_other && file_read(path, &scratch, &file, &ignored) && file.n > 0 &&
                   !memchr(file.at, '\0', file.n) && utf8_is_valid(file.at, file.n);
    arena_free(&scratch);
    return !is_text || config_refuse_names(path, "a run", arena, err);
}

// Returns a run in a directory of directories of runs, which a sweep with several seeds makes, or NULL.
static const char *find_inner_run(const char *dir, Arena *arena) {
    Error ignored;
    Texts runs;
    const char **names, *found = NULL;
    size_t n;
    if (!dir_list(dir, &names, &n, arena, &ignored)) return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *inner = path_join(arena, dir, names[i], &ignored);
        if (!inner || path_kind(inner) != PATH_DIR || !group_runs(inner, &runs, arena, &ignored) || runs.n == 0)
            continue;
        if (!found || by_length_then_letters(&runs.items[0], &found) < 0) found = runs.items[0];
    }
    return found;
}

// Sets `err` to why RUN, which is no file, has no model.
static void set_no_model(const char *run, PathKind kind, Arena *arena, Error *err) {
    Texts runs;
    Error ignored;
    const char *guess = kind == PATH_NOTHING ? guess_run(run, arena) : NULL;
    const char *config = kind == PATH_NOTHING && !guess ? config_find(run, arena, &ignored) : NULL;
    if (guess)
        error_set(err, "%s: no such run; did you mean %s?", run, guess);
    else if (config && path_kind(config) == PATH_FILE)
        error_set(err, "%s: no such run; nomen train %s makes it", run, run);
    else if (kind == PATH_NOTHING)
        error_set(err, "%s: no such run; nomen train makes one", run);
    else if (group_runs(run, &runs, arena, err)) {
        const char *found = runs.n > 0 ? runs.items[0] : find_inner_run(run, arena);
        if (found)
            error_set(err, "%s: it holds runs, such as those of several seeds; name one, such as %s", run, found);
        else
            error_set(err, "%s: no model.safetensors in it; train it first", run);
    }
}

const char *run_find_model(const char *run, Arena *arena, Error *err) {
    RunDir dir;
    PathKind kind = path_kind(run);
    if (kind == PATH_FILE && (!refuse_config(run, arena, err) || !refuse_names(run, arena, err))) return NULL;
    if (kind != PATH_DIR && kind != PATH_NOTHING) return run;
    if (!run_dir(&dir, run, arena, err)) return NULL;
    if (kind == PATH_DIR && path_kind(dir.model) != PATH_NOTHING)
        return path_check(dir.model, PATH_FILE, err) ? dir.model : NULL;
    set_no_model(run, kind, arena, err);
    return NULL;
}
