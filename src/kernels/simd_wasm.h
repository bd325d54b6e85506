// WebAssembly for simd.h: the virtual vector is four registers of four floats.
#pragma once

#include "kernels/fused.h"

#include <wasm_simd128.h>

typedef v128_t Register;
typedef v128_t Quarter;
typedef v128_t Ints;
typedef struct V16 {
    Register r0, r1, r2, r3;
} V16;
typedef V16 Mask16; // all bits of a lane, or none

#define EACH0(x) ((V16){x, x, x, x})
#define EACH1(type, f, a) ((type){f((a).r0), f((a).r1), f((a).r2), f((a).r3)})
#define EACH2(type, f, a, b) ((type){f((a).r0, (b).r0), f((a).r1, (b).r1), f((a).r2, (b).r2), f((a).r3, (b).r3)})
#define EACH3(type, f, a, b, c) \
    ((type){f((a).r0, (b).r0, (c).r0), f((a).r1, (b).r1, (c).r1), f((a).r2, (b).r2, (c).r2), f((a).r3, (b).r3, (c).r3)})
#define REGISTERS(X) X(r0) X(r1) X(r2) X(r3)

#define r_set1 wasm_f32x4_splat
#define r_add wasm_f32x4_add
#define r_sub wasm_f32x4_sub
#define r_mul wasm_f32x4_mul
#define r_div wasm_f32x4_div
#define r_sqrt wasm_f32x4_sqrt
#define r_less wasm_f32x4_lt
#define r_select(mask, a, b) wasm_v128_bitselect(a, b, mask)
#define r_max(a, b) wasm_f32x4_pmax(b, a) // pmax(b, a) is b < a ? a : b
#define r_min(a, b) wasm_f32x4_pmin(b, a)
#define r_spread(a, q) wasm_i32x4_shuffle(a, a, q, q, q, q)
#define r_ints(a) (a)
#define r_floats(a) (a)
#define r_low(a, b) wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define r_high(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)
#define r_low_pairs(a, b) wasm_i32x4_shuffle(a, b, 0, 1, 4, 5)
#define r_high_pairs(a, b) wasm_i32x4_shuffle(a, b, 2, 3, 6, 7)

#define i_set1 wasm_i32x4_splat
#define i_add wasm_i32x4_add
#define i_sub wasm_i32x4_sub
#define i_and wasm_v128_and
#define i_shift_left wasm_i32x4_shl
#define i_shift_right wasm_i32x4_shr
#define i_to_float wasm_f32x4_convert_i32x4

// Relaxed SIMD leaves it to the engine whether this rounds once or twice. The page asks the engine before it takes this
// build (web/fuses.c); else it takes the other, which is exact everywhere.
#if defined(__wasm_relaxed_simd__)

INLINE Register r_fma(Register a, Register b, Register c) { return __builtin_wasm_relaxed_madd_f32x4(a, b, c); }

#else

// The lanes where the sum in double may round to another float than the exact sum (fused.h): in the middle between two
// floats, or if the result is subnormal. `sums` has the low words of the sums.
INLINE Ints r_doubtful(Ints sums, Register result) {
    Ints middle = wasm_i32x4_eq(wasm_v128_and(sums, wasm_i32x4_splat(0x1FFFFFFF)), wasm_i32x4_splat(0x10000000));
    Ints size = wasm_v128_and(result, wasm_i32x4_splat(0x7FFFFFFF));
    Ints subnormal = wasm_u32x4_le(wasm_i32x4_sub(size, wasm_i32x4_splat(1)), wasm_i32x4_splat(0x007FFFFF));
    return wasm_v128_or(middle, subnormal);
}

static __attribute__((noinline)) Register r_fma_by_lanes(Register a, Register b, Register c) {
    return wasm_f32x4_make(
        fused(wasm_f32x4_extract_lane(a, 0), wasm_f32x4_extract_lane(b, 0), wasm_f32x4_extract_lane(c, 0)),
        fused(wasm_f32x4_extract_lane(a, 1), wasm_f32x4_extract_lane(b, 1), wasm_f32x4_extract_lane(c, 1)),
        fused(wasm_f32x4_extract_lane(a, 2), wasm_f32x4_extract_lane(b, 2), wasm_f32x4_extract_lane(c, 2)),
        fused(wasm_f32x4_extract_lane(a, 3), wasm_f32x4_extract_lane(b, 3), wasm_f32x4_extract_lane(c, 3)));
}

#define r_upper(a) wasm_i32x4_shuffle(a, a, 2, 3, 2, 3)
#define r_doubles wasm_f64x2_promote_low_f32x4

INLINE Register r_fma(Register a, Register b, Register c) {
    v128_t low = wasm_f64x2_add(wasm_f64x2_mul(r_doubles(a), r_doubles(b)), r_doubles(c));
    v128_t high = wasm_f64x2_add(wasm_f64x2_mul(r_doubles(r_upper(a)), r_doubles(r_upper(b))), r_doubles(r_upper(c)));
    Register sum = r_low_pairs(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high));
    Ints doubtful = r_doubtful(wasm_i32x4_shuffle(low, high, 0, 2, 4, 6), sum);
    return __builtin_expect(wasm_v128_any_true(doubtful), 0) ? r_fma_by_lanes(a, b, c) : sum;
}

#endif

INLINE Register load_part(const float *p, size_t begin, size_t n, Register a) {
    if (n >= begin + 4) return wasm_v128_load(p + begin);
    if (n >= begin + 1) a = wasm_f32x4_replace_lane(a, 0, p[begin]);
    if (n >= begin + 2) a = wasm_f32x4_replace_lane(a, 1, p[begin + 1]);
    if (n >= begin + 3) a = wasm_f32x4_replace_lane(a, 2, p[begin + 2]);
    return a;
}
INLINE void store_part(float *p, size_t begin, size_t n, Register a) {
    if (n >= begin + 4) {
        wasm_v128_store(p + begin, a);
        return;
    }
    if (n >= begin + 1) p[begin] = wasm_f32x4_extract_lane(a, 0);
    if (n >= begin + 2) p[begin + 1] = wasm_f32x4_extract_lane(a, 1);
    if (n >= begin + 3) p[begin + 2] = wasm_f32x4_extract_lane(a, 2);
}
INLINE V16 v16_load(const float *p) {
    return (V16){wasm_v128_load(p), wasm_v128_load(p + 4), wasm_v128_load(p + 8), wasm_v128_load(p + 12)};
}
INLINE void v16_store(float *p, V16 a) {
    wasm_v128_store(p, a.r0);
    wasm_v128_store(p + 4, a.r1);
    wasm_v128_store(p + 8, a.r2);
    wasm_v128_store(p + 12, a.r3);
}
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    Register rest = wasm_f32x4_splat(fill);
    return (V16){load_part(p, 0, n, rest), load_part(p, 4, n, rest), load_part(p, 8, n, rest),
                 load_part(p, 12, n, rest)};
}
INLINE void v16_store_part(float *p, V16 a, size_t n) {
    store_part(p, 0, n, a.r0);
    store_part(p, 4, n, a.r1);
    store_part(p, 8, n, a.r2);
    store_part(p, 12, n, a.r3);
}

#define QUARTER(a, i) ((a).r##i)
INLINE V16 v16_join(Quarter q0, Quarter q1, Quarter q2, Quarter q3) { return (V16){q0, q1, q2, q3}; }
INLINE V16 v16_repeat_four(const float *p) { return EACH0(wasm_v128_load(p)); }
INLINE V16 v16_spread_four(const float *p) {
    return (V16){wasm_f32x4_splat(p[0]), wasm_f32x4_splat(p[1]), wasm_f32x4_splat(p[2]), wasm_f32x4_splat(p[3])};
}

#define q_load wasm_v128_load
#define q_store wasm_v128_store
#define q_set1 wasm_f32x4_splat
#define q_add wasm_f32x4_add
#define q_mul wasm_f32x4_mul
#define q_fma r_fma
#define q_max r_max
#define q_upper(a) wasm_i32x4_shuffle(a, a, 2, 3, 0, 1)
#define q_second(a) wasm_i32x4_shuffle(a, a, 1, 0, 3, 2)
#define q_first(a) wasm_f32x4_extract_lane(a, 0)
