// A line of the terminal that is redrawn in place. It consists of parts; the less important ones are left out if the
// terminal is too narrow.
#ifndef NOMEN_CMD_SHARE_STATUS_H
#define NOMEN_CMD_SHARE_STATUS_H

#include "cmd/share/curve.h"

enum { STATUS_PARTS = 8, STATUS_PART_BYTES = 64, STATUS_BYTES = 1024 };

typedef enum StatusColor { STATUS_PLAIN, STATUS_CYAN, STATUS_GREEN } StatusColor;

typedef struct StatusPart {
    unsigned rank;                // below STATUS_PARTS; the highest are left out first
    char text[STATUS_PART_BYTES]; // ASCII; an empty part is left out
    const Sparkline *curve;       // drawn in place of the text, as wide as the line has room; or NULL
    StatusColor color;
} StatusPart;

typedef struct StatusStyle {
    size_t columns; // of the terminal
    bool is_utf8, has_color;
} StatusStyle;

// The style that suits standard output now.
StatusStyle status_style(void);

// Writes those of the n <= STATUS_PARTS parts that fit, in the order given. Three columns stay free: the last one,
// where some terminals wrap, and two for an echoed ^C.
void status_fit(const StatusPart *parts, size_t n, const StatusStyle *style, char text[STATUS_BYTES]);

// {0} at first.
typedef struct StatusLine {
    bool is_shown; // the line is on the terminal, with the cursor after it
} StatusLine;

void status_show(StatusLine *line, const StatusPart *parts, size_t n);

// Erases the line, so that another can be printed in its place.
void status_clear(StatusLine *line);

// Ends the line: what follows starts on a new one.
void status_end(StatusLine *line);

#endif
