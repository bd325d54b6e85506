#include "config/config.h"

#include "base/dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { N_PLACES = 3 };

static const struct {
    const char *path, *prefix; // the names of its configs begin with the prefix
} DIRS[] = {{"configs", ""}, {"configs/lectures", ""}, {"configs/makemore", "makemore/"}};

// The directories whose `configs` and `data` ship with nomen. The current directory comes first, so that a user's own
// configs take precedence.
static bool find_places(const char *places[N_PLACES], Arena *arena, Error *err) {
    const char *program = program_dir(arena, err), *prefix = program ? path_dir(arena, program, err) : NULL;
    places[0] = "";
    places[1] = prefix ? path_join(arena, prefix, "share/nomen", err) : NULL;
    places[2] = prefix;
    return places[1] != NULL;
}

static bool is_config_name(const char *name) {
    return text_ends_with(name, ".json") && strcmp(name, ".json") != 0 && strcmp(name, "schema.json") != 0;
}

static const NamedConfig *find_name(const NamedConfigs *configs, const char *name) {
    for (size_t i = 0; i < configs->n; i++)
        if (strcmp(configs->items[i].name, name) == 0) return &configs->items[i];
    return NULL;
}

// A config's name is `prefix` and the name of its file.
static bool add_dir(NamedConfigs *out, const char *dir, const char *prefix, Arena *arena, Error *err) {
    const char **names;
    size_t n;
    if (!dir || !dir_list(dir, &names, &n, arena, err)) return false;
    NamedConfig *items = arena_alloc(arena, out->n + n, sizeof *items, err);
    if (!items) return false;
    if (out->n > 0) memcpy(items, out->items, out->n * sizeof *items);
    out->items = items;
    for (size_t i = 0; i < n; i++) {
        if (!is_config_name(names[i])) continue;
        const char *stem = path_stem(arena, names[i], err), *path = path_join(arena, dir, names[i], err);
        if (!stem || !path) return false;
        const NamedConfig found = {arena_format(arena, err, "%s%s", prefix, stem), path};
        if (!found.name) return false;
        if (!find_name(out, found.name)) out->items[out->n++] = found;
    }
    return true;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(((const NamedConfig *)a)->name, ((const NamedConfig *)b)->name);
}

bool config_list(NamedConfigs *out, Arena *arena, Error *err) {
    const char *places[N_PLACES];
    *out = (NamedConfigs){0};
    if (!find_places(places, arena, err)) return false;
    for (size_t i = 0; i < N_PLACES; i++)
        for (size_t d = 0; d < sizeof DIRS / sizeof *DIRS; d++)
            if (!add_dir(out, path_join(arena, places[i], DIRS[d].path, err), DIRS[d].prefix, arena, err)) return false;
    qsort(out->items, out->n, sizeof *out->items, compare_names);
    return true;
}

static const char *refuse_name(const NamedConfigs *configs, const char *operand, Arena *arena, Error *err) {
    const char **names = arena_alloc(arena, configs->n, sizeof *names, err);
    if (!names) return NULL;
    for (size_t i = 0; i < configs->n; i++) names[i] = configs->items[i].name;
    size_t near = text_nearest(operand, names, configs->n);
    if (near < configs->n)
        error_set(err, "%s: no such file or config; did you mean %s?", operand, names[near]);
    else
        error_set(err, "%s: no such file or config; nomen configs lists the configs", operand);
    return NULL;
}

const char *config_find(const char *operand, Arena *arena, Error *err) {
    NamedConfigs configs;
    PathKind kind = path_kind(operand);
    bool has_slash = strchr(operand, '/') != NULL;
    bool is_path = kind == PATH_FILE || (has_slash && (kind != PATH_NOTHING || text_ends_with(operand, ".json")));
    if (!is_path) {
        if (!config_list(&configs, arena, err)) return NULL;
        const NamedConfig *found = find_name(&configs, operand);
        if (found) return found->path;
    }
    if (kind == PATH_DIR) {
        const char *config = path_join(arena, operand, "config.json", err);
        if (!config || path_kind(config) == PATH_FILE) return config;
    }
    return is_path || has_slash ? operand : refuse_name(&configs, operand, arena, err);
}

const char *shipped_file(const char *name, Arena *arena, Error *err) {
    const char *places[N_PLACES];
    if (!find_places(places, arena, err)) return NULL;
    for (size_t i = 0; i < N_PLACES; i++) {
        const char *path = path_join(arena, places[i], name, err);
        struct stat info;
        if (!path || stat(path, &info) == 0) return path;
        if (errno != ENOENT && errno != ENOTDIR) {
            error_system(err, path);
            return NULL;
        }
    }
    return "";
}
