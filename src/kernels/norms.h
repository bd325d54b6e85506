// Standardization of rows, for layer norm and RMS norm. reference.c and rows.c compile the same loops, whose lanes the
// compiler turns into vectors.
#pragma once

#include "kernels/fused.h"
#include "kernels/isa.h"

#include <math.h>

// Two sums over a row, in 16 lanes of double, so that neither rounds noticeably.
typedef struct RowSums {
    double lanes[2][KERNEL_LANES];
} RowSums;

// A loop over lanes becomes stores of vectors; gcc clears the whole struct by `rep stos`, which takes longer to begin.
static inline void clear_row_sums(RowSums *sums) {
    for (size_t l = 0; l < KERNEL_LANES; l++) sums->lanes[0][l] = sums->lanes[1][l] = 0;
}

static inline void fold_row_sums(RowSums *sums) {
    for (size_t half = KERNEL_LANES / 2; half > 0; half /= 2)
        for (size_t s = 0; s < 2; s++)
            for (size_t l = 0; l < half; l++) sums->lanes[s][l] += sums->lanes[s][l + half];
}

// One sum per loop, here and below: gcc does not vectorize a loop over lanes that has two sums.
static inline void add_powers(RowSums *sums, size_t n, const float *x) {
    for (size_t l = 0; l < n; l++) sums->lanes[0][l] += (double)x[l];
    for (size_t l = 0; l < n; l++) sums->lanes[1][l] += (double)x[l] * (double)x[l];
}

// The first sum is of x, the second of x^2.
static inline void sum_powers(RowSums *sums, size_t n, const float *x) {
    size_t i = 0;
    clear_row_sums(sums);
    for (; i + KERNEL_LANES <= n; i += KERNEL_LANES) add_powers(sums, KERNEL_LANES, x + i);
    add_powers(sums, n - i, x + i);
    fold_row_sums(sums);
}

static inline void add_slopes(RowSums *sums, size_t n, const float *x, RowNorm norm, const float *gain,
                              const float *dy) {
    float slope[KERNEL_LANES], unit[KERNEL_LANES];
    for (size_t l = 0; l < n; l++) slope[l] = gain ? gain[l] * dy[l] : dy[l];
    for (size_t l = 0; l < n; l++) unit[l] = (x[l] - norm.mean) * norm.scale;
    for (size_t l = 0; l < n; l++) sums->lanes[0][l] += (double)slope[l];
    for (size_t l = 0; l < n; l++) sums->lanes[1][l] += (double)slope[l] * (double)unit[l];
}

// The first sum is of du = gain dy, the second of du u.
static inline void sum_slopes(RowSums *sums, size_t n, const float *x, RowNorm norm, const float *gain,
                              const float *dy) {
    size_t i = 0;
    clear_row_sums(sums);
    for (; i + KERNEL_LANES <= n; i += KERNEL_LANES)
        add_slopes(sums, KERNEL_LANES, x + i, norm, gain ? gain + i : NULL, dy + i);
    add_slopes(sums, n - i, x + i, norm, gain ? gain + i : NULL, dy + i);
    fold_row_sums(sums);
}

static inline RowNorm row_norm(size_t n, const float *x, bool centered, float eps) {
    RowSums sums;
    sum_powers(&sums, n, x);
    double part = 1 / (double)n, mean = centered ? sums.lanes[0][0] * part : 0;
    double variance = sums.lanes[1][0] * part - mean * mean;
    return (RowNorm){(float)mean, 1 / sqrtf((float)(variance < 0 ? 0 : variance) + eps)};
}

void FOR_ISA(norm_rows)(size_t rows, size_t columns, const float *restrict x, bool centered, float eps,
                        const float *restrict gain, const float *restrict bias, float *restrict y,
                        RowNorm *restrict norms) {
    for (size_t r = 0; r < rows; r++) norms[r] = row_norm(columns, x + r * columns, centered, eps);
    for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
        const RowNorm norm = norms[r];
        for (size_t c = 0; c < columns; c++) {
            float unit = (x[c] - norm.mean) * norm.scale;
            y[c] = gain ? fused(unit, gain[c], bias ? bias[c] : 0) : unit;
        }
    }
}

void FOR_ISA(norm_rows_backward)(size_t rows, size_t columns, const float *restrict x, bool centered,
                                 const RowNorm *restrict norms, const float *restrict gain, const float *restrict dy,
                                 float *restrict dx) {
    const double n = (double)columns;
    for (size_t r = 0; r < rows; r++, x += columns, dy += columns, dx += columns) {
        RowSums sums;
        sum_slopes(&sums, columns, x, norms[r], gain, dy);
        const RowNorm norm = norms[r];
        const float shift = centered ? (float)(sums.lanes[0][0] / n) : 0, slope = (float)(sums.lanes[1][0] / n);
        for (size_t c = 0; c < columns; c++) {
            float unit = (x[c] - norm.mean) * norm.scale, du = gain ? gain[c] * dy[c] : dy[c];
            dx[c] = norm.scale * fused(-slope, unit, du - shift);
        }
    }
}

void FOR_ISA(norm_rows_sums)(size_t rows, size_t columns, const float *restrict x, size_t step,
                             const RowNorm *restrict norms, const float *restrict dy, float *restrict product) {
    for (size_t r = 0; r < rows; r++, x += step, dy += step) {
        const RowNorm norm = norms[r];
        for (size_t c = 0; c < columns; c++) product[c] = fused(dy[c], (x[c] - norm.mean) * norm.scale, product[c]);
    }
}
