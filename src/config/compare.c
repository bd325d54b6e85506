// Which differences between two configs let a run resume, or make two runs differ in their seed alone.
#include "config/config.h"
#include "config/fields.h"

#include <stdio.h>
#include <string.h>

static bool differs(const char *path, const cJSON *a, const cJSON *b, Error *err) {
    char first[64], second[64];
    return error_set(err, "%s: expected %s, found %s", path, value_text(a, first, sizeof first),
                     value_text(b, second, sizeof second));
}

// The keys in `free_keys`, which end with NULL, may differ. Both trees come from config_write, so objects list their
// keys in the same order.
static bool same_tree(const char *const *free_keys, const char *path, const cJSON *first, const cJSON *second,
                      Error *err) {
    for (const char *const *key = free_keys; *key; key++)
        if (strcmp(path, *key) == 0) return true;
    if (cJSON_Compare(first, second, 1)) return true;
    bool both_nest =
        first && second && (first->type & 0xFF) == (second->type & 0xFF) && (first->child || second->child);
    if (!both_nest) return differs(path, first, second, err);
    size_t index = 0;
    const cJSON *a = first->child, *b = second->child;
    for (; a || b; a = a ? a->next : NULL, b = b ? b->next : NULL, index++) {
        const char *key = (a ? a : b)->string;
        char below[KEY_PATH_BYTES];
        if (key)
            snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", key);
        else
            snprintf(below, sizeof below, "%s[%zu]", path, index);
        if (a && b && key && strcmp(a->string, b->string) != 0) return differs(below, a, NULL, err);
        if (!same_tree(free_keys, below, a, b, err)) return false;
    }
    return true;
}

static cJSON *config_tree(const Config *config, Error *err) {
    Arena arena = {0};
    Buffer out = {.arena = &arena};
    config_write(config, &out);
    const char *text = buffer_text(&out, err);
    cJSON *tree = text ? cJSON_Parse(text) : NULL;
    if (text && !tree) error_memory(err, 0);
    arena_free(&arena);
    return tree;
}

static bool same_config(const char *const *free_keys, const Config *first, const Config *second, Error *err) {
    cJSON *a = config_tree(first, err), *b = a ? config_tree(second, err) : NULL;
    bool ok = a && b && same_tree(free_keys, "", a, b, err);
    cJSON_Delete(a);
    cJSON_Delete(b);
    return ok;
}

bool config_can_resume(const Config *old, const Config *new, Error *err) {
    static const char *const free_keys[] = {
        "train.steps", "train.log_every", "train.eval_every", "train.checkpoint_every", "data.path", NULL};
    return same_config(free_keys, old, new, err);
}

bool config_same_but_seed(const Config *first, const Config *second, Error *err) {
    static const char *const free_keys[] = {
        "train.eval_every", "seed", "name", "data.path", "sample", "train.log_every", "train.checkpoint_every", NULL};
    // Early stop counts evaluations, so eval_every then affects training.
    bool stops_early = first->train.early_stop.patience > 0;
    return same_config(stops_early ? free_keys + 1 : free_keys, first, second, err);
}
