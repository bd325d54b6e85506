#include "cmd/share/bar.h"

#include "cmd/share/terminal.h"

#include <stdio.h>

// A bar's length in eighths of a column, or in whole columns where there are no blocks.
static size_t bar_length(double share, size_t columns, bool blocks) {
    size_t parts = share > 0 ? (size_t)(share * (double)columns * 8 + 0.5) : 0;
    return blocks ? parts : (parts + 4) / 8;
}

bool bar_shows(double share, size_t columns) { return bar_length(share, columns, terminal_is_utf8()) > 0; }

void bar_print(double share, size_t columns, bool pads) {
    static const char *const eighths[] = {"", "\u258F", "\u258E", "\u258D", "\u258C", "\u258B", "\u258A", "\u2589"};
    bool blocks = terminal_is_utf8();
    size_t length = bar_length(share, columns, blocks), whole = blocks ? length / 8 : length;
    size_t rest = blocks ? length % 8 : 0, drawn = whole + (rest > 0);
    for (size_t i = 0; i < whole; i++) fputs(blocks ? "\u2588" : "#", stdout);
    fputs(eighths[rest], stdout);
    for (size_t i = drawn; pads && i < columns; i++) putchar(' ');
}
