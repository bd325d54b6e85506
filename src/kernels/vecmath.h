// exp, log, tanh and sigmoid of 16 floats; reference.c has the same for one float.
#pragma once

#include "kernels/simd.h"

// e^r - 1 for |r| <= log(2) / 2.
INLINE V16 v16_expm1_reduced(V16 r) {
    V16 q = v16_set1(EXP_Q4);
    q = v16_fma(q, r, v16_set1(EXP_Q3));
    q = v16_fma(q, r, v16_set1(EXP_Q2));
    q = v16_fma(q, r, v16_set1(EXP_Q1));
    q = v16_fma(q, r, v16_set1(EXP_Q0));
    return v16_fma(v16_mul(r, r), q, r);
}

// x = n log 2 + r; t is ROUND_MAGIC + n.
INLINE V16 v16_reduce(V16 x, V16 *t, V16 *n) {
    *t = v16_fma(x, v16_set1(LOG2_E), v16_set1(ROUND_MAGIC));
    *n = v16_sub(*t, v16_set1(ROUND_MAGIC));
    return v16_fma(*n, v16_set1(-LN2_REST), v16_fma(*n, v16_set1(-LN2_HEAD), x));
}

INLINE V16 v16_exp(V16 x) {
    V16 t, n;
    x = v16_min(v16_set1(EXP_HIGH), v16_max(v16_set1(EXP_LOW), x));
    V16 p = v16_add(v16_expm1_reduced(v16_reduce(x, &t, &n)), v16_set1(1));
    // 2^n in two factors, so that a subnormal result rounds only once.
    V16 t1 = v16_fma(n, v16_set1(0.5f), v16_set1(ROUND_MAGIC));
    V16 t2 = v16_add(v16_sub(n, v16_sub(t1, v16_set1(ROUND_MAGIC))), v16_set1(ROUND_MAGIC));
    return v16_mul(v16_mul(p, v16_exp2(t1)), v16_exp2(t2));
}

INLINE V16 v16_log(V16 x) {
    const V16 zero = v16_set1(0), tiny = v16_set1(0x1p-126f), infinity = v16_set1(INFINITY);
    Mask16 is_subnormal = v16_less(x, tiny);
    V16 k, m = v16_split(v16_select(is_subnormal, v16_mul(x, v16_set1(0x1p23f)), x), &k);
    k = v16_select(is_subnormal, v16_sub(k, v16_set1(23)), k);
    V16 f = v16_sub(m, v16_set1(1));
    V16 s = v16_div(f, v16_add(f, v16_set1(2))), z = v16_mul(s, s);
    V16 series = v16_fma(v16_set1(LOG_R4), z, v16_set1(LOG_R3));
    series = v16_fma(series, z, v16_set1(LOG_R2));
    series = v16_mul(v16_fma(series, z, v16_set1(LOG_R1)), z);
    V16 half_square = v16_mul(v16_mul(f, f), v16_set1(0.5f));
    V16 small = v16_fma(k, v16_set1(LN2_REST), v16_mul(s, v16_add(half_square, series)));
    V16 y = v16_fma(k, v16_set1(LN2_HEAD), v16_add(v16_sub(small, half_square), f));
    y = v16_select(v16_less(x, infinity), y, x); // log inf = inf, log NaN = NaN
    y = v16_select(v16_less(zero, x), y, v16_select(v16_less(x, zero), v16_set1(NAN), v16_sub(x, infinity)));
    return y;
}

// tanh |x| = E / (E + 2) with E = e^2|x| - 1 = 2^n (e^r - 1) + (2^n - 1), and a polynomial if |x| is small, because the
// roundings of E and E + 2 would add up.
INLINE V16 v16_tanh(V16 x) {
    const V16 zero = v16_set1(0);
    V16 t, n, size = v16_min(v16_set1(TANH_HIGH), v16_max(x, v16_sub(zero, x)));
    V16 p = v16_expm1_reduced(v16_reduce(v16_add(size, size), &t, &n)), power = v16_exp2(t);
    V16 e = v16_fma(power, p, v16_sub(power, v16_set1(1)));
    V16 large = v16_div(e, v16_add(e, v16_set1(2)));
    V16 z = v16_mul(size, size), series = v16_fma(v16_set1(TANH_P4), z, v16_set1(TANH_P3));
    series = v16_fma(series, z, v16_set1(TANH_P2));
    series = v16_fma(series, z, v16_set1(TANH_P1));
    series = v16_fma(series, z, v16_set1(TANH_P0));
    V16 small = v16_fma(v16_mul(size, z), series, size);
    V16 y = v16_select(v16_less(size, v16_set1(TANH_LOW)), small, large);
    return v16_select(v16_less(x, zero), v16_sub(zero, y), y);
}

// 1 / (1 + e^-x).
INLINE V16 v16_sigmoid(V16 x) {
    V16 t, n, minus = v16_sub(v16_set1(0), x);
    minus = v16_min(v16_set1(EXP_HIGH), v16_max(v16_set1(-SIGMOID_HIGH), minus));
    V16 p = v16_add(v16_expm1_reduced(v16_reduce(minus, &t, &n)), v16_set1(1));
    return v16_div(v16_set1(1), v16_fma(p, v16_exp2(t), v16_set1(1)));
}
