// Softmax and log-softmax of a row of n logits in float32:
//     softmax(x)_i = e^((x_i - m) / T) / S,   log_softmax(x)_i = (x_i - m) / T - log S
// with m = max x, S = sum_j e^((x_j - m) / T) and T the temperature (lectures part 1; Bridle 1990 for the name).
// Subtracting m keeps every exponential at or below 1. A logit of -inf has probability 0. A row of nothing but -inf, or
// with +inf or NaN, gives NaN.
#pragma once

#include <stddef.h>

// y may be x. The temperature is from 2^-126 to 2^126, so that its inverse is a normal float.
void softmax(size_t n, const float *x, float temperature, float *y);
void log_softmax(size_t n, const float *x, float temperature, float *y);

// e^x_i / sum_j e^x_j, for demonstration: it overflows if x > 88.7. y may be x.
void softmax_naive(size_t n, const float *x, float *y);

// The Jacobian (n, n) of y = softmax(x) at T = 1, from y: jacobian_ij = dy_i / dx_j = y_i ([i = j] - y_j).
void softmax_jacobian(size_t n, const float *y, float *jacobian);
