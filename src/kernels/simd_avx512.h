// AVX-512 for simd.h: the virtual vector is one register of 16 floats.
#pragma once

#include <immintrin.h>

typedef __m512 Register;
typedef __m128 Quarter;
typedef __m512i Ints;
typedef struct V16 {
    Register r0;
} V16;
typedef struct Mask16 {
    __mmask16 r0;
} Mask16;

#define EACH0(x) ((V16){x})
#define EACH1(type, f, a) ((type){f((a).r0)})
#define EACH2(type, f, a, b) ((type){f((a).r0, (b).r0)})
#define EACH3(type, f, a, b, c) ((type){f((a).r0, (b).r0, (c).r0)})
#define REGISTERS(X) X(r0)

#define r_set1 _mm512_set1_ps
#define r_add _mm512_add_ps
#define r_sub _mm512_sub_ps
#define r_mul _mm512_mul_ps
#define r_div _mm512_div_ps
#define r_sqrt _mm512_sqrt_ps
#define r_fma _mm512_fmadd_ps
#define r_max _mm512_max_ps
#define r_min _mm512_min_ps
#define r_less(a, b) _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)
#define r_select(mask, a, b) _mm512_mask_blend_ps(mask, b, a)
#define r_spread(a, q) _mm512_permute_ps(a, (q)*0x55)
#define r_ints _mm512_castps_si512
#define r_floats _mm512_castsi512_ps
#define r_low _mm512_unpacklo_ps
#define r_high _mm512_unpackhi_ps
#define r_low_pairs(a, b) _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)))
#define r_high_pairs(a, b) _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)))

#define i_set1 _mm512_set1_epi32
#define i_add _mm512_add_epi32
#define i_sub _mm512_sub_epi32
#define i_and _mm512_and_si512
#define i_shift_left _mm512_slli_epi32
#define i_shift_right _mm512_srai_epi32
#define i_to_float _mm512_cvtepi32_ps

INLINE __mmask16 first_lanes(size_t n) { return (__mmask16)((1u << n) - 1); }
INLINE V16 v16_load(const float *p) { return (V16){_mm512_loadu_ps(p)}; }
INLINE void v16_store(float *p, V16 a) { _mm512_storeu_ps(p, a.r0); }
INLINE V16 v16_load_part(const float *p, size_t n, float fill) {
    return (V16){_mm512_mask_loadu_ps(_mm512_set1_ps(fill), first_lanes(n), p)};
}
INLINE void v16_store_part(float *p, V16 a, size_t n) { _mm512_mask_storeu_ps(p, first_lanes(n), a.r0); }

#define QUARTER(a, i) _mm512_extractf32x4_ps((a).r0, i)
INLINE V16 v16_join(Quarter q0, Quarter q1, Quarter q2, Quarter q3) {
    Register a = _mm512_insertf32x4(_mm512_castps128_ps512(q0), q1, 1);
    return (V16){_mm512_insertf32x4(_mm512_insertf32x4(a, q2, 2), q3, 3)};
}
INLINE V16 v16_repeat_four(const float *p) { return (V16){_mm512_broadcast_f32x4(_mm_loadu_ps(p))}; }
INLINE V16 v16_spread_four(const float *p) {
    Ints lanes = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    return (V16){_mm512_permutevar_ps(v16_repeat_four(p).r0, lanes)};
}
