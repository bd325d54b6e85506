// Smoothing a noisy curve.
#ifndef NOMEN_STUDY_SMOOTH_H
#define NOMEN_STUDY_SMOOTH_H

#include <stddef.h>

// y_i = the mean of x_k for |k - i| <= r, where r = min(half, i, n - 1 - i): as far on one side as on the other, so
// that a slope stays where it is. x and y (n) are `stride` numbers apart; y must not be x.
void smooth(size_t n, size_t stride, size_t half, const double *x, double *y);

#endif
