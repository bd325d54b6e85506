#include "config/config.h"

#include "base/json.h"
#include "base/text.h"
#include "config/fields.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { KEY_PART_BYTES = 128 };

// Lines and columns count from 1; columns count code points.
static bool error_at(const char *text, size_t at, const char *reason, Error *err) {
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at; i++)
        if (text[i] == '\n') {
            line++;
            start = i + 1;
        }
    return error_set(err, "line %zu, column %zu: %s", line, utf8_count(text + start, at - start) + 1, reason);
}

// cJSON accepts invalid UTF-8, which could not be written back, and a NUL, which would cut a string short.
static bool check_characters(const char *text, size_t n, Error *err) {
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t c;
        length = utf8_decode(text + at, n - at, &c);
        if (length == 0) return error_at(text, at, "not UTF-8", err);
        if (c == 0 || strncmp(text + at, "\\u0000", 6) == 0) return error_at(text, at, "a NUL character", err);
    }
    return true;
}

// Parses n bytes with a NUL behind them.
static cJSON *parse_json(const char *text, size_t n, Error *err) {
    if (!check_characters(text, n, err)) return NULL;
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, n + 1, &end, 1);
    if (!tree) {
        size_t at = end ? (size_t)(end - text) : 0;
        error_at(text, at, "not JSON, here or just before", err);
    }
    return tree;
}

// Returns the value at `key`, and its parent. Adds missing members on the way. Returns NULL if there is no such place.
static cJSON *find_key(cJSON *tree, const char *key, cJSON **parent) {
    static const char separators[] = ".[]";
    cJSON *item = tree;
    *parent = NULL;
    const char *at = key + strspn(key, separators);
    while (item && *at != '\0' && *at != '=') {
        char name[KEY_PART_BYTES];
        uint64_t index;
        size_t n = strcspn(at, ".[]=");
        *parent = item;
        if (n >= sizeof name) return NULL;
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        at += n + strspn(at + n, separators);
        if (cJSON_IsArray(*parent)) {
            item = text_whole(name, 0, INT_MAX, &index) ? cJSON_GetArrayItem(*parent, (int)index) : NULL;
            continue;
        }
        if (cJSON_IsObject(*parent) && !cJSON_GetObjectItemCaseSensitive(*parent, name))
            cJSON_AddObjectToObject(*parent, name);
        item = cJSON_GetObjectItemCaseSensitive(*parent, name);
    }
    return *parent ? item : NULL;
}

// Replaces or adds the value at KEY, such as model.layers[2].out or model.layers.2.out; `key` ends at its "=" or its
// NUL. Takes ownership of the value, also on failure.
static bool set_value(cJSON *tree, const char *key, cJSON *value, Error *err) {
    cJSON *parent = NULL, *item = value ? find_key(tree, key, &parent) : NULL;
    if (!item) {
        cJSON_Delete(value);
        if (!value) return error_memory(err, 0);
        return error_set(err, "%.*s: no such place in the config", (int)strcspn(key, "="), key);
    }
    value->string = item->string; // the key moves to the new value
    item->string = NULL;
    return cJSON_ReplaceItemViaPointer(parent, item, value);
}

// Applies "KEY=VALUE". A value that is not JSON is taken as a string.
static bool apply_change(cJSON *tree, const char *change, Error *err) {
    int n = (int)strcspn(change, "=");
    if (!utf8_is_valid(change, strlen(change)))
        return error_set(err, "%.*s: the change is not UTF-8, which JSON requires", n, change);
    const char *text = change + n + 1;
    cJSON *value = cJSON_ParseWithOpts(text, NULL, 1);
    return set_value(tree, change, value ? value : cJSON_CreateString(text), err);
}

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

// A curve ends with the run unless it has its own steps. If the command line sets the run's steps, a warm-up that is
// too long for them is cut, so that a short trial needs no other changes.
static bool complete_curve(RateCurve *curve, uint64_t steps, bool sets_steps, Error *err) {
    bool ends_with_run = curve->steps == 0;
    if (ends_with_run) curve->steps = steps;
    if (ends_with_run && sets_steps && curve->warmup >= steps) curve->warmup = steps - 1;
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

// Gives `data` the keys outside it that decide how the names are shuffled and shared out.
static bool complete_random(Config *config, Error *err) {
    DataConfig *data = &config->data;
    data->seed = config->seed;
    data->shards = config->model.is_ngram ? 0 : config->train.shards;
    for (size_t i = 0; config->random && RANDOM_USES[i]; i++)
        if (strcmp(config->random, RANDOM_USES[i]) == 0) data->random = (RandomUse)i;
    if (data->random != RANDOM_LECTURES && column_is_given(data->format.weight))
        return error_set(err, "data.weight: with random \"%s\" every name counts once; remove weight", config->random);
    if (data->random == RANDOM_LECTURES || !data->shuffle_seed.given) return true;
    return error_set(err, "data.shuffle_seed: with random \"%s\" the key seed shuffles the names; remove shuffle_seed",
                     config->random);
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
static bool read_tree(Config *config, const cJSON *tree, const char *path, const ConfigChanges *changes, Arena *arena,
                      Error *err) {
    bool is_ngram = is_counts(tree), sets_steps = changes && changes->steps > 0;
    for (size_t i = 0; changes && i < changes->n; i++) sets_steps |= strncmp(changes->set[i], "train.steps=", 12) == 0;
    Reader reader = {.arena = arena, .err = err, .kind = is_ngram ? CONFIG_COUNTS : CONFIG_NETWORK};
    *config = (Config){.path = arena_copy(arena, path, strlen(path), err), .model.is_ngram = is_ngram};
    if (!config->path) return false;
    if (is_ngram && cJSON_HasObjectItem(tree, "train"))
        return error_set(err, "train: counts (model.ngram) are not trained in steps; remove train");
    if (!fields_read(&reader, &config_record, tree, config)) return false;
    Schedule *lr = &config->train.lr;
    if (!is_ngram && lr->n == 0 && !complete_curve(&lr->curve, config->train.steps, sets_steps, err)) return false;
    if (column_is_given(config->data.format.weight) && !column_is_given(config->data.format.column))
        return error_set(err, "data.weight: the names need a column too; add data.column");
    return complete_random(config, err) && complete_name(config, arena, err) && complete_data_path(config, arena, err);
}

static bool apply_changes(cJSON *tree, const ConfigChanges *changes, Arena *arena, Error *err) {
    for (size_t i = 0; i < changes->n; i++)
        if (!apply_change(tree, changes->set[i], err)) return false;
    if (changes->steps > 0 && !is_counts(tree) &&
        !set_value(tree, "train.steps", cJSON_CreateNumber((double)changes->steps), err))
        return false;
    if (!changes->data) return true;
    const char *path = path_absolute(arena, changes->data, err);
    return path && set_value(tree, "data.path", cJSON_CreateString(path), err);
}

static bool load_text(Config *config, const char *text, size_t n, const char *path, const ConfigChanges *changes,
                      Arena *arena, Error *err) {
    errno = 0;
    cJSON *tree = parse_json(text, n, err);
    bool ok = tree && (cJSON_IsObject(tree) || error_set(err, "expected a JSON object")) &&
              (!changes || apply_changes(tree, changes, arena, err)) &&
              read_tree(config, tree, path, changes, arena, err);
    cJSON_Delete(tree);
    return ok || error_if_memory_ran_out(err) || error_context(err, "%s", path);
}

bool config_parse(Config *config, const char *text, const char *path, const ConfigChanges *changes, Arena *arena,
                  Error *err) {
    return load_text(config, text, strlen(text), path, changes, arena, err);
}

bool config_refuse_names(const char *path, const char *expected, Arena *arena, Error *err) {
    const char *stem = path_stem(arena, path, err), *names = path_quote(path, arena, err);
    const char *config = stem ? arena_format(arena, err, "%s.json", stem) : NULL;
    config = config ? path_quote(config, arena, err) : NULL;
    return config && names &&
           error_set(err, "%s: expected %s, found a list of names; nomen init --data %s -o %s writes a config", path,
                     expected, names, config);
}

// A file that is no JSON object is most likely a list of names.
static bool check_kind(const Bytes *file, const char *path, Arena *arena, Error *err) {
    size_t space = strspn(file->at, " \t\r\n");
    if (text_ends_with(path, ".json") || file->at[space] == '{' || space == file->n) return true;
    if (text_ends_with(path, ".safetensors")) return error_set(err, "%s: expected a config, found a model file", path);
    return config_refuse_names(path, "a config", arena, err);
}

bool config_load(Config *config, const char *path, const ConfigChanges *changes, Arena *arena, Error *err) {
    Arena scratch = {0};
    Bytes file;
    bool ok = file_read(path, &scratch, &file, err) && check_kind(&file, path, &scratch, err) &&
              load_text(config, file.at, file.n, path, changes, arena, err);
    arena_free(&scratch);
    return ok;
}

const char *config_missing_names(const Config *config) {
    const char *names = config->data.path;
    if (path_kind(names) != PATH_NOTHING) return NULL;
    if (text_ends_with(names, "/share/nomen/data/lecture/names.txt"))
        return "make lecture-data install in nomen's source tree downloads and installs it";
    if (text_ends_with(names, "/data/lecture/names.txt"))
        return "make lecture-data in nomen's source tree downloads it";
    return "correct it";
}

bool config_check_names(const Config *config, bool has_data_option, Error *err) {
    const char *remedy = config_missing_names(config);
    return !remedy || error_set(err, "%s: data.path: %s: no such file or directory; %s%s", config->path,
                                config->data.path, remedy, has_data_option ? ", or give --data FILE" : "");
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

void config_write_without_path(const Config *config, Buffer *out) {
    Config same = *config;
    same.data.path = "";
    config_write(&same, out);
}

const char *config_print(const Config *config, Arena *arena, Error *err) {
    Buffer compact = {.arena = arena}, printed = {.arena = arena};
    config_write(config, &compact);
    const char *text = buffer_text(&compact, err);
    if (!text) return NULL;
    json_indent(&printed, text);
    return buffer_text(&printed, err);
}
