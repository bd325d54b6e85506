#include "cmd/train/sweep.h"

#include <string.h>

enum { NAME_BYTES = 80 };

// The values of one sweep.
typedef struct Values {
    const char *text; // "KEY=VALUE,VALUE..."
    size_t n_key;     // bytes of KEY=
    size_t n;
    const char **values, **names; // (n)
} Values;

// Returns the bytes up to the next comma outside of brackets, braces and quotes.
static size_t value_bytes(const char *text) {
    size_t depth = 0, n = 0;
    for (bool is_quoted = false; text[n] && (is_quoted || depth > 0 || text[n] != ','); n++) {
        if (text[n] == '"') is_quoted = !is_quoted;
        if (is_quoted && text[n] == '\\' && text[n + 1]) n++;
        if (is_quoted) continue;
        if (strchr("[{", text[n])) depth++;
        if (strchr("]}", text[n]) && depth > 0) depth--;
    }
    return n;
}

// Adds the text with `joiner` in place of each run of characters that are not safe.
static void add_safe(Buffer *out, const char *text, size_t n, const char *joiner, const char *also_unsafe) {
    bool is_first = true, joins = false;
    size_t begin = out->n;
    for (size_t at = 0, length; at < n && out->n - begin < NAME_BYTES; at += length) {
        uint32_t c = 0;
        length = utf8_decode(text + at, n - at, &c);
        bool is_safe = c >= 128 ? !utf8_is_control(c)
                                : (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                                      (c > 0 && strchr("_-+.", (int)c) && !strchr(also_unsafe, (int)c));
        if (is_safe && joins && !is_first) buffer_print(out, "%s", joiner);
        if (is_safe) buffer_add(out, text + at, length);
        is_first = is_first && !is_safe;
        joins = !is_safe;
        if (length == 0) length = 1;
    }
}

// Returns a name such as "smoothing=0.1".
static const char *value_name(const Values *sweep, const char *value, Arena *arena, Error *err) {
    Buffer name = {.arena = arena};
    const char *key = sweep->text + strspn(sweep->text, ".[]");
    size_t n = sweep->n_key - 1 - (size_t)(key - sweep->text), first = strcspn(key, ".[]=");
    if (first < n) key += first, n -= first;
    add_safe(&name, key, n, ".", ".");
    buffer_print(&name, "=");
    add_safe(&name, value, strlen(value), "_", "");
    return buffer_text(&name, err);
}

static bool add_value(Values *sweep, const char *value, Arena *arena, Error *err) {
    const char *name = value ? value_name(sweep, value, arena, err) : NULL;
    if (!name) return false;
    if (value[strspn(value, " ")] == '\0')
        return error_usage(err, "--sweep: %s: value %zu is empty", sweep->text, sweep->n + 1);
    for (size_t k = 0; k < sweep->n; k++)
        if (strcmp(sweep->names[k], name) == 0)
            return error_usage(err, "--sweep: the values %s and %s would have the same run directory, %s",
                               sweep->values[k], value, name);
    sweep->values[sweep->n] = value;
    sweep->names[sweep->n++] = name;
    return true;
}

static bool split_values(Values *sweep, const char *text, Arena *arena, Error *err) {
    const char *equals = strchr(text, '=');
    *sweep = (Values){.text = text,
                      .values = arena_alloc(arena, strlen(text), sizeof *sweep->values, err),
                      .names = arena_alloc(arena, strlen(text), sizeof *sweep->names, err)};
    if (!sweep->values || !sweep->names) return false;
    if (!equals || equals == text) return error_usage(err, "--sweep: expected KEY=VALUE,VALUE..., found \"%s\"", text);
    sweep->n_key = (size_t)(equals - text) + 1;
    for (size_t at = sweep->n_key, n;; at += n + 1) {
        n = value_bytes(text + at);
        if (!add_value(sweep, arena_copy(arena, text + at, n, err), arena, err)) return false;
        if (text[at + n] == '\0') break;
    }
    return sweep->n > 1 || error_usage(err, "--sweep: expected two values or more, found \"%s\"; --set sets one", text);
}

// Fills in point i.
static bool make_point(SweepPoint *point, size_t i, const Values *sweeps, size_t n, Arena *arena, Error *err) {
    *point = (SweepPoint){.name = "", .set = arena_alloc(arena, n, sizeof *point->set, err)};
    for (size_t k = n; point->set && k-- > 0; i /= sweeps[k].n) {
        const Values *sweep = &sweeps[k];
        size_t v = i % sweep->n;
        point->set[k] = arena_format(arena, err, "%.*s%s", (int)sweep->n_key, sweep->text, sweep->values[v]);
        point->name = arena_format(arena, err, "%s%s%s", sweep->names[v], k + 1 < n ? "," : "", point->name);
        if (!point->set[k] || !point->name) return false;
    }
    return point->set != NULL;
}

bool sweep_read(Sweep *sweep, const TextList *options, size_t most, Arena *arena, Error *err) {
    Values sweeps[OPTION_LIST_ITEMS];
    *sweep = (Sweep){.n_sweeps = options->n, .n = options->n > 0};
    for (size_t k = 0; k < options->n; k++) {
        if (!split_values(&sweeps[k], options->items[k], arena, err)) return false;
        for (size_t j = 0; j < k; j++)
            if (sweeps[j].n_key == sweeps[k].n_key && strncmp(sweeps[j].text, sweeps[k].text, sweeps[k].n_key) == 0)
                return error_usage(err, "--sweep: %.*s is given twice; give all its values in one",
                                   (int)sweeps[k].n_key - 1, sweeps[k].text);
        sweep->n *= sweeps[k].n;
        if (sweep->n > most) return error_usage(err, "--sweep: expected at most %zu combinations of values", most);
    }
    sweep->points = arena_alloc(arena, sweep->n, sizeof *sweep->points, err);
    for (size_t i = 0; sweep->points && i < sweep->n; i++)
        if (!make_point(&sweep->points[i], i, sweeps, options->n, arena, err)) return false;
    return sweep->points != NULL;
}
