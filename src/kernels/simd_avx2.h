// AVX2 for simd.h: the virtual vector is two registers of eight floats.
#pragma once

#include <immintrin.h>

typedef __m256 Register;
typedef __m128 Quarter;
typedef __m256i Ints;
typedef struct V16 {
    Register r0, r1;
} V16;
typedef V16 Mask16; // all bits of a lane, or none

#define EACH0(x) ((V16){x, x})
#define EACH1(type, f, a) ((type){f((a).r0), f((a).r1)})
#define EACH2(type, f, a, b) ((type){f((a).r0, (b).r0), f((a).r1, (b).r1)})
#define EACH3(type, f, a, b, c) ((type){f((a).r0, (b).r0, (c).r0), f((a).r1, (b).r1, (c).r1)})
#define REGISTERS(X) X(r0) X(r1)

#define r_set1 _mm256_set1_ps
#define r_add _mm256_add_ps
#define r_sub _mm256_sub_ps
#define r_mul _mm256_mul_ps
#define r_div _mm256_div_ps
#define r_sqrt _mm256_sqrt_ps
#define r_fma _mm256_fmadd_ps
#define r_max _mm256_max_ps
#define r_min _mm256_min_ps
#define r_less(a, b) _mm256_cmp_ps(a, b, _CMP_LT_OQ)
#define r_select(mask, a, b) _mm256_blendv_ps(b, a, mask)
#define r_spread(a, q) _mm256_permute_ps(a, (q)*0x55)
#define r_ints _mm256_castps_si256
#define r_floats _mm256_castsi256_ps
#define r_low _mm256_unpacklo_ps
#define r_high _mm256_unpackhi_ps
#define r_low_pairs(a, b) _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)))
#define r_high_pairs(a, b) _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)))

#define i_set1 _mm256_set1_epi32
#define i_add _mm256_add_epi32
#define i_sub _mm256_sub_epi32
#define i_and _mm256_and_si256
#define i_shift_left _mm256_slli_epi32
#define i_shift_right _mm256_srai_epi32
#define i_to_float _mm256_cvtepi32_ps

INLINE Ints first_lanes(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE Register load_part(const float *p, int n, float fill) {
    Ints lanes = first_lanes(n);
    Ints filled =
        _mm256_and_si256(_mm256_castps_si256(_mm256_set1_ps(fill)), ~lanes); // nothing to compute if fill is 0
    return _mm256_castsi256_ps(_mm256_or_si256(_mm256_castps_si256(_mm256_maskload_ps(p, lanes)), filled));
}
INLINE V16 v16_load(const float *p) { return (V16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
INLINE void v16_store(float *p, V16 a) {
    _mm256_storeu_ps(p, a.r0);
    _mm256_storeu_ps(p + 8, a.r1);
}
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    return (V16){load_part(p, (int)n, fill), load_part(p + 8, (int)n - 8, fill)};
}
// The first n <= 8 floats in pieces of 4, 2 and 1: a masked store takes AMD's processors some 20 times as long as a
// store.
INLINE void store_part(float *p, Register a, size_t n) {
    if (n >= 8) {
        _mm256_storeu_ps(p, a);
        return;
    }
    Quarter rest = _mm256_castps256_ps128(a);
    if (n & 4) {
        _mm_storeu_ps(p, rest);
        rest = _mm256_extractf128_ps(a, 1);
        p += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)(void *)p, rest);
        rest = _mm_movehl_ps(rest, rest);
        p += 2;
    }
    if (n & 1) _mm_store_ss(p, rest);
}
INLINE void v16_store_part(float *p, V16 a, size_t n) {
    store_part(p, a.r0, n);
    if (n > 8) store_part(p + 8, a.r1, n - 8);
}

// The same for n <= 8, without a look at the other half, and for n > 8, with a mask for one half.
INLINE void v16_store_half(float *p, V16 a, size_t n) { store_part(p, a.r0, n); }
INLINE V16 v16_load_most(const float *p, size_t n) {
    return (V16){_mm256_loadu_ps(p), _mm256_maskload_ps(p + 8, first_lanes((int)n - 8))};
}

#define QUARTER(a, i) _mm256_extractf128_ps((i) < 2 ? (a).r0 : (a).r1, (i) % 2)
INLINE V16 v16_join(Quarter q0, Quarter q1, Quarter q2, Quarter q3) {
    return (V16){_mm256_set_m128(q1, q0), _mm256_set_m128(q3, q2)};
}
INLINE V16 v16_repeat_four(const float *p) {
    Register half = _mm256_set_m128(_mm_loadu_ps(p), _mm_loadu_ps(p));
    return (V16){half, half};
}
INLINE V16 v16_spread_four(const float *p) {
    V16 four = v16_repeat_four(p);
    return (V16){_mm256_permutevar_ps(four.r0, _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1)),
                 _mm256_permutevar_ps(four.r1, _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3))};
}
