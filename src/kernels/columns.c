// Down the columns of a matrix, 16 at a time: what batch norm needs.
#include "kernels/simd.h"

// Adds the float sums of at most KERNEL_FOLD_ROWS rows to the double ones.
INLINE void fold_rows(V16 sums, double totals[LANES]) {
    float lanes[LANES];
    v16_store(lanes, sums);
    for (size_t l = 0; l < LANES; l++) totals[l] += (double)lanes[l];
}

INLINE V16 totals_over(const double totals[LANES], double divisor) {
    float lanes[LANES];
    for (size_t l = 0; l < LANES; l++) lanes[l] = (float)(totals[l] / divisor);
    return v16_load(lanes);
}

INLINE V16 moved_by(V16 center, const double totals[LANES], double divisor) {
    float lanes[LANES];
    v16_store(lanes, center);
    for (size_t l = 0; l < LANES; l++) lanes[l] = (float)((double)lanes[l] + totals[l] / divisor);
    return v16_load(lanes);
}

INLINE size_t fold_end(size_t row, size_t rows) {
    return rows - row < KERNEL_FOLD_ROWS ? rows : row + KERNEL_FOLD_ROWS;
}

void FOR_ISA(column_moments)(size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        double totals[LANES] = {0}, offs[LANES] = {0}, squares[LANES] = {0};
        for (size_t r = 0; r < rows;) {
            V16 sum = v16_set1(0);
            for (size_t end = fold_end(r, rows); r < end; r++) sum = v16_add(sum, v16_load_n(x + r * step + c, n, 0));
            fold_rows(sum, totals);
        }
        V16 center = totals_over(totals, (double)rows);
        for (size_t r = 0; r < rows;) {
            V16 plain = v16_set1(0), squared = v16_set1(0);
            for (size_t end = fold_end(r, rows); r < end; r++) {
                V16 off = v16_sub(v16_load_n(x + r * step + c, n, 0), center);
                plain = v16_add(plain, off);
                squared = v16_fma(off, off, squared);
            }
            fold_rows(plain, offs);
            fold_rows(squared, squares);
        }
        v16_store_n(mean + c, moved_by(center, offs, (double)rows), n);
        v16_store_n(square + c, totals_over(squares, 1), n);
    }
}

void FOR_ISA(standardize)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                          const float *gain, const float *bias, float *y) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        V16 center = v16_load_n(mean + c, n, 0), factor = v16_load_n(scale + c, n, 0);
        V16 slope = v16_load_n(gain + c, n, 0), shift = v16_load_n(bias + c, n, 0);
        for (size_t r = 0; r < rows; r++) {
            V16 unit = v16_mul(v16_sub(v16_load_n(x + r * columns + c, n, 0), center), factor);
            v16_store_n(y + r * columns + c, v16_fma(unit, slope, shift), n);
        }
    }
}

void FOR_ISA(standardize_sums)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                               const float *dy, size_t step, float *sum, float *product) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        double sums[LANES] = {0}, products[LANES] = {0};
        V16 center = v16_load_n(mean + c, n, 0), factor = v16_load_n(scale + c, n, 0);
        for (size_t r = 0; r < rows;) {
            V16 plain = v16_set1(0), weighted = v16_set1(0);
            for (size_t end = fold_end(r, rows); r < end; r++) {
                V16 unit = v16_mul(v16_sub(v16_load_n(x + r * step + c, n, 0), center), factor);
                V16 slope = v16_load_n(dy + r * step + c, n, 0);
                plain = v16_add(plain, slope);
                weighted = v16_fma(slope, unit, weighted);
            }
            fold_rows(plain, sums);
            fold_rows(weighted, products);
        }
        v16_store_n(sum + c, totals_over(sums, 1), n);
        v16_store_n(product + c, totals_over(products, 1), n);
    }
}

void FOR_ISA(standardize_backward)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                   const float *dy, const float *factor, const float *shift, const float *slope,
                                   float *dx) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        V16 center = v16_load_n(mean + c, n, 0), deviation = v16_load_n(scale + c, n, 0);
        V16 f = v16_load_n(factor + c, n, 0), a = v16_load_n(shift + c, n, 0), b = v16_load_n(slope + c, n, 0);
        for (size_t r = 0; r < rows; r++) {
            V16 unit = v16_mul(v16_sub(v16_load_n(x + r * columns + c, n, 0), center), deviation);
            V16 left = v16_sub(v16_load_n(dy + r * columns + c, n, 0), a);
            v16_store_n(dx + r * columns + c, v16_mul(f, v16_fma(v16_sub(v16_set1(0), b), unit, left)), n);
        }
    }
}
