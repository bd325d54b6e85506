// A curve in the terminal.
#ifndef NOMEN_CMD_SHARE_CURVE_H
#define NOMEN_CMD_SHARE_CURVE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Curve {
    size_t n;                          // points, evenly spaced along the x axis; at least 1
    const double *y;                   // (n)
    size_t marked;                     // the point to point out
    double ceiling;                    // what is above it is drawn on the topmost line
    const char *left, *middle, *right; // the x axis's labels
} Curve;

// Prints it as wide as the terminal allows (80 columns where there is none), with the y axis labelled.
void curve_print(const Curve *curve);

#endif
