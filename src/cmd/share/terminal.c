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

static void wrap(const char *words, const char *gap, size_t first, size_t indent, size_t width) {
    size_t column = first, gap_columns = strlen(gap);
    printf("%*s", (int)first, "");
    for (bool begins = true; *words; begins = false) {
        const char *end = strstr(words, gap);
        size_t n = end ? (size_t)(end - words) : strlen(words), columns = utf8_count(words, n);
        if (!begins && column + gap_columns + columns > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (!begins) {
            fputs(gap, stdout);
            column += gap_columns;
        }
        printf("%.*s", (int)n, words);
        column += columns;
        words += n + (end ? gap_columns : 0);
    }
    putchar('\n');
}

void terminal_wrap(const char *words, size_t first, size_t indent) {
    wrap(words, " ", first, indent, terminal_text_columns());
}

void terminal_line(const char *words, const char *gap) {
    wrap(words, gap, 0, 2, terminal_is_live() ? terminal_columns() : SIZE_MAX);
}

// The code set stands behind the dot, written in any case, with or without its dash.
static bool ends_in_utf8(const char *locale) {
    const char *dot = strchr(locale, '.');
    return dot && (strncasecmp(dot, ".utf-8", 6) == 0 || strncasecmp(dot, ".utf8", 5) == 0);
}

// As setlocale would choose: the first of these that is set and not empty.
bool terminal_is_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) return ends_in_utf8(value);
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
