// Transposes in registers: the 4 x 4 blocks in the quarters of four vectors, and 16 rows of 16 floats.
#pragma once

#include "kernels/simd.h"

INLINE void transpose_registers(Register *a, Register *b, Register *c, Register *d) {
    Register low_ab = r_low(*a, *b), high_ab = r_high(*a, *b), low_cd = r_low(*c, *d), high_cd = r_high(*c, *d);
    *a = r_low_pairs(low_ab, low_cd);
    *b = r_high_pairs(low_ab, low_cd);
    *c = r_low_pairs(high_ab, high_cd);
    *d = r_high_pairs(high_ab, high_cd);
}

INLINE void v16_transpose_quarters(V16 row[4]) {
#define TRANSPOSE(r) transpose_registers(&row[0].r, &row[1].r, &row[2].r, &row[3].r);
    REGISTERS(TRANSPOSE)
#undef TRANSPOSE
}

// Transposes the 4 x 4 quarters of rows k, k + 4, k + 8 and k + 12.
INLINE void exchange_quarters(V16 row[LANES], size_t k) {
    V16 a = row[k], b = row[k + 4], c = row[k + 8], d = row[k + 12];
#if defined(__AVX512F__)
    Register even_low = _mm512_shuffle_f32x4(a.r0, b.r0, 0x88), odd_low = _mm512_shuffle_f32x4(a.r0, b.r0, 0xDD);
    Register even_high = _mm512_shuffle_f32x4(c.r0, d.r0, 0x88), odd_high = _mm512_shuffle_f32x4(c.r0, d.r0, 0xDD);
    row[k].r0 = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
    row[k + 4].r0 = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
    row[k + 8].r0 = _mm512_shuffle_f32x4(even_low, even_high, 0xDD);
    row[k + 12].r0 = _mm512_shuffle_f32x4(odd_low, odd_high, 0xDD);
#else
    row[k] = v16_join(QUARTER(a, 0), QUARTER(b, 0), QUARTER(c, 0), QUARTER(d, 0));
    row[k + 4] = v16_join(QUARTER(a, 1), QUARTER(b, 1), QUARTER(c, 1), QUARTER(d, 1));
    row[k + 8] = v16_join(QUARTER(a, 2), QUARTER(b, 2), QUARTER(c, 2), QUARTER(d, 2));
    row[k + 12] = v16_join(QUARTER(a, 3), QUARTER(b, 3), QUARTER(c, 3), QUARTER(d, 3));
#endif
}

INLINE void v16_transpose(V16 row[LANES]) {
    for (size_t i = 0; i < LANES; i += 4) v16_transpose_quarters(row + i);
    for (size_t k = 0; k < 4; k++) exchange_quarters(row, k);
}
