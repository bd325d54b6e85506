// What the tests of nomen plot and nomen report share.
#pragma once

#include "cli/run.h"
#include "draw/plot.h"

#include <ctype.h>

// Models, as JSON without the outer braces, with ' for ".
#define COUNTS(n, smoothing) "'ngram': " #n ", 'smoothing': " #smoothing
#define LAYERS(context, layers) "'context': " #context ", 'layers': [" layers "]"
#define EMBEDDING(settings) "{'type': 'embedding', 'dim': " settings "}, "
#define FLATTEN "{'type': 'flatten'}, "
#define LINEAR(settings) "{'type': 'linear', 'out': " settings "}, "
#define TANH "{'type': 'tanh'}, "
#define OUTPUT(settings) "{'type': 'linear', 'out': 'vocab'" settings "}"

// Trains a model on names, NAMES if NULL. Returns the run directory, called `name`.
static inline const char *make_model(const char *name, const char *names, const char *model, const char *options) {
    write_text(scratch("names.txt"), names ? names : NAMES);
    write_json(scratch("m.json"), "{'data': {'path': 'names.txt', 'split': [1]}, 'model': {%s}%s}", model,
               strstr(model, "ngram") ? "" : ", 'train': {'steps': 30, 'log_every': 1, 'eval_every': 20}");
    ok(nomen("train '%s' --run '%s' --quiet --force %s", scratch("m.json"), scratch(name), options));
    return scratch(name);
}

// Expects each of the texts, up to NULL, in the whole.
static inline void expect_parts(const char *whole, const char *const *parts) {
    for (; *parts; parts++) ck_assert_msg(strstr(whole, *parts) != NULL, "no \"%s\"", *parts);
}
#define EXPECT_PARTS(whole, ...) expect_parts(whole, (const char *const[]){__VA_ARGS__, NULL})

static inline size_t count(const char *text, const char *part) {
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) n++;
    return n;
}

// Returns the byte behind a tag, whose quoted values may contain anything but "<", or NULL.
static inline const char *xml_tag_end(const char *at) {
    char quote = '\0';
    for (; *at && (quote || *at != '>'); at++) {
        if (quote && *at == '<') return NULL;
        if (!quote && (*at == '"' || *at == '\''))
            quote = *at;
        else if (*at == quote)
            quote = '\0';
    }
    return *at ? at + 1 : NULL;
}

static inline bool xml_is_character(const char *at) {
    static const char *const references[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
    bool is_reference = false;
    for (size_t i = 0; i < COUNT(references); i++)
        is_reference |= strncmp(at, references[i], strlen(references[i])) == 0;
    return *at == '&' ? is_reference : strncmp(at, "]]>", 3) != 0 && ((unsigned char)*at >= 0x20 || isspace(*at));
}

// Returns true for one element in valid UTF-8 with properly nested elements and escaped text.
static inline bool xml_is_well_formed(const char *text) {
    const char *open[64], *at = text;
    size_t depth = 0;
    if (*at != '<' || !utf8_is_valid(text, strlen(text))) return false;
    do {
        if (*at != '<') {
            if (!xml_is_character(at++)) return false;
            continue;
        }
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes, *end = xml_tag_end(name);
        size_t n = strcspn(name, " \t\n/>");
        if (!end || n == 0 || !isalpha((unsigned char)*name)) return false;
        if (closes && (strncmp(open[--depth], name, n) != 0 || isalnum((unsigned char)open[depth][n]))) return false;
        if (!closes && end[-2] != '/' && depth == COUNT(open)) return false;
        if (!closes && end[-2] != '/') open[depth++] = name;
        at = end;
    } while (depth > 0 && *at);
    return depth == 0 && at[strspn(at, " \n")] == '\0';
}

// Returns the SVG of this kind in a directory: well-formed, without scripts and references to the outside.
static inline char *read_picture(const char *dir, const char *kind) {
    char name[64];
    snprintf(name, sizeof name, "%s.svg", kind);
    char *svg = read_text(inside(dir, name), NULL);
    ck_assert_msg(xml_is_well_formed(svg), "%s: no XML", kind);
    ck_assert_msg(strncmp(svg, "<svg ", 5) == 0, "%s", kind);
    ck_assert_msg(!strstr(svg, "<script") && !strstr(svg, "href='http") && !strstr(svg, "href=\"http"), "%s", kind);
    return svg;
}

// Draws a kind, which must succeed without a word, and returns the SVG.
static inline char *draw(const char *run, const char *kind) {
    ok(nomen("plot '%s' %s --out '%s'", run, kind, scratch("drawn")));
    return read_picture(scratch("drawn"), kind);
}

// Returns the number above a pair of symbols in a table of pairs.
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
