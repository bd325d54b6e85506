// What the tests of nomen compare share.
#ifndef NOMEN_TESTS_CLI_COMPARE_H
#define NOMEN_TESTS_CLI_COMPARE_H

#include "cli/run.h"

#include <cjson/cJSON.h>
#include <math.h>

static inline void expect_words(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words), "\"%s\" stands not in:\n%s", words, text);
}

static inline void make(const char *run, const char *options) {
    Output output = train(run, options);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}

// Compares from within the scratch directory; every line fits 80 columns.
static inline Output compare(const char *words) {
    char all[1024];
    snprintf(all, sizeof all, "compare %s", words);
    Output output = nomen_in_scratch(all);
    for (const char *line = output.out; *line && *line != '{'; line = strchr(line, '\n') + 1)
        ck_assert_msg(utf8_count(line, strcspn(line, "\n")) <= 80, "too wide: %.*s", (int)strcspn(line, "\n"), line);
    return output;
}

static inline char *report(const char *words) {
    Output output = compare(words);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    return output.out;
}

static inline cJSON *json_of(const char *text) {
    cJSON *tree = cJSON_Parse(text);
    ck_assert_msg(tree != NULL, "no JSON: %s", text);
    return tree;
}

static inline const cJSON *item(const cJSON *tree, const char *list, int i, const char *key) {
    const cJSON *found =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, list), i), key);
    ck_assert_msg(found, "no %s[%d].%s", list, i, key);
    return found;
}

static inline double number_in(const cJSON *object, const char *key) {
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);
    ck_assert_msg(cJSON_IsNumber(number), "no number: %s", key);
    return number->valuedouble;
}

static inline double eval_loss(const char *run, const char *part) {
    cJSON *tree = json_of(nomen("eval '%s' --json", run).out);
    double loss = number_in(cJSON_GetObjectItemCaseSensitive(tree, part), "loss");
    cJSON_Delete(tree);
    return loss;
}

#endif
