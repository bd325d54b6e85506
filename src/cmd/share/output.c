#include "cmd/share/output.h"

#include "train/run_dir.h"

static bool is_no_run_file(const char *out, const char *dir_path, Arena *arena, Error *err) {
    RunDir dir;
    if (!run_dir(&dir, dir_path, arena, err)) return false;
    const char *const files[] = {dir.config, dir.metrics, dir.model, dir.best};
    for (size_t i = 0; run_dir_is_run(&dir) && i < sizeof files / sizeof *files; i++)
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
    const char *dir = path_dir(&arena, out, err), *file = path_absolute(&arena, out, err);
    const char *target = file ? path_dir(&arena, file, err) : NULL;
    bool ok = dir && target && is_no_run_file(out, dir, &arena, err) && is_no_run_file(out, target, &arena, err);
    arena_free(&arena);
    return ok;
}
