#include "train/run_find.h"

#include "base/dir.h"
#include "base/text.h"
#include "train/group.h"
#include "train/run_dir.h"

#include <stdlib.h>
#include <string.h>

static bool is_run_or_group(const char *path, Arena *arena) {
    RunDir dir;
    GroupRuns runs;
    Error ignored;
    if (path_kind(path) == PATH_NOTHING || !run_dir(&dir, path, arena, &ignored)) return false;
    return run_dir_is_run(&dir) || (group_runs(path, &runs, arena, &ignored) && runs.n > 0);
}

static int by_letters(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

// Returns DIR/NAME of the run there whose name is nearest, or NULL.
static const char *nearest_run(const char *dir, const char *name, Arena *arena) {
    const char **names;
    size_t n, i;
    Error ignored;
    if (!dir_list(dir[0] ? dir : ".", &names, &n, arena, &ignored)) return NULL;
    qsort(names, n, sizeof *names, by_letters);
    for (; (i = text_nearest(name, names, n)) < n; names[i] = NULL) {
        const char *path = path_join(arena, dir, names[i], &ignored);
        if (!path || is_run_or_group(path, arena)) return path;
    }
    return NULL;
}

const char *run_guess(const char *run, Arena *arena) {
    Error ignored;
    size_t n = strlen(run);
    while (n > 1 && run[n - 1] == '/') n--;
    const char *path = arena_copy(arena, run, n, &ignored);
    const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path;
    const char *dir = path ? path_dir(arena, path, &ignored) : NULL;
    const char *below = dir ? path_join(arena, "runs", path, &ignored) : NULL;
    if (!below) return NULL;
    if (is_run_or_group(below, arena)) return below;
    const char *near = nearest_run(dir, name, arena);
    return near || slash ? near : nearest_run("runs", name, arena);
}

// Sets `err` to why RUN, which is no file, has no model.
static void set_no_model(const char *run, PathKind kind, Arena *arena, Error *err) {
    GroupRuns runs;
    const char *guess = kind == PATH_NOTHING && run[0] ? run_guess(run, arena) : NULL;
    if (run[0] == '\0')
        error_set(err, "the run's name is empty");
    else if (guess)
        error_set(err, "%s: no such run; did you mean %s?", run, guess);
    else if (kind == PATH_NOTHING)
        error_set(err, "%s: no such run; nomen train makes one", run);
    else if (group_runs(run, &runs, arena, err) && runs.n > 0)
        error_set(err, "%s: it holds runs, such as those of several seeds; name one, such as %s", run, runs.paths[0]);
    else if (runs.paths)
        error_set(err, "%s: no model.safetensors in it; train it first", run);
}

const char *run_find_model(const char *run, Arena *arena, Error *err) {
    RunDir dir;
    PathKind kind = path_kind(run);
    if (kind != PATH_DIR && kind != PATH_NOTHING) return run;
    if (!run_dir(&dir, run, arena, err)) return NULL;
    if (run[0] && path_kind(dir.model) != PATH_NOTHING) return path_check(dir.model, PATH_FILE, err) ? dir.model : NULL;
    set_no_model(run, kind, arena, err);
    return NULL;
}
