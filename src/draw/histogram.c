#include "draw/histogram.h"

#include <math.h>

void histogram(size_t n, const float *x, double low, double high, size_t n_bins, double *counts) {
    for (size_t b = 0; b < n_bins; b++) counts[b] = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) continue;
        double at = floor(((double)x[i] - low) / (high - low) * (double)n_bins);
        counts[(size_t)fmin(fmax(at, 0), (double)n_bins - 1)]++;
    }
}
