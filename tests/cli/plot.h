// What the tests of nomen plot share.
#ifndef NOMEN_TESTS_CLI_PLOT_H
#define NOMEN_TESTS_CLI_PLOT_H

#include "cli/run.h"
#include "cli/xml_check.h"

// The picture of that kind that was written into the run's directory: an SVG for a page, with all of these texts in it,
// each the whole of a text element; "" ends them.
static inline char *expect_picture(const char *dir, const char *kind, const char *const *texts) {
    char name[64], text[512];
    snprintf(name, sizeof name, "%s.svg", kind);
    char *svg = read_text(inside(dir, name), NULL);
    ck_assert_msg(xml_is_well_formed(svg), "%s: no XML", kind);
    ck_assert_msg(strncmp(svg, "<svg ", 5) == 0, "%s", kind);
    ck_assert_msg(!strstr(svg, "<script") && !strstr(svg, "href='http") && !strstr(svg, "href=\"http"), "%s", kind);
    for (size_t i = 0; texts && texts[i][0]; i++) {
        snprintf(text, sizeof text, ">%s</text>", texts[i]);
        ck_assert_msg(strstr(svg, text) != NULL, "%s: no text \"%s\"", kind, texts[i]);
    }
    return svg;
}

// What stands above a pair of symbols in a table of them.
static inline const char *cell_of(const char *svg, const char *pair) {
    static char value[32];
    char text[64];
    snprintf(text, sizeof text, ">%s</text>", pair);
    const char *at = strstr(svg, text), *end = NULL;
    ck_assert_msg(at != NULL, "no cell %s", pair);
    for (const char *next = svg; (next = strstr(next, "</text>")) && next < at; next++) end = next;
    ck_assert_ptr_nonnull(end);
    const char *begin = end;
    while (begin[-1] != '>') begin--;
    snprintf(value, sizeof value, "%.*s", (int)(end - begin), begin);
    return value;
}

#endif
