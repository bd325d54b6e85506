// A line of the terminal that is redrawn in place. Each part is added if it still fits.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define STATUS_CYAN "\033[36m"
#define STATUS_GREEN "\033[32m"

enum { STATUS_BYTES = 1024, STATUS_CURVE = 15 };

// {0} at first.
typedef struct StatusLine {
    size_t room; // columns that are left
    bool is_utf8, has_color;
    bool is_shown; // the line is on the terminal, with the cursor after it
    size_t n;      // bytes of the text
    char text[STATUS_BYTES];
} StatusLine;

// Empties the line, for the terminal as it is now. Three columns stay free: the last one, where some terminals wrap,
// and two for an echoed ^C.
void status_begin(StatusLine *line);

// Adds a part in a color, or in none if it is "".
void status_add(StatusLine *line, const char *color, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Adds n <= STATUS_CURVE numbers as a curve, padded to STATUS_CURVE columns: blocks of eight heights, or _.-^" if the
// line is not `is_utf8`. The scale leaves out the first eighth: an initial steep fall would flatten the rest.
void status_add_curve(StatusLine *line, const char *color, size_t n, const double *y);

void status_show(StatusLine *line);

// Erases the line, so that another can be printed in its place.
void status_clear(StatusLine *line);

// Ends the line: what follows starts on a new one.
void status_end(StatusLine *line);
