#include "cmd/share/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void wrap(Buffer *out, const char *words, size_t first, size_t indent) {
    buffer_print(out, "%*s", (int)first, "");
    buffer_wrap(out, words, first, indent, terminal_text_columns());
}

void terminal_wrap_tail(Buffer *out, size_t begin, size_t first, size_t indent) {
    Buffer words = {.arena = out->arena, .failed = out->failed};
    if (!out->failed) buffer_add(&words, out->bytes + begin, out->n - begin);
    out->n = begin;
    out->failed = words.failed;
    if (!out->failed) wrap(out, words.bytes, first, indent);
}

void terminal_wrap(const char *words, size_t first, size_t indent) {
    Arena arena = {0};
    Buffer out = {.arena = &arena};
    wrap(&out, words, first, indent);
    fputs(out.failed ? words : out.bytes, stdout);
    arena_free(&arena);
}

bool terminal_is_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"}; // the first that is set counts, as in setlocale
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) return strstr(value, "UTF-8") || strstr(value, "utf8");
    }
    return false;
}

bool terminal_is_live(void) {
    const char *type = getenv("TERM");
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && type && type[0] &&
           strcmp(type, "dumb") != 0;
}

bool terminal_has_color(void) {
    const char *unwanted = getenv("NO_COLOR");
    return !(unwanted && unwanted[0]);
}
