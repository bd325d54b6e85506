// NEON for simd.h: the virtual vector is four registers of four floats.
#pragma once

#include <arm_neon.h>

typedef float32x4_t Register;
typedef int32x4_t Ints;
typedef struct Mask16 { // all bits of a lane, or none
    uint32x4_t r0, r1, r2, r3;
} Mask16;

#define r_load vld1q_f32
#define r_store vst1q_f32
#define r_get vgetq_lane_f32
#define r_put(a, i, x) vsetq_lane_f32(x, a, i)
#define r_set1 vdupq_n_f32
#define r_add vaddq_f32
#define r_sub vsubq_f32
#define r_mul vmulq_f32
#define r_div vdivq_f32
#define r_sqrt vsqrtq_f32
#define r_fma(a, b, c) vfmaq_f32(c, a, b)
#define r_less vcltq_f32
#define r_select vbslq_f32
#define r_spread vdupq_laneq_f32
#define r_ints vreinterpretq_s32_f32
#define r_floats vreinterpretq_f32_s32
#define r_low vzip1q_f32
#define r_high vzip2q_f32
#define r_low_pairs(a, b) vcombine_f32(vget_low_f32(a), vget_low_f32(b))
#define r_high_pairs(a, b) vcombine_f32(vget_high_f32(a), vget_high_f32(b))

// FMAX and FMIN return NaN if either operand is NaN, and order -0 below 0; x86 does neither.
INLINE Register r_max(Register a, Register b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
INLINE Register r_min(Register a, Register b) { return vbslq_f32(vcltq_f32(a, b), a, b); }

#define i_set1 vdupq_n_s32
#define i_add vaddq_s32
#define i_sub vsubq_s32
#define i_and vandq_s32
#define i_shift_left vshlq_n_s32
#define i_shift_right vshrq_n_s32
#define i_to_float vcvtq_f32_s32

#include "kernels/simd_quads.h"

#define q_upper(a) vextq_f32(a, a, 2)
#define q_second(a) vextq_f32(a, a, 1)
