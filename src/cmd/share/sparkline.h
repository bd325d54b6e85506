// A curve one line high, drawn with block characters, of a series that may be of any length.
#ifndef NOMEN_CMD_SHARE_SPARKLINE_H
#define NOMEN_CMD_SHARE_SPARKLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPARKLINE_POINTS = 128, SPARKLINE_COLUMNS = 40, SPARKLINE_BYTES = 3 * SPARKLINE_COLUMNS + 1 };

// The series in bounded memory: means of equally many values each. Where they are full, neighbours join. {0} is an
// empty one.
typedef struct Sparkline {
    double means[SPARKLINE_POINTS];
    size_t n;
    uint64_t joined; // doublings so far: a mean is of 2^joined values
    double sum;      // of the values that no mean has yet
    uint64_t n_sum;
} Sparkline;

void sparkline_add(Sparkline *sparkline, double y);

// Draws the means over at most `columns` columns (and SPARKLINE_COLUMNS), each the mean of those that fall into it:
// one of eight blocks or, without `is_utf8`, one of _.-^". Heights run from the lowest column to the highest but the
// topmost eighth, which a first fall would otherwise have for itself. Returns the columns drawn.
size_t sparkline_draw(const Sparkline *sparkline, size_t columns, bool is_utf8, char text[SPARKLINE_BYTES]);

#endif
