#include "cmd/share/terminal.h"

#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t terminal_columns(void) {
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

size_t terminal_text_columns(void) {
    size_t columns = terminal_columns();
    return columns < 80 ? columns : 80;
}

static size_t word_columns(const char *word, size_t n) {
    char text[1024];
    snprintf(text, sizeof text, "%.*s", (int)n, word);
    return utf8_columns(text);
}

static void wrap(Buffer *out, const char *words, const char *gap, size_t first, size_t indent, size_t width) {
    size_t column = first, gap_columns = strlen(gap);
    buffer_print(out, "%*s", (int)first, "");
    for (bool is_first = true; *words; is_first = false) {
        const char *end = strstr(words, gap);
        size_t n = end ? (size_t)(end - words) : strlen(words), columns = word_columns(words, n);
        if (!is_first && column + gap_columns + columns > width) {
            buffer_print(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!is_first) {
            buffer_print(out, "%s", gap);
            column += gap_columns;
        }
        buffer_add(out, words, n);
        column += columns;
        words += n + (end ? gap_columns : 0);
    }
    buffer_print(out, "\n");
}

static void print_wrapped(const char *words, const char *gap, size_t first, size_t indent, size_t width) {
    Arena arena = {0};
    Buffer out = {.arena = &arena};
    wrap(&out, words, gap, first, indent, width);
    if (out.failed)
        puts(words);
    else
        fputs(out.bytes, stdout);
    arena_free(&arena);
}

void terminal_wrap_tail(Buffer *out, size_t begin, size_t first, size_t indent) {
    Buffer words = {.arena = out->arena, .failed = out->failed};
    if (!out->failed) buffer_add(&words, out->bytes + begin, out->n - begin);
    out->n = begin;
    out->failed = words.failed;
    if (!out->failed) wrap(out, words.bytes, " ", first, indent, terminal_text_columns());
}

void terminal_wrap(const char *words, size_t first, size_t indent) {
    print_wrapped(words, " ", first, indent, terminal_text_columns());
}

void terminal_line(const char *words, const char *gap) {
    print_wrapped(words, gap, 0, 2, terminal_is_live() ? terminal_columns() : SIZE_MAX);
}

// The code set follows the dot, in upper or lower case, with or without a dash.
static bool names_utf8(const char *locale) {
    const char *dot = strchr(locale, '.');
    return dot && (strncasecmp(dot, ".utf-8", 6) == 0 || strncasecmp(dot, ".utf8", 5) == 0);
}

bool terminal_is_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"}; // the first that is set counts, as in setlocale
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) return names_utf8(value);
    }
    return false;
}

bool terminal_is_live(void) {
    const char *type = getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && type && type[0] && strcmp(type, "dumb") != 0;
}

bool terminal_has_color(void) {
    const char *unwanted = getenv("NO_COLOR");
    return !(unwanted && unwanted[0]);
}
