// Rows turned into columns, in registers: the 4 x 4 blocks in the quarters of four vectors, each by itself, and 16 rows
// of 16 floats.
#ifndef NOMEN_KERNELS_TRANSPOSE_H
#define NOMEN_KERNELS_TRANSPOSE_H

#include "kernels/simd.h"

#if defined(__AVX512F__)

INLINE void v16_transpose_quarters(V16 row[4]) {
    __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(row[0], row[1]));
    __m512d high01 = _mm512_castps_pd(_mm512_unpackhi_ps(row[0], row[1]));
    __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(row[2], row[3]));
    __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(row[2], row[3]));
    row[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23));
    row[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23));
    row[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23));
    row[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23));
}

// Each four rows' quarters, then the quarters themselves.
INLINE void v16_transpose(V16 row[LANES]) {
    for (size_t i = 0; i < LANES; i += 4) v16_transpose_quarters(row + i);
    for (size_t k = 0; k < 4; k++) {
        V16 even_low = _mm512_shuffle_f32x4(row[k], row[k + 4], 0x88);
        V16 odd_low = _mm512_shuffle_f32x4(row[k], row[k + 4], 0xDD);
        V16 even_high = _mm512_shuffle_f32x4(row[k + 8], row[k + 12], 0x88);
        V16 odd_high = _mm512_shuffle_f32x4(row[k + 8], row[k + 12], 0xDD);
        row[k] = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
        row[k + 8] = _mm512_shuffle_f32x4(even_low, even_high, 0xDD);
        row[k + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        row[k + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xDD);
    }
}

#elif defined(__AVX2__)

INLINE void transpose_halves(__m256 *a, __m256 *b, __m256 *c, __m256 *d) {
    __m256d low_ab = _mm256_castps_pd(_mm256_unpacklo_ps(*a, *b)),
            high_ab = _mm256_castps_pd(_mm256_unpackhi_ps(*a, *b));
    __m256d low_cd = _mm256_castps_pd(_mm256_unpacklo_ps(*c, *d)),
            high_cd = _mm256_castps_pd(_mm256_unpackhi_ps(*c, *d));
    *a = _mm256_castpd_ps(_mm256_unpacklo_pd(low_ab, low_cd));
    *b = _mm256_castpd_ps(_mm256_unpackhi_pd(low_ab, low_cd));
    *c = _mm256_castpd_ps(_mm256_unpacklo_pd(high_ab, high_cd));
    *d = _mm256_castpd_ps(_mm256_unpackhi_pd(high_ab, high_cd));
}

INLINE void v16_transpose_quarters(V16 row[4]) {
    transpose_halves(&row[0].low, &row[1].low, &row[2].low, &row[3].low);
    transpose_halves(&row[0].high, &row[1].high, &row[2].high, &row[3].high);
}

// 8 rows of 8.
INLINE void transpose_8(__m256 row[8]) {
    for (size_t i = 0; i < 8; i += 4) transpose_halves(&row[i], &row[i + 1], &row[i + 2], &row[i + 3]);
    for (size_t k = 0; k < 4; k++) {
        __m256 low = row[k], high = row[k + 4];
        row[k] = _mm256_permute2f128_ps(low, high, 0x20);
        row[k + 4] = _mm256_permute2f128_ps(low, high, 0x31);
    }
}

// The four quarters each, those off the diagonal in each other's place.
INLINE void v16_transpose(V16 row[LANES]) {
    __m256 quarter[4][8];
    for (size_t i = 0; i < 8; i++) {
        quarter[0][i] = row[i].low;
        quarter[1][i] = row[i].high;
        quarter[2][i] = row[i + 8].low;
        quarter[3][i] = row[i + 8].high;
    }
    for (size_t q = 0; q < 4; q++) transpose_8(quarter[q]);
    for (size_t i = 0; i < 8; i++) {
        row[i] = (V16){quarter[0][i], quarter[2][i]};
        row[i + 8] = (V16){quarter[1][i], quarter[3][i]};
    }
}

#else

INLINE void transpose_quarter(float32x4_t *a, float32x4_t *b, float32x4_t *c, float32x4_t *d) {
    float32x4x2_t ab = vtrnq_f32(*a, *b), cd = vtrnq_f32(*c, *d);
    *a = vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0]));
    *b = vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1]));
    *c = vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0]));
    *d = vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1]));
}

INLINE void v16_transpose_quarters(V16 row[4]) {
    transpose_quarter(&row[0].q0, &row[1].q0, &row[2].q0, &row[3].q0);
    transpose_quarter(&row[0].q1, &row[1].q1, &row[2].q1, &row[3].q1);
    transpose_quarter(&row[0].q2, &row[1].q2, &row[2].q2, &row[3].q2);
    transpose_quarter(&row[0].q3, &row[1].q3, &row[2].q3, &row[3].q3);
}

INLINE void v16_transpose(V16 row[LANES]) {
    float in[LANES][LANES], out[LANES][LANES];
    for (size_t i = 0; i < LANES; i++) v16_store(in[i], row[i]);
    for (size_t i = 0; i < LANES; i++)
        for (size_t j = 0; j < LANES; j++) out[j][i] = in[i][j];
    for (size_t i = 0; i < LANES; i++) row[i] = v16_load(out[i]);
}

#endif

#endif
