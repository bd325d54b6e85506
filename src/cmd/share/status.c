#include "cmd/share/status.h"

#include "cmd/share/terminal.h"

#include <stdio.h>
#include <string.h>

enum { FREE_COLUMNS = 3, GAP_COLUMNS = 2, LEAST_CURVE = 6 };

StatusStyle status_style(void) { return (StatusStyle){terminal_columns(), terminal_is_utf8(), terminal_has_color()}; }

static size_t part_columns(const StatusPart *part) {
    if (part->curve) return part->curve->n > 0 ? LEAST_CURVE : 0;
    return strlen(part->text);
}

// Marks the parts that fit, and returns the columns that are left.
static size_t choose_parts(const StatusPart *parts, size_t n, size_t columns, bool chosen[STATUS_PARTS]) {
    size_t left = columns > FREE_COLUMNS ? columns - FREE_COLUMNS + GAP_COLUMNS : 0;
    for (unsigned rank = 0; rank < STATUS_PARTS; rank++)
        for (size_t i = 0; i < n; i++) {
            size_t needed = GAP_COLUMNS + part_columns(&parts[i]);
            if (parts[i].rank != rank || needed == GAP_COLUMNS || needed > left) continue;
            chosen[i] = true;
            left -= needed;
        }
    return left;
}

void status_fit(const StatusPart *parts, size_t n, const StatusStyle *style, char text[STATUS_BYTES]) {
    static const char *const colors[] = {"", "\033[36m", "\033[32m"};
    bool chosen[STATUS_PARTS] = {false};
    size_t left = choose_parts(parts, n, style->columns, chosen), used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        char curve[SPARKLINE_BYTES];
        if (!chosen[i]) continue;
        if (parts[i].curve) sparkline_draw(parts[i].curve, LEAST_CURVE + left, style->is_utf8, curve);
        bool colored = style->has_color && parts[i].color != STATUS_PLAIN;
        used += (size_t)snprintf(text + used, STATUS_BYTES - used, "%*s%s%s%s", used > 0 ? GAP_COLUMNS : 0, "",
                                 colored ? colors[parts[i].color] : "", parts[i].curve ? curve : parts[i].text,
                                 colored ? "\033[m" : "");
    }
}

void status_show(StatusLine *line, const StatusPart *parts, size_t n) {
    char text[STATUS_BYTES];
    StatusStyle style = status_style();
    status_fit(parts, n, &style, text);
    printf("\r%s\033[K", text);
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
