#include "config/json.h"

#include "base/text.h"

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

cJSON *json_parse(const char *text, size_t n, Error *err) {
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

bool json_set(cJSON *tree, const char *key, cJSON *value, Error *err) {
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

bool json_change(cJSON *tree, const char *change, Error *err) {
    int n = (int)strcspn(change, "=");
    if (!utf8_is_valid(change, strlen(change)))
        return error_set(err, "%.*s: the change is not UTF-8, which JSON requires", n, change);
    const char *text = change + n + 1;
    cJSON *value = cJSON_ParseWithOpts(text, NULL, 1);
    return json_set(tree, change, value ? value : cJSON_CreateString(text), err);
}
