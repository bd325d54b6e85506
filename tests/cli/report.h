// What the tests of nomen report share.
#ifndef NOMEN_TESTS_CLI_REPORT_H
#define NOMEN_TESTS_CLI_REPORT_H

#include "cli/run.h"

static inline const char *make_counts(const char *names, const char *model) {
    char config[256];
    snprintf(config, sizeof config, "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{%s}}", model);
    write_text(scratch("names.txt"), names);
    write_text(scratch("c.json"), config);
    Output made = nomen("train '%s' --run '%s' --quiet --force", scratch("c.json"), scratch("run"));
    ck_assert_msg(made.status == 0, "%s", made.err);
    return scratch("run");
}

// Writes the page without pictures; returns it.
static inline const char *report_noting(const char *run, const char *note) {
    Output output = nomen("report '%s' --no-plots", run);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/report.html\n", run);
    ck_assert_str_eq(output.err, note);
    ck_assert_int_eq(output.status, 0);
    ck_assert_str_eq(output.out, path);
    return read_text(inside(run, "report.html"), NULL);
}

static inline const char *report(const char *run) { return report_noting(run, ""); }

static inline size_t count(const char *text, const char *word) {
    size_t n = 0;
    for (; (text = strstr(text, word)); text += strlen(word)) n++;
    return n;
}

static inline void expect_part(const char *page, const char *part) {
    ck_assert_msg(strstr(page, part) != NULL, "the page has no %s", part);
}

#endif
