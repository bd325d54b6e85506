// The virtual vector on arm64: four NEON registers. simd.h, which alone includes this, says what each name does.
#ifndef NOMEN_KERNELS_SIMD_NEON_H
#define NOMEN_KERNELS_SIMD_NEON_H

#include <arm_neon.h>

typedef struct V16 {
    float32x4_t q0, q1, q2, q3;
} V16;
typedef struct Mask16 { // all bits of a lane, or none
    uint32x4_t q0, q1, q2, q3;
} Mask16;

// f of each quarter, as a V16 or a Mask16.
#define EACH1(type, f, a) ((type){f((a).q0), f((a).q1), f((a).q2), f((a).q3)})
#define EACH2(type, f, a, b) ((type){f((a).q0, (b).q0), f((a).q1, (b).q1), f((a).q2, (b).q2), f((a).q3, (b).q3)})
#define EACH3(type, f, a, b, c) \
    ((type){f((a).q0, (b).q0, (c).q0), f((a).q1, (b).q1, (c).q1), f((a).q2, (b).q2, (c).q2), f((a).q3, (b).q3, (c).q3)})

INLINE V16 v16_set1(float x) {
    float32x4_t quarter = vdupq_n_f32(x);
    return (V16){quarter, quarter, quarter, quarter};
}
INLINE V16 v16_load(const float *p) {
    return (V16){vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)};
}
INLINE void v16_store(float *p, V16 a) {
    vst1q_f32(p, a.q0);
    vst1q_f32(p + 4, a.q1);
    vst1q_f32(p + 8, a.q2);
    vst1q_f32(p + 12, a.q3);
}

// NEON has no masks for memory: of the one quarter that n cuts, the lanes go one by one.
INLINE float32x4_t load_quarter(const float *p, size_t begin, size_t n, float32x4_t quarter) {
    if (n >= begin + 4) return vld1q_f32(p + begin);
    if (n >= begin + 1) quarter = vld1q_lane_f32(p + begin, quarter, 0);
    if (n >= begin + 2) quarter = vld1q_lane_f32(p + begin + 1, quarter, 1);
    if (n >= begin + 3) quarter = vld1q_lane_f32(p + begin + 2, quarter, 2);
    return quarter;
}
INLINE void store_quarter(float *p, size_t begin, size_t n, float32x4_t quarter) {
    if (n >= begin + 4) {
        vst1q_f32(p + begin, quarter);
        return;
    }
    if (n >= begin + 1) vst1q_lane_f32(p + begin, quarter, 0);
    if (n >= begin + 2) vst1q_lane_f32(p + begin + 1, quarter, 1);
    if (n >= begin + 3) vst1q_lane_f32(p + begin + 2, quarter, 2);
}
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    float32x4_t rest = vdupq_n_f32(fill);
    return (V16){load_quarter(p, 0, n, rest), load_quarter(p, 4, n, rest), load_quarter(p, 8, n, rest),
                 load_quarter(p, 12, n, rest)};
}
INLINE void v16_store_part(float *p, V16 a, size_t n) {
    store_quarter(p, 0, n, a.q0);
    store_quarter(p, 4, n, a.q1);
    store_quarter(p, 8, n, a.q2);
    store_quarter(p, 12, n, a.q3);
}

INLINE V16 v16_join_quarters(const float *p0, const float *p1, const float *p2, const float *p3) {
    return (V16){vld1q_f32(p0), vld1q_f32(p1), vld1q_f32(p2), vld1q_f32(p3)};
}
INLINE V16 v16_load_quarters(const float *p, size_t step) {
    return v16_join_quarters(p, p + step, p + 2 * step, p + 3 * step);
}
INLINE void v16_store_quarters(float *p, size_t step, V16 a) {
    vst1q_f32(p, a.q0);
    vst1q_f32(p + step, a.q1);
    vst1q_f32(p + 2 * step, a.q2);
    vst1q_f32(p + 3 * step, a.q3);
}
INLINE V16 v16_repeat_four(const float *p) {
    float32x4_t quarter = vld1q_f32(p);
    return (V16){quarter, quarter, quarter, quarter};
}
INLINE float32x4_t spread_quarter(float32x4_t a, size_t q) {
    if (q == 0) return vdupq_laneq_f32(a, 0);
    if (q == 1) return vdupq_laneq_f32(a, 1);
    return q == 2 ? vdupq_laneq_f32(a, 2) : vdupq_laneq_f32(a, 3);
}
INLINE V16 v16_spread(V16 a, size_t q) {
    return (V16){spread_quarter(a.q0, q), spread_quarter(a.q1, q), spread_quarter(a.q2, q), spread_quarter(a.q3, q)};
}
INLINE V16 v16_spread_column(const float *p, size_t step) {
    return (V16){vdupq_n_f32(p[0]), vdupq_n_f32(p[step]), vdupq_n_f32(p[2 * step]), vdupq_n_f32(p[3 * step])};
}
INLINE V16 v16_spread_four(const float *p) { return v16_spread_column(p, 1); }

INLINE V16 v16_add(V16 a, V16 b) { return EACH2(V16, vaddq_f32, a, b); }
INLINE V16 v16_sub(V16 a, V16 b) { return EACH2(V16, vsubq_f32, a, b); }
INLINE V16 v16_mul(V16 a, V16 b) { return EACH2(V16, vmulq_f32, a, b); }
INLINE V16 v16_div(V16 a, V16 b) { return EACH2(V16, vdivq_f32, a, b); }
INLINE V16 v16_sqrt(V16 a) { return EACH1(V16, vsqrtq_f32, a); }
INLINE V16 v16_fma(V16 a, V16 b, V16 c) { return EACH3(V16, vfmaq_f32, c, a, b); }
INLINE Mask16 v16_less(V16 a, V16 b) { return EACH2(Mask16, vcltq_f32, a, b); }
INLINE V16 v16_select(Mask16 mask, V16 a, V16 b) { return EACH3(V16, vbslq_f32, mask, a, b); }

// FMAX and FMIN give NaN where either is NaN, and order -0 below 0; a comparison and a choice do as x86 does.
INLINE float32x4_t max_quarter(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
INLINE V16 v16_max(V16 a, V16 b) { return EACH2(V16, max_quarter, a, b); }
INLINE V16 v16_min(V16 a, V16 b) { return v16_select(v16_less(a, b), a, b); }

INLINE float32x4_t exp2_quarter(float32x4_t t) {
    uint32x4_t n = vsubq_u32(vreinterpretq_u32_f32(t), vreinterpretq_u32_f32(vdupq_n_f32(ROUND_MAGIC)));
    return vreinterpretq_f32_u32(vshlq_n_u32(vaddq_u32(n, vdupq_n_u32(127)), 23));
}
INLINE V16 v16_exp2(V16 t) { return EACH1(V16, exp2_quarter, t); }

INLINE int32x4_t from_root_quarter(float32x4_t x) {
    return vsubq_s32(vreinterpretq_s32_f32(x), vreinterpretq_s32_f32(vdupq_n_f32(SQRT_HALF)));
}
INLINE float32x4_t exponent_quarter(float32x4_t x) { return vcvtq_f32_s32(vshrq_n_s32(from_root_quarter(x), 23)); }
INLINE float32x4_t mantissa_quarter(float32x4_t x) {
    int32x4_t fraction = vandq_s32(from_root_quarter(x), vdupq_n_s32(0x7FFFFF));
    return vreinterpretq_f32_s32(vaddq_s32(fraction, vreinterpretq_s32_f32(vdupq_n_f32(SQRT_HALF))));
}
INLINE V16 v16_split(V16 x, V16 *k) {
    *k = EACH1(V16, exponent_quarter, x);
    return EACH1(V16, mantissa_quarter, x);
}

INLINE float v16_fold_sum(V16 a) {
    float32x4_t four = vaddq_f32(vaddq_f32(a.q0, a.q2), vaddq_f32(a.q1, a.q3));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
INLINE float v16_fold_max(V16 a) {
    float32x4_t four = max_quarter(max_quarter(a.q0, a.q2), max_quarter(a.q1, a.q3));
    float32x4_t two = max_quarter(four, vextq_f32(four, four, 2));
    return vgetq_lane_f32(max_quarter(two, vextq_f32(two, two, 1)), 0);
}

#endif
