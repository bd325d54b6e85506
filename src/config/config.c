#include "config/config.h"

#include "base/text.h"
#include "config/fields.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// Line and column, from 1 on, of a byte; columns count code points.
static bool no_json(const char *text, size_t at, const char *reason, Error *err) {
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at; i++)
        if (text[i] == '\n') {
            line++;
            start = i + 1;
        }
    return error_set(err, "line %zu, column %zu: %s", line, utf8_count(text + start, at - start) + 1, reason);
}

// The length of the JSON number (RFC 8259) that begins at `text`, 0 where none does.
static size_t number_length(const char *text) {
    static const char digits[] = "0123456789";
    size_t n = text[0] == '-', whole = strspn(text + n, digits);
    if (whole == 0 || (text[n] == '0' && whole > 1)) return 0;
    n += whole;
    if (text[n] == '.') {
        size_t fraction = strspn(text + n + 1, digits);
        if (fraction == 0) return 0;
        n += 1 + fraction;
    }
    if (text[n] == 'e' || text[n] == 'E') {
        size_t sign = text[n + 1] == '+' || text[n + 1] == '-', exponent = strspn(text + n + 1 + sign, digits);
        if (exponent == 0) return 0;
        n += 1 + sign + exponent;
    }
    return n;
}

// What cJSON lets pass and JSON does not: bytes that are not UTF-8, control characters, numbers such as 01 and 1. , and
// NUL, which would cut a string short.
static bool check_tokens(const char *text, size_t n, Error *err) {
    bool in_string = false;
    for (size_t at = 0, length; at < n; at += length) {
        uint32_t c;
        length = utf8_decode(text + at, n - at, &c);
        if (length == 0) return no_json(text, at, "not UTF-8", err);
        if (c == 0 || (in_string && strncmp(text + at, "\\u0000", 6) == 0))
            return no_json(text, at, "a NUL character", err);
        bool is_gap = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (c < 0x20 && (in_string || !is_gap)) return no_json(text, at, "not JSON: a control character", err);
        if (c == '"') in_string = !in_string;
        if (in_string && c == '\\' && at + 1 < n) length = 2; // what is escaped ends no string
        if (in_string || !(c == '-' || (c >= '0' && c <= '9'))) continue;
        length = number_length(text + at);
        if (length == 0) return no_json(text, at, "not JSON: no number is written like this", err);
    }
    return true;
}

// NULL, with the place, where the text is no JSON. The caller frees the tree.
static cJSON *parse_json(const char *text, size_t n, Error *err) {
    size_t spaces = strspn(text, " \t\r\n");
    if (spaces == n) {
        error_set(err, "the file is empty; expected a JSON object");
        return NULL;
    }
    if (!check_tokens(text, n, err)) return NULL;
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, n + 1, &end, 1);
    if (!tree) {
        size_t at = end ? (size_t)(end - text) : 0;
        bool cut_short = at + strspn(text + at, " \t\r\n") >= n;
        no_json(text, at,
                cut_short ? "not JSON: it ends too early, or just before here" : "not JSON, here or just before", err);
    }
    return tree;
}

// The member or list item of `parent` that the n bytes of `part` name. A missing member is made, as an object where
// more follows; NULL where there is no such place.
static cJSON *step_into(cJSON *parent, const char *part, size_t n, bool is_last) {
    char name[128];
    uint64_t index;
    snprintf(name, sizeof name, "%.*s", (int)n, part);
    if (n == 0 || n >= sizeof name) return NULL;
    if (cJSON_IsArray(parent))
        return text_whole(name, 0, 1 << 20, &index) ? cJSON_GetArrayItem(parent, (int)index) : NULL;
    if (!cJSON_IsObject(parent)) return NULL;
    if (!cJSON_GetObjectItemCaseSensitive(parent, name)) {
        cJSON *item = is_last ? cJSON_CreateNull() : cJSON_CreateObject();
        if (!cJSON_AddItemToObject(parent, name, item)) cJSON_Delete(item);
    }
    return cJSON_GetObjectItemCaseSensitive(parent, name);
}

// Walks a key such as "model.layers[2].out" or "model.layers.2.out"; *parent holds what is returned.
static cJSON *find_place(cJSON *tree, const char *key, cJSON **parent) {
    cJSON *item = tree;
    for (const char *at = key;;) {
        bool in_brackets = *at == '[';
        at += in_brackets;
        size_t n = strcspn(at, in_brackets ? "]" : ".[]");
        const char *next = at + n;
        if (in_brackets && *next++ != ']') return NULL;
        *parent = item;
        item = step_into(*parent, at, n, *next == '\0');
        if (!item || *next == '\0') return item;
        if (*next != '.' && *next != '[') return NULL;
        at = next + (*next == '.');
    }
}

static bool apply_change(cJSON *tree, const ConfigChange *change, Error *err) {
    cJSON *parent = NULL, *item = NULL;
    if (!utf8_is_valid(change->key, strlen(change->key)))
        return error_set(err, "%s: it is not UTF-8, so there is no such place in the config", change->key);
    if (!utf8_is_valid(change->value, strlen(change->value)))
        return error_set(err, "%s: its new value is not UTF-8, which JSON cannot hold", change->key);
    if (change->key[0] != '[') item = find_place(tree, change->key, &parent);
    if (!item) return error_set(err, "%s: there is no such place in the config", change->key);
    cJSON *value = cJSON_ParseWithOpts(change->value, NULL, 1);
    const char *begin = change->value + strspn(change->value, " \t\r\n");
    if (!value && (*begin == '{' || *begin == '['))
        return error_set(err, "%s: expected JSON behind a \"%c\", found %s", change->key, *begin, change->value);
    if (!value) value = cJSON_CreateString(change->value);
    bool is_member = item->string, done = value;
    if (done && is_member) {
        // Where memory runs out it puts a nameless value there, and says that all is well.
        done = cJSON_ReplaceItemInObjectCaseSensitive(parent, item->string, value);
        return (done && value->string) || error_memory(err, 0);
    }
    done = done && cJSON_ReplaceItemViaPointer(parent, item, value);
    if (!done) cJSON_Delete(value);
    return done || error_memory(err, 0);
}

bool config_data_change(ConfigChange *change, const char *file, Arena *arena, Error *err) {
    const char *path = path_absolute(arena, file, err);
    Buffer quoted = {.arena = arena};
    if (!path) return false;
    json_text(&quoted, path);
    *change = (ConfigChange){"data.path", buffer_text(&quoted, err)};
    return change->value != NULL;
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

// A curve ends with the run unless it says otherwise, and has to come behind its warm-up.
static bool complete_curve(RateCurve *curve, uint64_t steps, Error *err) {
    if (curve->steps == 0) curve->steps = steps;
    return curve->warmup < curve->steps ||
           error_set(err, "train.lr.warmup: expected fewer steps than the curve has, %llu, found %llu",
                     (unsigned long long)curve->steps, (unsigned long long)curve->warmup);
}

static bool read_tree(Config *config, const cJSON *tree, const char *path, Arena *arena, Error *err) {
    Reader reader = {.arena = arena, .err = err};
    *config = (Config){0};
    if (is_counts(tree) && cJSON_HasObjectItem(tree, "train"))
        return error_set(err, "train: counts (model.ngram) are not trained in steps; leave train, and --steps, out");
    if (!fields_read(&reader, is_counts(tree) ? &counts_config : &network_config, tree, config)) return false;
    config->model.is_ngram = is_counts(tree);
    TrainConfig *train = &config->train;
    if (!config->model.is_ngram && train->lr.n == 0 && !complete_curve(&train->lr.curve, train->steps, err))
        return false;
    if (config->name[0] == '\0') config->name = path_stem(arena, path, err);
    if (!config->name) return false;
    if (!is_dir_name(config->name))
        return error_set(
            err, "name: expected a directory's name without \"/\", control characters or a leading \".\", found \"%s\"",
            config->name);
    char *dir = path_dir(arena, path, err);
    char *joined = dir ? path_join(arena, dir, config->data.path, err) : NULL;
    config->data.path = joined ? path_absolute(arena, joined, err) : NULL;
    if (!config->data.path) return false;
    return utf8_is_valid(config->data.path, strlen(config->data.path)) ||
           error_set(err, "data.path: \"%s\" is not UTF-8, which JSON cannot hold; rename it", config->data.path);
}

static bool load_text(Config *config, const char *text, size_t n, const char *path, const ConfigChange *changes,
                      size_t n_changes, Arena *arena, Error *err) {
    errno = 0;
    cJSON *tree = parse_json(text, n, err);
    Reader reader = {.arena = arena, .err = err};
    bool ok = tree && (cJSON_IsObject(tree) || error_set(err, "expected a JSON object"));
    for (size_t i = 0; ok && i < n_changes; i++) ok = apply_change(tree, &changes[i], err);
    ok = ok && keys_are_unique(&reader, tree);
    ok = ok && read_tree(config, tree, path, arena, err);
    cJSON_Delete(tree);
    return ok || error_if_memory_ran_out(err) || error_context(err, "%s", path);
}

bool config_check_names(const Config *config, const char *path, const ConfigChange *changes, size_t n_changes,
                        const char *other_way, Error *err) {
    const char *names = config->data.path;
    for (size_t i = 0; i < n_changes; i++)
        if (strcmp(changes[i].key, "data.path") == 0) return true;
    if (path_kind(names) != PATH_NOTHING) return true;
    bool is_lecture = text_ends_with(names, "/data/lecture/names.txt");
    return error_set(err, "%s: data.path: %s: no such file or directory; correct it, or %s%s", path, names, other_way,
                     is_lecture ? " (the lectures' names: make lecture-data in nomen's sources)" : "");
}

bool config_load(Config *config, const char *path, const ConfigChange *changes, size_t n_changes, Arena *arena,
                 Error *err) {
    Arena scratch = {0};
    Bytes file;
    bool ok = file_read(path, &scratch, &file, err) &&
              load_text(config, file.at, file.n, path, changes, n_changes, arena, err);
    arena_free(&scratch);
    return ok;
}

bool config_parse(Config *config, const char *text, size_t n, const char *path, Arena *arena, Error *err) {
    return load_text(config, text, n, path, NULL, 0, arena, err);
}

void config_write(const Config *config, Buffer *out) {
    json_open(out, '{');
    fields_write(out, config->model.is_ngram ? &counts_config : &network_config, config);
    json_close(out, '}');
}

const char *config_print(const Config *config, Arena *arena, Error *err) {
    Buffer compact = {.arena = arena}, printed = {.arena = arena};
    config_write(config, &compact);
    const char *text = buffer_text(&compact, err);
    if (!text) return NULL;
    json_indent(&printed, text);
    return buffer_text(&printed, err);
}

// What may differ between two configs, and how their first other difference is told: "KEY: FIRST X, SECOND Y".
typedef struct Likeness {
    const char *const *free_keys; // ends with NULL
    const char *first, *second;
} Likeness;

static bool may_differ(const Likeness *likeness, const char *path) {
    for (const char *const *key = likeness->free_keys; *key; key++)
        if (strcmp(path, *key) == 0) return true;
    return false;
}

static bool differs(const Likeness *likeness, const char *path, const cJSON *a, const cJSON *b, Error *err) {
    char was[64] = "nothing", is[64] = "nothing";
    if (a) value_text(a, was, sizeof was);
    if (b) value_text(b, is, sizeof is);
    return error_set(err, "%s: %s %s, %s %s", path, likeness->first, was, likeness->second, is);
}

// Both trees come from config_write, so objects list their keys in the same order.
static bool same_tree(const Likeness *likeness, const char *path, const cJSON *first, const cJSON *second, Error *err) {
    if (may_differ(likeness, path) || cJSON_Compare(first, second, 1)) return true;
    bool both_nest =
        first && second && (first->type & 0xFF) == (second->type & 0xFF) && (first->child || second->child);
    if (!both_nest) return differs(likeness, path, first, second, err);
    size_t index = 0;
    const cJSON *a = first->child, *b = second->child;
    for (; a || b; a = a ? a->next : NULL, b = b ? b->next : NULL, index++) {
        const char *key = a ? a->string : b->string;
        char below[KEY_PATH_BYTES];
        if (key)
            snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", key);
        else
            snprintf(below, sizeof below, "%s[%zu]", path, index);
        bool same_key = !a || !b || !key || strcmp(a->string, b->string) == 0;
        if (!same_key) return differs(likeness, below, a, NULL, err);
        if (!same_tree(likeness, below, a, b, err)) return false;
    }
    return true;
}

// A config as this version writes it: one written before a key was known has the key's default.
static cJSON *complete_tree(const char *text, Error *err) {
    Arena arena = {0};
    Config config;
    Buffer out = {.arena = &arena};
    cJSON *tree = NULL;
    if (config_parse(&config, text, strlen(text), "the run's config", &arena, err)) {
        config_write(&config, &out);
        const char *complete = buffer_text(&out, err);
        tree = complete ? cJSON_Parse(complete) : NULL;
        if (complete && !tree) error_memory(err, 0);
    }
    arena_free(&arena);
    return tree;
}

static bool are_alike(const Likeness *likeness, const char *first, const char *second, Error *err) {
    cJSON *a = complete_tree(first, err), *b = a ? complete_tree(second, err) : NULL;
    bool ok = a && b && same_tree(likeness, "", a, b, err);
    cJSON_Delete(a);
    cJSON_Delete(b);
    return ok;
}

bool config_can_resume(const char *old, const char *new, Error *err) {
    static const char *const free_keys[] = {
        "train.steps", "train.log_every", "train.eval_every", "train.checkpoint_every", "data.path", NULL};
    return are_alike(&(Likeness){free_keys, "the run has", "the config says"}, old, new, err);
}

static bool stops_early(const char *text, bool *stops, Error *err) {
    Arena arena = {0};
    Config config;
    bool ok = config_parse(&config, text, strlen(text), "the run's config", &arena, err);
    *stops = ok && config.train.early_stop.patience > 0;
    arena_free(&arena);
    return ok;
}

bool config_same_but_seed(const char *first, const char *second, Error *err) {
    static const char *const free_keys[] = {
        "seed", "name", "data.path", "sample", "train.log_every", "train.checkpoint_every", "train.eval_every", NULL};
    static const char *const free_with_early_stop[] = {
        "seed", "name", "data.path", "sample", "train.log_every", "train.checkpoint_every", NULL};
    bool stops;
    if (!stops_early(first, &stops, err)) return false;
    const Likeness likeness = {stops ? free_with_early_stop : free_keys, "the first run has", "this one"};
    return are_alike(&likeness, first, second, err);
}
