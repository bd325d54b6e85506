// Smoothing a noisy curve.
#ifndef NOMEN_STUDY_SMOOTH_H
#define NOMEN_STUDY_SMOOTH_H

#include <stddef.h>

// y_i = mean of x_k for |k - i| <= min(half, i, n - 1 - i). The window is symmetric, so that a slope is not shifted. x
// and y have n numbers, `stride` apart; y must not be x.
void smooth(size_t n, size_t stride, size_t half, const double *x, double *y);

#endif
