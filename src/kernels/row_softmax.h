// Softmax of one row of any length, for the files that need it inlined.
#pragma once

#include "kernels/vecmath.h"

static const float LANE[LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The lanes below n.
INLINE Mask16 v16_first(size_t n) { return v16_less(v16_load(LANE), v16_set1(n < LANES ? (float)n : (float)LANES)); }

// Computes all but the logarithm. z and p have `room` >= n floats; if that is a multiple of 16, no vector is cut, and
// the p behind the row are 0. Lanes behind the row take its maximum and are masked afterwards: the exponential of -inf
// underflows, which takes some processors a hundred cycles.
INLINE RowStats row_softmax(size_t n, size_t room, const float *z, float beta, float scale, float *p) {
    V16 top = v16_set1(-INFINITY), lanes = v16_set1(0);
    for (size_t i = 0; i < n; i += LANES) {
        V16 x = v16_load_n(z + i, room - i, 0);
        top = v16_max(v16_select(v16_first(n - i), x, v16_set1(-INFINITY)), top);
    }
    const V16 max = v16_set1(v16_fold_max(top));

    double total = 0;
    for (size_t i = 0; i < n; i += LANES) {
        Mask16 held = v16_first(n - i);
        V16 x = v16_select(held, v16_load_n(z + i, room - i, 0), max);
        V16 e = v16_select(held, v16_exp(v16_mul(v16_sub(x, max), v16_set1(beta))), v16_set1(0));
        if (p) v16_store_n(p + i, e, room - i);
        lanes = v16_add(lanes, e);
        if ((i + LANES) % KERNEL_FOLD_FLOATS == 0) {
            total += (double)v16_fold_sum(lanes);
            lanes = v16_set1(0);
        }
    }
    float sum = (float)(total + (double)v16_fold_sum(lanes));

    V16 factor = v16_set1(scale / sum);
    for (size_t i = 0; p && i < n; i += LANES)
        v16_store_n(p + i, v16_mul(v16_load_n(p + i, room - i, 0), factor), room - i);
    return (RowStats){.max = v16_fold_max(max), .sum = sum};
}
