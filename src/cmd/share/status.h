// A line of a terminal that renews itself, made of parts of which the less important give way where it is narrow.
#ifndef NOMEN_CMD_SHARE_STATUS_H
#define NOMEN_CMD_SHARE_STATUS_H

#include "cmd/share/sparkline.h"

enum { STATUS_PARTS = 8, STATUS_PART_BYTES = 64, STATUS_BYTES = 1024 };

typedef enum StatusColor { STATUS_PLAIN, STATUS_CYAN, STATUS_GREEN } StatusColor;

typedef struct StatusPart {
    unsigned rank;                // the higher, the sooner it gives way
    char text[STATUS_PART_BYTES]; // ASCII; the part is left out where it is empty
    const Sparkline *curve;       // NULL, or what is drawn instead, as wide as there is room
    StatusColor color;
} StatusPart;

typedef struct StatusStyle {
    size_t columns; // of the terminal
    bool is_utf8, has_color;
} StatusStyle;

// That of standard output, at this moment.
StatusStyle status_style(void);

// Writes the n <= STATUS_PARTS parts that fit, by rank, in the order they are given. Three columns stay free: the last,
// where some terminals wrap at once, and two for the ^C that is echoed behind the line.
void status_fit(const StatusPart *parts, size_t n, const StatusStyle *style, char text[STATUS_BYTES]);

// What stands on the terminal now. {0} at first.
typedef struct StatusLine {
    bool is_shown; // and the cursor behind it
} StatusLine;

void status_show(StatusLine *line, const StatusPart *parts, size_t n);

// Makes room for another line in its place.
void status_clear(StatusLine *line);

// Leaves it where it is; what follows starts on its own line.
void status_end(StatusLine *line);

#endif
