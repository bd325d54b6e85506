#include "config/config.h"

#include "base/json.h"
#include "base/text.h"
#include "config/fields.h"
#include "config/find.h"
#include "config/json.h"

#include <errno.h>
#include <string.h>

static bool is_counts(const cJSON *tree) {
    return cJSON_HasObjectItem(cJSON_GetObjectItemCaseSensitive(tree, "model"), "ngram");
}

static bool is_dir_name(const char *name) {
    bool ok = name[0] != '\0' && name[0] != '.' && utf8_is_valid(name, strlen(name));
    for (size_t at = 0; ok && name[at];) {
        uint32_t c = 0;
        at += utf8_decode(name + at, strlen(name + at), &c);
        ok = c != '/' && !utf8_is_control(c);
    }
    return ok;
}

// A curve ends with the run unless it has its own steps.
static bool complete_curve(RateCurve *curve, uint64_t steps, Error *err) {
    if (curve->steps == 0) curve->steps = steps;
    return curve->warmup < curve->steps ||
           error_set(err, "train.lr.warmup: expected fewer steps than the curve has, %llu, found %llu",
                     (unsigned long long)curve->steps, (unsigned long long)curve->warmup);
}

static bool complete_data_path(Config *config, Arena *arena, Error *err) {
    char *dir = path_dir(arena, config->path, err);
    char *joined = dir ? path_join(arena, dir, config->data.path, err) : NULL;
    config->data.path = joined ? path_absolute(arena, joined, err) : NULL;
    if (!config->data.path) return false;
    return utf8_is_valid(config->data.path, strlen(config->data.path)) ||
           error_set(err, "data.path: \"%s\" is not UTF-8, which JSON requires; rename it", config->data.path);
}

static bool complete_name(Config *config, Arena *arena, Error *err) {
    if (config->name[0] == '\0') config->name = path_stem(arena, config->path, err);
    if (!config->name) return false;
    return is_dir_name(config->name) ||
           error_set(err,
                     "name: expected a directory name without \"/\", control characters or a leading \".\", found "
                     "\"%s\"",
                     config->name);
}

// Fills the config from a tree and checks what the tables cannot express.
static bool read_tree(Config *config, const cJSON *tree, const char *path, Arena *arena, Error *err) {
    bool is_ngram = is_counts(tree);
    Reader reader = {.arena = arena, .err = err, .kind = is_ngram ? CONFIG_COUNTS : CONFIG_NETWORK};
    *config = (Config){.path = arena_copy(arena, path, strlen(path), err), .model.is_ngram = is_ngram};
    if (!config->path) return false;
    if (is_ngram && cJSON_HasObjectItem(tree, "train"))
        return error_set(err, "train: counts (model.ngram) are not trained in steps; remove train, and --steps");
    if (!fields_read(&reader, &config_record, tree, config)) return false;
    Schedule *lr = &config->train.lr;
    if (!is_ngram && lr->n == 0 && !complete_curve(&lr->curve, config->train.steps, err)) return false;
    return complete_name(config, arena, err) && complete_data_path(config, arena, err);
}

static bool apply_changes(cJSON *tree, const ConfigChanges *changes, Arena *arena, Error *err) {
    for (size_t i = 0; i < changes->n; i++)
        if (!json_change(tree, changes->set[i], err)) return false;
    if (!changes->data) return true;
    const char *path = path_absolute(arena, changes->data, err);
    return path && json_set(tree, "data.path", cJSON_CreateString(path), err);
}

static bool load_text(Config *config, const char *text, size_t n, const char *path, const ConfigChanges *changes,
                      Arena *arena, Error *err) {
    errno = 0;
    cJSON *tree = json_parse(text, n, err);
    bool ok = tree && (cJSON_IsObject(tree) || error_set(err, "expected a JSON object")) &&
              (!changes || apply_changes(tree, changes, arena, err)) && read_tree(config, tree, path, arena, err);
    cJSON_Delete(tree);
    return ok || error_if_memory_ran_out(err) || error_context(err, "%s", path);
}

bool config_parse(Config *config, const char *text, const char *path, Arena *arena, Error *err) {
    return load_text(config, text, strlen(text), path, NULL, arena, err);
}

bool config_load(Config *config, const char *path, const ConfigChanges *changes, Arena *arena, Error *err) {
    Arena scratch = {0};
    Bytes file;
    bool ok = file_read(path, &scratch, &file, err) && load_text(config, file.at, file.n, path, changes, arena, err);
    arena_free(&scratch);
    return ok;
}

bool config_check_names(const Config *config, bool has_data_option, Error *err) {
    const char *names = config->data.path;
    if (path_kind(names) != PATH_NOTHING) return true;
    return error_set(err, "%s: data.path: %s: no such file or directory; correct it%s%s", config->path, names,
                     has_data_option ? ", or give --data FILE" : "",
                     text_ends_with(names, "/data/lecture/names.txt")
                         ? " (make lecture-data in nomen's source tree downloads the lectures' names)"
                         : "");
}

bool config_open(Config *config, const char *operand, const ConfigChanges *changes, Arena *arena, Error *err) {
    const char *path = config_find(operand, arena, err);
    return path && config_load(config, path, changes, arena, err) &&
           ((changes && changes->data) || config_check_names(config, changes != NULL, err));
}

void config_write(const Config *config, Buffer *out) {
    const Writer writer = {out, config->model.is_ngram ? CONFIG_COUNTS : CONFIG_NETWORK};
    fields_write(&writer, &config_record, config);
}

const char *config_print(const Config *config, Arena *arena, Error *err) {
    Buffer compact = {.arena = arena}, printed = {.arena = arena};
    config_write(config, &compact);
    const char *text = buffer_text(&compact, err);
    if (!text) return NULL;
    json_indent(&printed, text);
    return buffer_text(&printed, err);
}
