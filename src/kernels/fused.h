// Fused multiply-add: a b + c with one rounding, without a call for each on processors that have no instruction for it.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA)

static inline float fused(float a, float b, float c) { return fmaf(a, b, c); }

#elif defined(__wasm_relaxed_simd__)

// As in simd_wasm.h.
static inline float fused(float a, float b, float c) {
    typedef float Four __attribute__((vector_size(16)));
    return __builtin_wasm_relaxed_madd_f32x4((Four){a, a, a, a}, (Four){b, b, b, b}, (Four){c, c, c, c})[0];
}

#else

// The product of two floats is exact in double. Adding c rounds to 53 bits, and the conversion rounds again to the 24
// bits of a float or, below 2^-126, fewer. That is wrong only if the first rounding moved the sum to the middle between
// two floats. A middle has at most 25 bits, so the last 28 of 53 are 0. Then the sum moves towards the part that the
// first rounding lost, which Knuth's two-sum finds exactly: off the middle, but far less than to the next one.
static inline float fused(float a, float b, float c) {
    double product = (double)a * (double)b, sum = product + (double)c;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    if ((bits & 0xFFFFFFF) != 0) return (float)sum;
    double added = sum - product, lost = (product - (sum - added)) + ((double)c - added), nudge = fabs(sum) * 0x1p-40;
    return (float)(lost > 0 ? sum + nudge : lost < 0 ? sum - nudge : sum);
}

#endif
