// Softmax and its relatives over one axis of an array, in float32:
//     softmax(x)_i = e^((x_i - m) / T) / S,   log_softmax(x)_i = (x_i - m) / T - log S,   logsumexp(x) = m + log S,
// with m = max x, S = sum_j e^((x_j - m) / T) and T the temperature (lectures part 1; Bridle 1990 for the name; the
// subtraction of the maximum keeps every exponential at or below 1).
//
// Arrays are (outer, n, inner), row-major, the axis in the middle: inner = 1 is the last axis, outer = 1 the first. A
// line's result is the same to the bit whichever axis it lies along. Within a line the sum adds as over a row
// (kernels.h). A logit of -inf has probability 0; a line that is all -inf, or holds +inf or NaN, gives NaN.
//
// No command uses other than one line of the last axis, nor logsumexp and softmax_backward: they are here to be
// compared with torch and the autograd (tests/unit/nn/test_softmax.c).
#ifndef NOMEN_NN_SOFTMAX_H
#define NOMEN_NN_SOFTMAX_H

#include <stddef.h>

// y (outer, n, inner), which may be x; temperature from 2^-126 to 2^126, so that its inverse is a normal float.
void softmax(size_t outer, size_t n, size_t inner, const float *x, float temperature, float *y);
void log_softmax(size_t outer, size_t n, size_t inner, const float *x, float temperature, float *y);

// y (outer, inner): log sum_j e^(x_j) of each line.
void logsumexp(size_t outer, size_t n, size_t inner, const float *x, float *y);

// The naive form, e^x_i / sum_j e^x_j, for demonstration alone: it overflows where x > 88.7. One row of n; y may be x.
void softmax_naive(size_t n, const float *x, float *y);

// The Jacobian of y = softmax(x) at T = 1, from y: jacobian_ij = dy_i / dx_j = y_i ([i = j] - y_j), (n, n).
void softmax_jacobian(size_t n, const float *y, float *jacobian);

// Its product with a vector, without the matrix: dx_i = y_i (dy_i - sum_j dy_j y_j), n each; dx may be dy.
void softmax_backward(size_t n, const float *y, const float *dy, float *dx);

#endif
