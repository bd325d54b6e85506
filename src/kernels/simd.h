// The virtual vector: 16 floats in one register of AVX-512, two of AVX2 or four of NEON or WebAssembly. The files that
// include this header are compiled once per instruction set. A header per instruction set defines
//   Register, V16, Mask16    a register, 16 lanes, and a condition for each lane
//   EACH1, EACH2, EACH3      f of each register of one, two or three vectors; EACH0: x in each register
//   REGISTERS(X)             X(r0) X(r1) ... for the members of a V16
//   r_..., i_...             operations on registers of floats and of 32-bit integers: r_less sets lanes with a < b;
//                            r_select takes a if the lane is set, else b; r_max is a > b ? a : b, and r_min alike, so
//                            b if either is NaN; r_fma is a b + c with one rounding; r_spread copies lane q of each
//                            quarter to its other lanes; r_low and r_high interleave the lower or upper two lanes of
//                            each quarter of a and b, r_low_pairs and r_high_pairs join them
//   v16_load, v16_store      16 floats; addresses need no alignment
//   v16_load_part, v16_store_part    the first n < 16 floats; loading puts `fill` into the other lanes
//   Quarter, q_..., QUARTER, v16_join    four lanes of a vector, and a vector of four quarters
//   v16_repeat_four          four floats from memory, in each quarter
//   v16_spread_four          float q from memory, in all lanes of quarter q
// Every operation gives the same bits everywhere, except for the sign and payload of NaN.
#pragma once

#include "kernels/constants.h"
#include "kernels/isa.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

enum { LANES = KERNEL_LANES };

#if defined(__AVX512F__)
#include "kernels/simd_avx512.h"
#elif defined(__AVX2__)
#include "kernels/simd_avx2.h"
#elif defined(__wasm_simd128__)
#include "kernels/simd_wasm.h"
#else
#include "kernels/simd_neon.h"
#endif

#if defined(__AVX2__)
#define q_load _mm_loadu_ps
#define q_store _mm_storeu_ps
#define q_set1 _mm_set1_ps
#define q_add _mm_add_ps
#define q_mul _mm_mul_ps
#define q_fma _mm_fmadd_ps
#define q_max _mm_max_ps
#define q_upper(a) _mm_movehl_ps(a, a)
#define q_second(a) _mm_shuffle_ps(a, a, 1)
#define q_first _mm_cvtss_f32
#endif

INLINE V16 v16_set1(float x) { return EACH0(r_set1(x)); }
INLINE V16 v16_add(V16 a, V16 b) { return EACH2(V16, r_add, a, b); }
INLINE V16 v16_sub(V16 a, V16 b) { return EACH2(V16, r_sub, a, b); }
INLINE V16 v16_mul(V16 a, V16 b) { return EACH2(V16, r_mul, a, b); }
INLINE V16 v16_div(V16 a, V16 b) { return EACH2(V16, r_div, a, b); }
INLINE V16 v16_sqrt(V16 a) { return EACH1(V16, r_sqrt, a); }
INLINE V16 v16_max(V16 a, V16 b) { return EACH2(V16, r_max, a, b); }
INLINE V16 v16_min(V16 a, V16 b) { return EACH2(V16, r_min, a, b); }
INLINE V16 v16_fma(V16 a, V16 b, V16 c) { return EACH3(V16, r_fma, a, b, c); }
INLINE Mask16 v16_less(V16 a, V16 b) { return EACH2(Mask16, r_less, a, b); }
INLINE V16 v16_select(Mask16 mask, V16 a, V16 b) { return EACH3(V16, r_select, mask, a, b); }

// n >= 16 floats or fewer.
INLINE V16 v16_load_n(const float *p, size_t n, float fill) {
    return n >= LANES ? v16_load(p) : v16_load_part(p, n, fill);
}
INLINE void v16_store_n(float *p, V16 a, size_t n) {
    if (n >= LANES)
        v16_store(p, a);
    else
        v16_store_part(p, a, n);
}

// 2^n, where t = ROUND_MAGIC + n, -126 <= n <= 127.
INLINE Register r_exp2(Register t) {
    Ints n = i_sub(r_ints(t), r_ints(r_set1(ROUND_MAGIC)));
    return r_floats(i_shift_left(i_add(n, i_set1(127)), 23));
}
INLINE V16 v16_exp2(V16 t) { return EACH1(V16, r_exp2, t); }

// Splits positive normal x = m 2^k into m in [sqrt 1/2, sqrt 2), returned, and a whole k.
INLINE Ints r_from_root(Register x) { return i_sub(r_ints(x), r_ints(r_set1(SQRT_HALF))); }
INLINE Register r_exponent(Register x) { return i_to_float(i_shift_right(r_from_root(x), 23)); }
INLINE Register r_mantissa(Register x) {
    return r_floats(i_add(i_and(r_from_root(x), i_set1(0x7FFFFF)), r_ints(r_set1(SQRT_HALF))));
}
INLINE V16 v16_split(V16 x, V16 *k) {
    *k = EACH1(V16, r_exponent, x);
    return EACH1(V16, r_mantissa, x);
}

// Folds lane i with i + 8, then + 4, + 2, + 1.
#define FOLD(name, op)                                                                         \
    INLINE float name(V16 a) {                                                                 \
        Quarter four = op(op(QUARTER(a, 0), QUARTER(a, 2)), op(QUARTER(a, 1), QUARTER(a, 3))); \
        Quarter two = op(four, q_upper(four));                                                 \
        return q_first(op(two, q_second(two)));                                                \
    }
FOLD(v16_fold_sum, q_add)
FOLD(v16_fold_max, q_max)
#undef FOLD

// Four floats from each of four places.
INLINE V16 v16_join_quarters(const float *p0, const float *p1, const float *p2, const float *p3) {
    return v16_join(q_load(p0), q_load(p1), q_load(p2), q_load(p3));
}

// Quarter i from or to p + i step.
INLINE V16 v16_load_quarters(const float *p, size_t step) {
    return v16_join_quarters(p, p + step, p + 2 * step, p + 3 * step);
}
INLINE void v16_store_quarters(float *p, size_t step, V16 a) {
    q_store(p, QUARTER(a, 0));
    q_store(p + step, QUARTER(a, 1));
    q_store(p + 2 * step, QUARTER(a, 2));
    q_store(p + 3 * step, QUARTER(a, 3));
}

// p[i step] in all lanes of quarter i.
INLINE V16 v16_spread_column(const float *p, size_t step) {
    return v16_join(q_set1(p[0]), q_set1(p[step]), q_set1(p[2 * step]), q_set1(p[3 * step]));
}

// Lane q of each quarter in all lanes of that quarter.
INLINE Register r_spread_lane(Register a, size_t q) {
    if (q == 0) return r_spread(a, 0);
    if (q == 1) return r_spread(a, 1);
    return q == 2 ? r_spread(a, 2) : r_spread(a, 3);
}
#define SPREAD(a) r_spread_lane(a, q)
INLINE V16 v16_spread(V16 a, size_t q) { return EACH1(V16, SPREAD, a); }
#undef SPREAD
