// Draws a series of numbers with characters: as a curve with axes, or on one line.
#ifndef NOMEN_CMD_SHARE_CURVE_H
#define NOMEN_CMD_SHARE_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Curve {
    size_t n;                          // points, evenly spaced along the x axis; at least 1
    const double *y;                   // (n)
    size_t marked;                     // the point marked by a vertical line
    double ceiling;                    // larger values are drawn at the top
    const char *left, *middle, *right; // labels of the x axis
} Curve;

// Prints the curve as wide as the terminal, with labels on the y axis.
void curve_print(const Curve *curve);

enum { SPARKLINE_POINTS = 128, SPARKLINE_COLUMNS = 40, SPARKLINE_BYTES = 3 * SPARKLINE_COLUMNS + 1 };

// A series of any length in bounded memory: means of equally many values each. When `means` is full, neighbours are
// averaged in pairs. {0} is empty.
typedef struct Sparkline {
    double means[SPARKLINE_POINTS];
    size_t n;
    uint64_t joined; // each mean is of 2^joined values
    double sum;      // of the values that are not yet in a mean
    uint64_t n_sum;
} Sparkline;

void sparkline_add(Sparkline *sparkline, double y);

// Draws the series on one line of at most `columns` and SPARKLINE_COLUMNS columns, with blocks of eight heights or, if
// not `is_utf8`, with _.-^". Returns the columns drawn. The scale runs from the lowest column to the highest, leaving
// out the highest eighth of the columns: an initial steep fall would flatten the rest.
size_t sparkline_draw(const Sparkline *sparkline, size_t columns, bool is_utf8, char text[SPARKLINE_BYTES]);

#endif
