#include "train/run_dir.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

// All that a run leaves in its directory, files that a kill left half-written included.
static const char *const FILES[RUN_DIR_FILES] = {"config.json",         "config.json.tmp",       "metrics.csv",
                                                 "model.safetensors",   "model.safetensors.tmp", "best.safetensors",
                                                 "best.safetensors.tmp"};

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
    size_t n;
    bool is_free = true, is_run = run_dir_is_run(dir);
    bool ok = path_check(dir->path, PATH_DIR, err) && dir_list(dir->path, &names, &n, &arena, err);
    for (size_t i = 0; ok && i < n; i++) is_free = is_free && is_run_file(names[i]);
    arena_free(&arena);
    if (!ok) return false;
    if (is_run && !may_replace)
        return error_set(err, "%s: a run exists there; --resume continues it, --force replaces it, --run names another",
                         dir->path);
    return is_run || is_free ||
           error_set(err, "%s: the directory is not empty and holds no run; --run names another", dir->path);
}

bool run_dir_clear(const RunDir *dir, Error *err) {
    return file_remove(dir->metrics, err) && file_remove(dir->best, err) && file_remove(dir->model, err);
}

bool run_dir_remove(const RunDir *dir, Error *err) {
    Arena arena = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < RUN_DIR_FILES; i++) {
        const char *file = path_join(&arena, dir->path, FILES[i], err);
        ok = file && file_remove(file, err);
    }
    arena_free(&arena);
    return ok && dir_remove_empty(dir->path, err);
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
