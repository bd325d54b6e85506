// What the tests of commands that print reports share: counts to report on, words of their text, values of their JSON.
#pragma once

#include "testing.h"

#include "base/text.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The standard output of a command that succeeded without a note.
static inline char *ok(Output output) {
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    return output.out;
}

static inline void expect_words(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words), "no \"%s\" in:\n%s", words, text);
}

static inline void expect_no_words(const char *text, const char *words) {
    ck_assert_msg(!strstr(text, words), "\"%s\" in:\n%s", words, text);
}

// Returns the text if every line fits 80 columns, unless it holds a path, which may be long.
static inline char *expect_columns(char *text) {
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        ck_assert_msg(utf8_columns(line) <= 80 || strchr(line, '/'), "too wide: %s", line);
        *end = '\n';
    }
    return text;
}

// Returns a tree that lives as long as the test.
static inline cJSON *json_of(const char *text) {
    static cJSON *trees[256];
    static size_t n;
    ck_assert_uint_lt(n, COUNT(trees));
    trees[n] = cJSON_Parse(text);
    ck_assert_msg(trees[n] != NULL, "no JSON: %s", text);
    return trees[n++];
}

// A run of an n-gram model of these names, all of them in train.
static inline const char *train_counts(const char *names, int ngram, int smoothing) {
    char config[128];
    snprintf(config, sizeof config,
             "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"ngram\":%d,\"smoothing\":%d}}", ngram,
             smoothing);
    write_text(scratch("names.txt"), names);
    write_text(scratch("c.json"), config);
    ok(nomen("train '%s' --run '%s' --quiet --force", scratch("c.json"), scratch("run")));
    return scratch("run");
}

// The value at a path such as "groups.0.dev.losses.2"; NULL if there is none.
static inline const cJSON *json_find(const cJSON *tree, const char *path) {
    while (tree && *path) {
        char key[64] = "";
        size_t n = strcspn(path, ".");
        ck_assert_uint_lt(n, sizeof key);
        memcpy(key, path, n);
        tree = cJSON_IsArray(tree) ? cJSON_GetArrayItem(tree, atoi(key)) : cJSON_GetObjectItemCaseSensitive(tree, key);
        path += n + (path[n] == '.');
    }
    return tree;
}

static inline const cJSON *json_at(const cJSON *tree, const char *path) {
    const cJSON *found = json_find(tree, path);
    ck_assert_msg(found, "no %s", path);
    return found;
}

static inline double number_at(const cJSON *tree, const char *path) {
    ck_assert_msg(cJSON_IsNumber(json_at(tree, path)), "%s is no number", path);
    return json_at(tree, path)->valuedouble;
}

static inline const char *text_at(const cJSON *tree, const char *path) {
    ck_assert_msg(cJSON_IsString(json_at(tree, path)), "%s is no string", path);
    return json_at(tree, path)->valuestring;
}

// Fails unless the value is "null", "true", "false" or a text.
static inline void expect_value(const cJSON *tree, const char *path, const char *expected) {
    const cJSON *found = json_at(tree, path);
    const char *word = cJSON_IsNull(found)    ? "null"
                       : cJSON_IsTrue(found)  ? "true"
                       : cJSON_IsFalse(found) ? "false"
                                              : text_at(tree, path);
    ck_assert_msg(strcmp(word, expected) == 0, "%s: %s, expected %s", path, word, expected);
}
