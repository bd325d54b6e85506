// 16 rows of 16 floats turned into columns, in registers.
#ifndef NOMEN_KERNELS_TRANSPOSE_H
#define NOMEN_KERNELS_TRANSPOSE_H

#include "kernels/simd.h"

#if defined(__AVX512F__)

// Pairs, then fours of columns within each quarter of the registers, then the quarters themselves.
INLINE void v16_transpose(V16 row[LANES]) {
    V16 pair[LANES], four[LANES];
    for (size_t i = 0; i < LANES; i += 2) {
        pair[i] = _mm512_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm512_unpackhi_ps(row[i], row[i + 1]);
    }
    for (size_t i = 0; i < LANES; i += 4) {
        for (size_t k = 0; k < 2; k++) {
            __m512d a = _mm512_castps_pd(pair[i + k]), b = _mm512_castps_pd(pair[i + k + 2]);
            four[i + 2 * k] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            four[i + 2 * k + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
        }
    }
    for (size_t k = 0; k < 4; k++) {
        V16 even_low = _mm512_shuffle_f32x4(four[k], four[k + 4], 0x88);
        V16 odd_low = _mm512_shuffle_f32x4(four[k], four[k + 4], 0xDD);
        V16 even_high = _mm512_shuffle_f32x4(four[k + 8], four[k + 12], 0x88);
        V16 odd_high = _mm512_shuffle_f32x4(four[k + 8], four[k + 12], 0xDD);
        row[k] = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
        row[k + 8] = _mm512_shuffle_f32x4(even_low, even_high, 0xDD);
        row[k + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        row[k + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xDD);
    }
}

#elif defined(__AVX2__)

// 8 rows of 8.
INLINE void transpose_8(__m256 row[8]) {
    __m256 pair[8], four[8];
    for (size_t i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    }
    for (size_t i = 0; i < 8; i += 4) {
        for (size_t k = 0; k < 2; k++) {
            __m256d a = _mm256_castps_pd(pair[i + k]), b = _mm256_castps_pd(pair[i + k + 2]);
            four[i + 2 * k] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b));
            four[i + 2 * k + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
        }
    }
    for (size_t k = 0; k < 4; k++) {
        row[k] = _mm256_permute2f128_ps(four[k], four[k + 4], 0x20);
        row[k + 4] = _mm256_permute2f128_ps(four[k], four[k + 4], 0x31);
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

INLINE void v16_transpose(V16 row[LANES]) {
    float in[LANES][LANES], out[LANES][LANES];
    for (size_t i = 0; i < LANES; i++) v16_store(in[i], row[i]);
    for (size_t i = 0; i < LANES; i++)
        for (size_t j = 0; j < LANES; j++) out[j][i] = in[i][j];
    for (size_t i = 0; i < LANES; i++) row[i] = v16_load(out[i]);
}

#endif

#endif
