#include "cmd/share/output.h"

#include "train/run_folder.h"

static bool is_no_run_file(const char *out, const char *folder_path, Arena *arena, Error *err) {
    RunFolder folder;
    const char *lock = path_join(arena, folder_path, LOCK_NAME, err);
    if (!lock || !run_folder(&folder, folder_path, arena, err)) return false;
    const char *const files[] = {lock, folder.config, folder.metrics, folder.model, folder.best, folder.best_before};
    // Elsewhere the names are anyone's, but for the lock's, which a folder of runs has too.
    size_t n = run_folder_is_run(&folder) ? sizeof files / sizeof *files : 1;
    for (size_t i = 0; i < n; i++)
        if (path_same(out, files[i]))
            return error_set(err, "%s: the output would replace %s, which belongs to a run; give another name", out,
                             files[i]);
    return true;
}

bool output_is_free(const char *out, const char *const *inputs, size_t n, Error *err) {
    for (size_t i = 0; i < n; i++)
        if (path_same(out, inputs[i]))
            return error_set(err, "%s: the output would replace %s, which the command reads; give another name", out,
                             inputs[i]);
    if (path_kind(out) == PATH_NOTHING) return true;
    // A link may lie in a run, or lead to one.
    Arena arena = {0};
    const char *folder = path_folder(&arena, out, err), *file = path_absolute(&arena, out, err);
    const char *target = file ? path_folder(&arena, file, err) : NULL;
    bool ok = folder && target && is_no_run_file(out, folder, &arena, err) && is_no_run_file(out, target, &arena, err);
    arena_free(&arena);
    return ok;
}
