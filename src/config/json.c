#include "config/json.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

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
    if (strspn(text, " \t\r\n") == n) {
        error_set(err, "the file is empty; expected a JSON object");
        return NULL;
    }
    if (!check_characters(text, n, err)) return NULL;
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, n + 1, &end, 1);
    if (!tree) {
        size_t at = end ? (size_t)(end - text) : 0;
        bool is_cut = at + strspn(text + at, " \t\r\n") >= n;
        error_at(text, at, is_cut ? "not JSON: the text ends too early" : "not JSON, here or just before", err);
    }
    return tree;
}

// Returns the member or list item of `parent` that n bytes of `part` name, or NULL. Adds a missing member, as an object
// if the key continues below it.
static cJSON *find_part(cJSON *parent, const char *part, size_t n, bool is_last) {
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

static cJSON *find_key(cJSON *tree, const char *key, cJSON **parent) {
    cJSON *item = tree;
    if (*key == '[') return NULL;
    for (const char *at = key;;) {
        bool in_brackets = *at == '[';
        at += in_brackets;
        size_t n = strcspn(at, in_brackets ? "]=" : ".[]=");
        const char *next = at + n;
        if (in_brackets && *next++ != ']') return NULL;
        bool is_last = *next == '\0' || *next == '=';
        *parent = item;
        item = find_part(*parent, at, n, is_last);
        if (!item || is_last) return item;
        if (*next != '.' && *next != '[') return NULL;
        at = next + (*next == '.');
    }
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
    const char *text = change + n + 1, *begin = text + strspn(text, " \t\r\n");
    cJSON *value = cJSON_ParseWithOpts(text, NULL, 1);
    if (!value && (*begin == '{' || *begin == '['))
        return error_set(err, "%.*s: expected JSON after \"%c\", found %s", n, change, *begin, text);
    return json_set(tree, change, value ? value : cJSON_CreateString(text), err);
}
