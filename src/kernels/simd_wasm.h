// WebAssembly for simd.h: the virtual vector is four registers of four floats.
#pragma once

#include "kernels/fused.h"

#include <wasm_simd128.h>

typedef v128_t Register;
typedef v128_t Ints;

#define r_load wasm_v128_load
#define r_store wasm_v128_store
#define r_get wasm_f32x4_extract_lane
#define r_put wasm_f32x4_replace_lane
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
    return wasm_f32x4_make(fused(r_get(a, 0), r_get(b, 0), r_get(c, 0)), fused(r_get(a, 1), r_get(b, 1), r_get(c, 1)),
                           fused(r_get(a, 2), r_get(b, 2), r_get(c, 2)), fused(r_get(a, 3), r_get(b, 3), r_get(c, 3)));
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

#include "kernels/simd_quads.h"

typedef V16 Mask16; // all bits of a lane, or none

#define q_upper(a) wasm_i32x4_shuffle(a, a, 2, 3, 0, 1)
#define q_second(a) wasm_i32x4_shuffle(a, a, 1, 0, 3, 2)
