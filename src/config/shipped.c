#include "config/shipped.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

enum { N_PLACES = 3 };

// configs here first, so that one's own stand before those that came with the program.
static bool find_places(const char *places[N_PLACES], size_t *n, Arena *arena, Error *err) {
    const char *program = program_dir(arena, err);
    if (!program) return false;
    *n = 0;
    places[(*n)++] = "configs";
    if (program[0] == '\0') return true;
    const char *above = path_dir(arena, program, err);
    const char *installed = above ? path_join(arena, above, "share/nomen/configs", err) : NULL;
    const char *built = installed ? path_join(arena, above, "configs", err) : NULL;
    PathKind kind;
    if (!built || !path_look(installed, &kind, err)) return false;
    if (kind != PATH_NOTHING) places[(*n)++] = installed;
    if (!path_look(built, &kind, err)) return false;
    if (kind != PATH_NOTHING) places[(*n)++] = built;
    return true;
}

static bool is_config_name(const char *name) {
    return text_ends_with(name, ".json") && strcmp(name, ".json") != 0 && strcmp(name, "schema.json") != 0;
}

static bool is_known(const ShippedConfigs *configs, const char *name) {
    for (size_t i = 0; i < configs->n; i++)
        if (strcmp(configs->items[i].name, name) == 0) return true;
    return false;
}

static bool add_dir(ShippedConfigs *out, const char *dir, Arena *arena, Error *err) {
    const char **names;
    size_t n;
    if (!dir_list(dir, &names, &n, arena, err)) return false;
    ShippedConfig *items = arena_alloc(arena, out->n + n, sizeof *items, err);
    if (!items) return false;
    if (out->n > 0) memcpy(items, out->items, out->n * sizeof *items);
    out->items = items;
    for (size_t i = 0; i < n; i++) {
        if (!is_config_name(names[i])) continue;
        const ShippedConfig found = {path_stem(arena, names[i], err), path_join(arena, dir, names[i], err)};
        if (!found.name || !found.path) return false;
        if (!is_known(out, found.name)) out->items[out->n++] = found;
    }
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const ShippedConfig *)a)->name, ((const ShippedConfig *)b)->name);
}

bool shipped_configs(ShippedConfigs *out, Arena *arena, Error *err) {
    const char *places[N_PLACES];
    size_t n;
    *out = (ShippedConfigs){.dirs.items = arena_alloc(arena, N_PLACES, sizeof(char *), err)};
    if (!out->dirs.items || !find_places(places, &n, arena, err)) return false;
    for (size_t i = 0; i < n; i++) {
        const char *lectures = path_join(arena, places[i], "lectures", err);
        if (!lectures || !add_dir(out, places[i], arena, err) || !add_dir(out, lectures, arena, err)) return false;
        out->dirs.items[out->dirs.n++] = places[i];
    }
    qsort(out->items, out->n, sizeof *out->items, by_name);
    return true;
}

// "no such file, and no config of that name in configs or /usr/share/nomen/configs".
static void refuse(const ShippedConfigs *configs, const char *operand, Arena *arena, Error *err) {
    const char **names = arena_alloc(arena, configs->n, sizeof *names, err);
    if (!names) return;
    for (size_t i = 0; i < configs->n; i++) names[i] = configs->items[i].name;
    size_t near = text_nearest(operand, names, configs->n);
    char dirs[ERROR_TEXT_BYTES / 2] = "";
    for (size_t i = 0; i < configs->dirs.n; i++) {
        if (i > 0) strncat(dirs, " or ", sizeof dirs - strlen(dirs) - 1);
        strncat(dirs, configs->dirs.items[i], sizeof dirs - strlen(dirs) - 1);
    }
    if (near < configs->n)
        error_set(err, "%s: no such file or shipped config; did you mean %s?", operand, names[near]);
    else
        error_set(err, "%s: no such file, and no config of that name in %s; nomen configs lists those there are",
                  operand, dirs);
}

// The operand itself, but for the directory of a run, whose config is named.
static const char *as_path(const char *operand, Arena *arena, Error *err) {
    const char *config = path_join(arena, operand, "config.json", err);
    if (!config) return NULL;
    if (path_kind(config) != PATH_FILE) return operand;
    error_set(
        err,
        "%s: expected a config, found the directory of a run; its config is %s, which nomen train goes on with by "
        "--run %s --resume",
        operand, config, operand);
    return NULL;
}

const char *shipped_find(const char *operand, Arena *arena, Error *err) {
    ShippedConfigs configs;
    if (operand[0] == '\0') {
        error_set(err,
                  "expected a config's file or the name of a shipped config, found \"\"; nomen configs lists those");
        return NULL;
    }
    if (strchr(operand, '/') || text_ends_with(operand, ".json") || path_kind(operand) == PATH_FILE)
        return as_path(operand, arena, err);
    if (!shipped_configs(&configs, arena, err)) return NULL;
    for (size_t i = 0; i < configs.n; i++)
        if (strcmp(configs.items[i].name, operand) == 0) return configs.items[i].path;
    if (path_kind(operand) != PATH_NOTHING)
        return as_path(operand, arena, err); // a directory, which its reader refuses
    refuse(&configs, operand, arena, err);
    return NULL;
}

const char *shipped_beside(const char *name, Arena *arena, Error *err) {
    const char *places[N_PLACES];
    size_t n;
    if (!find_places(places, &n, arena, err)) return NULL;
    for (size_t i = 0; i < n; i++) {
        const char *dir = path_dir(arena, places[i], err);
        const char *path = dir ? path_join(arena, dir, name, err) : NULL;
        PathKind kind;
        if (!path || !path_look(path, &kind, err)) return NULL;
        if (kind == PATH_FILE) return path;
    }
    return "";
}
