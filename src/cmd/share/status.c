#include "cmd/share/status.h"

#include "base/text.h"
#include "cmd/share/terminal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FREE_COLUMNS = 3, GAP_COLUMNS = 2, BLOCK_BYTES = 3 };

void status_begin(StatusLine *line) {
    size_t columns = terminal_columns();
    line->room = columns > FREE_COLUMNS ? columns - FREE_COLUMNS : 0;
    line->is_utf8 = terminal_is_utf8();
    line->has_color = terminal_has_color();
    line->n = 0;
    line->text[0] = '\0';
}

void status_add(StatusLine *line, const char *color, const char *format, ...) {
    char part[128];
    va_list args;
    va_start(args, format);
    vsnprintf(part, sizeof part, format, args);
    va_end(args);
    size_t gap = line->n > 0 ? GAP_COLUMNS : 0, columns = gap + utf8_columns(part);
    bool colored = line->has_color && color[0];
    if (columns > line->room) return;
    line->room -= columns;
    line->n += (size_t)snprintf(line->text + line->n, STATUS_BYTES - line->n, "%*s%s%s%s", (int)gap, "",
                                colored ? color : "", part, colored ? "\033[m" : "");
}

void status_add_curve(StatusLine *line, const char *color, size_t n, const double *y) {
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"},
                             *const ascii[] = {"_", ".", "-", "^", "\""};
    char text[STATUS_CURVE * BLOCK_BYTES + 1] = "", *end = text;
    double low = INFINITY, high = -INFINITY, top = line->is_utf8 ? 7 : 4;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, y[i]);
        if (i >= n / 8) high = fmax(high, y[i]);
    }
    for (size_t i = 0; i < n; i++) {
        size_t level = high > low ? (size_t)((fmin(y[i], high) - low) / (high - low) * top + 0.5) : 0;
        end = stpcpy(end, line->is_utf8 ? blocks[level] : ascii[level]);
    }
    if (n > 0) status_add(line, color, "%s%*s", text, (int)(STATUS_CURVE - n), "");
}

void status_show(StatusLine *line) {
    printf("\r%s\033[K", line->text);
    fflush(stdout);
    line->is_shown = true;
}

void status_clear(StatusLine *line) {
    if (line->is_shown) fputs("\r\033[K", stdout);
    line->is_shown = false;
}

void status_end(StatusLine *line) {
    if (line->is_shown) putchar('\n');
    line->is_shown = false;
    fflush(stdout);
}
