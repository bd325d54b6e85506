// How often values lie where.
#ifndef NOMEN_DRAW_HISTOGRAM_H
#define NOMEN_DRAW_HISTOGRAM_H

#include <stddef.h>

// counts_b, b < n_bins: how many of x (n) lie in the b-th of equal bins from `low` to `high` > low, its lower end
// included. What lies beyond an end is counted in the bin there, so that the counts sum to n; NaN is nowhere.
void histogram(size_t n, const float *x, double low, double high, size_t n_bins, double *counts);

#endif
