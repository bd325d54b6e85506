// What the tests of kernels share: random arrays with a guard behind them, and equality to the bit.
#ifndef NOMEN_TESTS_KERNEL_COMPARE_H
#define NOMEN_TESTS_KERNEL_COMPARE_H

#include "testing.h"

#include "base/rng.h"
#include "kernels/kernels.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Fast tables against the plain reference, to the bit, over sizes around the vector's and the tiles'.
static const size_t SIZES[] = {1, 2, 3, 8, 15, 16, 17, 20, 27, 30, 33, 47, 48, 49, 68, 200, 257};

enum { N_SIZES = sizeof SIZES / sizeof *SIZES, GUARD = 32 };

static inline float *random_floats(Rng *rng, size_t n) {
    float *x = malloc((n + GUARD) * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n + GUARD; i++) x[i] = rng_float(rng) * 4 - 2;
    return x;
}

static inline float *copy_floats(const float *x, size_t n) {
    float *copy = malloc((n + GUARD) * sizeof *copy);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, x, (n + GUARD) * sizeof *copy);
    return copy;
}

// Equal to the bit, NaN like NaN; the guard behind the n floats must be equal too.
static inline void expect_same(const float *a, const float *b, size_t n, const char *what, const Kernels *table) {
    for (size_t i = 0; i < n + GUARD; i++) {
        bool same = memcmp(&a[i], &b[i], sizeof *a) == 0 || (isnan(a[i]) && isnan(b[i]));
        ck_assert_msg(same, "%s of %s differs at %zu of %zu: %a, not %a", what, table->name, i, n, (double)a[i],
                      (double)b[i]);
    }
}

#endif
