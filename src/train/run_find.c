#include "train/run_find.h"

#include "base/dir.h"
#include "base/text.h"
#include "train/group.h"
#include "train/run_dir.h"

#include <string.h>

const char *run_guess(const char *run, Arena *arena) {
    Error ignored;
    const char **names, *slash = strrchr(run, '/'), *dir = slash ? path_dir(arena, run, &ignored) : "runs";
    size_t n, i;
    if (!dir || !dir_list(dir, &names, &n, arena, &ignored)) return NULL;
    i = text_nearest(slash ? slash + 1 : run, names, n);
    return i < n ? path_join(arena, dir, names[i], &ignored) : NULL;
}

// Sets `err` to why RUN, which is no file, has no model.
static void set_no_model(const char *run, PathKind kind, Arena *arena, Error *err) {
    GroupRuns runs;
    const char *guess = kind == PATH_NOTHING ? run_guess(run, arena) : NULL;
    if (guess)
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
    if (kind == PATH_DIR && path_kind(dir.model) != PATH_NOTHING)
        return path_check(dir.model, PATH_FILE, err) ? dir.model : NULL;
    set_no_model(run, kind, arena, err);
    return NULL;
}
