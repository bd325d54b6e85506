#include "run/group.h"

#include "run/folder.h"

#include <stdlib.h>
#include <string.h>

const char *group_run_path(const char *group, uint64_t seed, Arena *arena, Error *err) {
    const char *name = arena_format(arena, err, "seed-%llu", (unsigned long long)seed);
    return name ? path_join(arena, group, name, err) : NULL;
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
    if (!folder_list(group, &names, &n, arena, err)) return false;
    runs->paths = arena_alloc(arena, n, sizeof *runs->paths, err);
    if (!runs->paths) return false;
    for (size_t i = 0; i < n; i++) {
        RunFolder folder;
        const char *path = path_join(arena, group, names[i], err);
        if (!path || !run_folder(&folder, path, arena, err)) return false;
        if (run_folder_is_run(&folder)) runs->paths[runs->n++] = path;
    }
    qsort(runs->paths, runs->n, sizeof *runs->paths, by_length_then_letters);
    return true;
}
