// The virtual vector on x86: one AVX-512 register or two of AVX2. simd.h, which alone includes this, says what each
// name does.
#ifndef NOMEN_KERNELS_SIMD_X86_H
#define NOMEN_KERNELS_SIMD_X86_H

#include <immintrin.h>

#if defined(__AVX512F__)

typedef __m512 V16;
typedef __mmask16 Mask16;

INLINE Mask16 first_lanes(size_t n) { return (Mask16)((1u << n) - 1); }
INLINE V16 v16_set1(float x) { return _mm512_set1_ps(x); }
INLINE V16 v16_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void v16_store(float *p, V16 a) { _mm512_storeu_ps(p, a); }
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), first_lanes(n), p);
}
INLINE void v16_store_part(float *p, V16 a, size_t n) { _mm512_mask_storeu_ps(p, first_lanes(n), a); }
INLINE V16 v16_add(V16 a, V16 b) { return _mm512_add_ps(a, b); }
INLINE V16 v16_sub(V16 a, V16 b) { return _mm512_sub_ps(a, b); }
INLINE V16 v16_mul(V16 a, V16 b) { return _mm512_mul_ps(a, b); }
INLINE V16 v16_div(V16 a, V16 b) { return _mm512_div_ps(a, b); }
INLINE V16 v16_sqrt(V16 a) { return _mm512_sqrt_ps(a); }
INLINE V16 v16_fma(V16 a, V16 b, V16 c) { return _mm512_fmadd_ps(a, b, c); }
INLINE V16 v16_max(V16 a, V16 b) { return _mm512_max_ps(a, b); }
INLINE V16 v16_min(V16 a, V16 b) { return _mm512_min_ps(a, b); }
INLINE Mask16 v16_less(V16 a, V16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
INLINE V16 v16_select(Mask16 mask, V16 a, V16 b) { return _mm512_mask_blend_ps(mask, b, a); }
INLINE V16 v16_exp2(V16 t) {
    __m512i n = _mm512_sub_epi32(_mm512_castps_si512(t), _mm512_castps_si512(v16_set1(ROUND_MAGIC)));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(n, _mm512_set1_epi32(127)), 23));
}
INLINE V16 v16_split(V16 x, V16 *k) {
    __m512i root = _mm512_castps_si512(v16_set1(SQRT_HALF));
    __m512i from_root = _mm512_sub_epi32(_mm512_castps_si512(x), root);
    *k = _mm512_cvtepi32_ps(_mm512_srai_epi32(from_root, 23));
    __m512i fraction = _mm512_and_si512(from_root, _mm512_set1_epi32(0x7FFFFF));
    return _mm512_castsi512_ps(_mm512_add_epi32(fraction, root));
}
INLINE V16 join_quarters(__m128 q0, __m128 q1, __m128 q2, __m128 q3) {
    V16 a = _mm512_insertf32x4(_mm512_castps128_ps512(q0), q1, 1);
    return _mm512_insertf32x4(_mm512_insertf32x4(a, q2, 2), q3, 3);
}
INLINE V16 v16_repeat_four(const float *p) { return _mm512_broadcast_f32x4(_mm_loadu_ps(p)); }
INLINE V16 v16_spread_four(const float *p) {
    __m512i lane_of_each = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    return _mm512_permutevar_ps(v16_repeat_four(p), lane_of_each);
}
INLINE V16 v16_spread(V16 a, size_t q) {
    if (q == 0) return _mm512_permute_ps(a, 0x00);
    if (q == 1) return _mm512_permute_ps(a, 0x55);
    return q == 2 ? _mm512_permute_ps(a, 0xAA) : _mm512_permute_ps(a, 0xFF);
}
INLINE void v16_store_quarters(float *p, size_t step, V16 a) {
    _mm_storeu_ps(p, _mm512_castps512_ps128(a));
    _mm_storeu_ps(p + step, _mm512_extractf32x4_ps(a, 1));
    _mm_storeu_ps(p + 2 * step, _mm512_extractf32x4_ps(a, 2));
    _mm_storeu_ps(p + 3 * step, _mm512_extractf32x4_ps(a, 3));
}
INLINE __m256 low_half(V16 a) { return _mm512_castps512_ps256(a); }
INLINE __m256 high_half(V16 a) { return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)); }

#else

typedef struct V16 {
    __m256 low, high;
} V16;
typedef V16 Mask16; // all bits of a lane, or none

#define EACH_HALF(expression_low, expression_high) ((V16){expression_low, expression_high})

INLINE __m256i first_lanes(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE V16 v16_set1(float x) { return EACH_HALF(_mm256_set1_ps(x), _mm256_set1_ps(x)); }
INLINE V16 v16_load(const float *p) { return EACH_HALF(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }
INLINE void v16_store(float *p, V16 a) {
    _mm256_storeu_ps(p, a.low);
    _mm256_storeu_ps(p + 8, a.high);
}
INLINE __m256 load_part(const float *p, int n, __m256 fill) {
    __m256i lanes = first_lanes(n);
    return _mm256_blendv_ps(fill, _mm256_maskload_ps(p, lanes), _mm256_castsi256_ps(lanes));
}
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    __m256 rest = _mm256_set1_ps(fill);
    return EACH_HALF(load_part(p, (int)n, rest), load_part(p + 8, (int)n - 8, rest));
}
INLINE void v16_store_part(float *p, V16 a, size_t n) {
    _mm256_maskstore_ps(p, first_lanes((int)n), a.low);
    _mm256_maskstore_ps(p + 8, first_lanes((int)n - 8), a.high);
}
INLINE V16 v16_add(V16 a, V16 b) { return EACH_HALF(_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)); }
INLINE V16 v16_sub(V16 a, V16 b) { return EACH_HALF(_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)); }
INLINE V16 v16_mul(V16 a, V16 b) { return EACH_HALF(_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)); }
INLINE V16 v16_div(V16 a, V16 b) { return EACH_HALF(_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)); }
INLINE V16 v16_sqrt(V16 a) { return EACH_HALF(_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)); }
INLINE V16 v16_fma(V16 a, V16 b, V16 c) {
    return EACH_HALF(_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high));
}
INLINE V16 v16_max(V16 a, V16 b) { return EACH_HALF(_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)); }
INLINE V16 v16_min(V16 a, V16 b) { return EACH_HALF(_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)); }
INLINE Mask16 v16_less(V16 a, V16 b) {
    return EACH_HALF(_mm256_cmp_ps(a.low, b.low, _CMP_LT_OQ), _mm256_cmp_ps(a.high, b.high, _CMP_LT_OQ));
}
INLINE V16 v16_select(Mask16 mask, V16 a, V16 b) {
    return EACH_HALF(_mm256_blendv_ps(b.low, a.low, mask.low), _mm256_blendv_ps(b.high, a.high, mask.high));
}
INLINE __m256 exp2_half(__m256 t) {
    __m256i n = _mm256_sub_epi32(_mm256_castps_si256(t), _mm256_castps_si256(_mm256_set1_ps(ROUND_MAGIC)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}
INLINE V16 v16_exp2(V16 t) { return EACH_HALF(exp2_half(t.low), exp2_half(t.high)); }
INLINE __m256 split_half(__m256 x, __m256 *k) {
    __m256i root = _mm256_castps_si256(_mm256_set1_ps(SQRT_HALF));
    __m256i from_root = _mm256_sub_epi32(_mm256_castps_si256(x), root);
    *k = _mm256_cvtepi32_ps(_mm256_srai_epi32(from_root, 23));
    __m256i fraction = _mm256_and_si256(from_root, _mm256_set1_epi32(0x7FFFFF));
    return _mm256_castsi256_ps(_mm256_add_epi32(fraction, root));
}
INLINE V16 v16_split(V16 x, V16 *k) { return EACH_HALF(split_half(x.low, &k->low), split_half(x.high, &k->high)); }
INLINE V16 join_quarters(__m128 q0, __m128 q1, __m128 q2, __m128 q3) {
    return EACH_HALF(_mm256_set_m128(q1, q0), _mm256_set_m128(q3, q2));
}
INLINE V16 v16_repeat_four(const float *p) {
    __m256 half = _mm256_set_m128(_mm_loadu_ps(p), _mm_loadu_ps(p));
    return EACH_HALF(half, half);
}
INLINE V16 v16_spread_four(const float *p) {
    V16 four = v16_repeat_four(p);
    return EACH_HALF(_mm256_permutevar_ps(four.low, _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1)),
                     _mm256_permutevar_ps(four.high, _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3)));
}
INLINE __m256 spread_half(__m256 a, size_t q) {
    if (q == 0) return _mm256_permute_ps(a, 0x00);
    if (q == 1) return _mm256_permute_ps(a, 0x55);
    return q == 2 ? _mm256_permute_ps(a, 0xAA) : _mm256_permute_ps(a, 0xFF);
}
INLINE V16 v16_spread(V16 a, size_t q) { return EACH_HALF(spread_half(a.low, q), spread_half(a.high, q)); }
INLINE void v16_store_quarters(float *p, size_t step, V16 a) {
    _mm_storeu_ps(p, _mm256_castps256_ps128(a.low));
    _mm_storeu_ps(p + step, _mm256_extractf128_ps(a.low, 1));
    _mm_storeu_ps(p + 2 * step, _mm256_castps256_ps128(a.high));
    _mm_storeu_ps(p + 3 * step, _mm256_extractf128_ps(a.high, 1));
}
INLINE __m256 low_half(V16 a) { return a.low; }
INLINE __m256 high_half(V16 a) { return a.high; }

#endif

INLINE V16 v16_join_quarters(const float *p0, const float *p1, const float *p2, const float *p3) {
    return join_quarters(_mm_loadu_ps(p0), _mm_loadu_ps(p1), _mm_loadu_ps(p2), _mm_loadu_ps(p3));
}
INLINE V16 v16_load_quarters(const float *p, size_t step) {
    return v16_join_quarters(p, p + step, p + 2 * step, p + 3 * step);
}
INLINE V16 v16_spread_column(const float *p, size_t step) {
    return join_quarters(_mm_set1_ps(p[0]), _mm_set1_ps(p[step]), _mm_set1_ps(p[2 * step]), _mm_set1_ps(p[3 * step]));
}

// Lane i with i + 8, then + 4, + 2, + 1.
#define FOLD(name, op)                                                                               \
    INLINE float name(V16 a) {                                                                       \
        __m256 eight = _mm256_##op##_ps(low_half(a), high_half(a));                                  \
        __m128 four = _mm_##op##_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1)); \
        __m128 two = _mm_##op##_ps(four, _mm_movehl_ps(four, four));                                 \
        return _mm_cvtss_f32(_mm_##op##_ss(two, _mm_shuffle_ps(two, two, 1)));                       \
    }
FOLD(v16_fold_sum, add)
FOLD(v16_fold_max, max)
#undef FOLD

#endif
