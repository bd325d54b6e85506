#include "train/group.h"

#include "base/text.h"
#include "train/run_dir.h"

#include <stdlib.h>
#include <string.h>

static const char PREFIX[] = "seed-";

const char *group_run_path(const char *group, uint64_t seed, Arena *arena, Error *err) {
    const char *name = arena_format(arena, err, "%s%llu", PREFIX, (unsigned long long)seed);
    return name ? path_join(arena, group, name, err) : NULL;
}

bool group_seed_of(const char *run, uint64_t *seed) {
    const char *slash = strrchr(run, '/'), *name = slash ? slash + 1 : run;
    size_t n = sizeof PREFIX - 1;
    // group_run_path writes no leading zeros.
    return strncmp(name, PREFIX, n) == 0 && text_whole(name + n, 0, UINT64_MAX, seed) &&
           (name[n] != '0' || name[n + 1] == '\0');
}

static int by_length_then_letters(const void *a, const void *b) {
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    size_t n = strlen(x), m = strlen(y);
    return n != m ? (n > m) - (n < m) : strcmp(x, y);
}

bool group_runs(const char *group, GroupRuns *runs, Arena *arena, Error *err) {
    size_t n;
    const char **names;
    *runs = (GroupRuns){0};
    if (!dir_list(group, &names, &n, arena, err)) return false;
    runs->paths = arena_alloc(arena, n, sizeof *runs->paths, err);
    if (!runs->paths) return false;
    for (size_t i = 0; i < n; i++) {
        RunDir dir;
        const char *path = path_join(arena, group, names[i], err);
        if (!path || !run_dir(&dir, path, arena, err)) return false;
        if (run_dir_is_run(&dir)) runs->paths[runs->n++] = path;
    }
    qsort(runs->paths, runs->n, sizeof *runs->paths, by_length_then_letters);
    return true;
}
