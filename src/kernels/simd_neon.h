// NEON for simd.h: the virtual vector is four registers of four floats.
#pragma once

#include <arm_neon.h>

typedef float32x4_t Register;
typedef float32x4_t Quarter;
typedef int32x4_t Ints;
typedef struct V16 {
    Register r0, r1, r2, r3;
} V16;
typedef struct Mask16 { // all bits of a lane, or none
    uint32x4_t r0, r1, r2, r3;
} Mask16;

#define EACH0(x) ((V16){x, x, x, x})
#define EACH1(type, f, a) ((type){f((a).r0), f((a).r1), f((a).r2), f((a).r3)})
#define EACH2(type, f, a, b) ((type){f((a).r0, (b).r0), f((a).r1, (b).r1), f((a).r2, (b).r2), f((a).r3, (b).r3)})
#define EACH3(type, f, a, b, c) \
    ((type){f((a).r0, (b).r0, (c).r0), f((a).r1, (b).r1, (c).r1), f((a).r2, (b).r2, (c).r2), f((a).r3, (b).r3, (c).r3)})
#define REGISTERS(X) X(r0) X(r1) X(r2) X(r3)

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

// NEON has no masks for memory: the lanes of the register that n cuts go one by one.
INLINE Register load_part(const float *p, size_t begin, size_t n, Register a) {
    if (n >= begin + 4) return vld1q_f32(p + begin);
    if (n >= begin + 1) a = vld1q_lane_f32(p + begin, a, 0);
    if (n >= begin + 2) a = vld1q_lane_f32(p + begin + 1, a, 1);
    if (n >= begin + 3) a = vld1q_lane_f32(p + begin + 2, a, 2);
    return a;
}
INLINE void store_part(float *p, size_t begin, size_t n, Register a) {
    if (n >= begin + 4) {
        vst1q_f32(p + begin, a);
        return;
    }
    if (n >= begin + 1) vst1q_lane_f32(p + begin, a, 0);
    if (n >= begin + 2) vst1q_lane_f32(p + begin + 1, a, 1);
    if (n >= begin + 3) vst1q_lane_f32(p + begin + 2, a, 2);
}
INLINE V16 v16_load(const float *p) {
    return (V16){vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)};
}
INLINE void v16_store(float *p, V16 a) {
    vst1q_f32(p, a.r0);
    vst1q_f32(p + 4, a.r1);
    vst1q_f32(p + 8, a.r2);
    vst1q_f32(p + 12, a.r3);
}
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    Register rest = vdupq_n_f32(fill);
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
INLINE V16 v16_repeat_four(const float *p) { return EACH0(vld1q_f32(p)); }
INLINE V16 v16_spread_four(const float *p) {
    return (V16){vdupq_n_f32(p[0]), vdupq_n_f32(p[1]), vdupq_n_f32(p[2]), vdupq_n_f32(p[3])};
}

#define q_load vld1q_f32
#define q_store vst1q_f32
#define q_set1 vdupq_n_f32
#define q_add vaddq_f32
#define q_mul r_mul
#define q_fma r_fma
#define q_max r_max
#define q_upper(a) vextq_f32(a, a, 2)
#define q_second(a) vextq_f32(a, a, 1)
#define q_first(a) vgetq_lane_f32(a, 0)
