#include "run/folder.h"

#include <string.h>

bool run_folder(RunFolder *folder, const char *path, Arena *arena, Error *err) {
    *folder = (RunFolder){
        .path = path,
        .config = path_join(arena, path, "config.json", err),
        .metrics = path_join(arena, path, "metrics.csv", err),
        .model = path_join(arena, path, "model.safetensors", err),
        .best = path_join(arena, path, "best.safetensors", err),
    };
    return folder->config && folder->metrics && folder->model && folder->best;
}

bool run_folder_is_free(const RunFolder *folder, bool replace, Error *err) {
    switch (path_kind(folder->path)) {
    case PATH_NOTHING:
    case PATH_FOLDER: return true;
    case PATH_FILE: return error_set(err, "%s: expected a folder for the run, found a file", folder->path);
    case PATH_FOLDER_IN_USE: break;
    }
    if (replace) return true;
    return error_set(err,
                     "%s: there is a run already; --resume goes on with it, --force replaces it, --run names another",
                     folder->path);
}

bool run_folder_begin(const RunFolder *folder, bool fresh, const char *config_text, Error *err) {
    if (!path_make_folder(folder->path, err)) return false;
    // The model goes last: as long as it stands, so does all that belongs to it.
    if (fresh && !(file_remove(folder->best, err) && file_remove(folder->metrics, err) &&
                   file_remove(folder->config, err) && file_remove(folder->model, err)))
        return false;
    return file_replace(folder->config, config_text, strlen(config_text), err);
}

const char *run_model_path(const char *run, Arena *arena, Error *err) {
    RunFolder folder;
    PathKind kind = path_kind(run);
    if (kind == PATH_FILE) return run;
    if (kind == PATH_NOTHING) {
        error_set(err, "%s: no such run; nomen train makes one", run);
        return NULL;
    }
    if (!run_folder(&folder, run, arena, err)) return NULL;
    if (path_kind(folder.model) == PATH_FILE) return folder.model;
    error_set(err, "%s: no model.safetensors in it; train it first", run);
    return NULL;
}
