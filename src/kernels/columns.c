// Sums and standardization of columns, 16 columns at a time, for batch norm.
#include "kernels/simd.h"

// 16 columns of a matrix with entries (x - center) scale.
typedef struct Columns {
    const float *x;
    V16 center, scale;
} Columns;

INLINE V16 entries(Columns c, size_t at, size_t n) {
    return v16_mul(v16_sub(v16_load_n(c.x + at, n, 0), c.center), c.scale);
}

// Adds the float sums of at most KERNEL_FOLD_ROWS rows to the totals.
INLINE void fold_rows(V16 sums, double totals[LANES]) {
    float lanes[LANES];
    v16_store(lanes, sums);
    for (size_t l = 0; l < LANES; l++) totals[l] += (double)lanes[l];
}

// Adds sum_r a_r to `plain` and, unless it is NULL, sum_r a_r b_r to `product`: n columns, rows `step` apart.
INLINE void sum_columns(size_t rows, size_t step, size_t n, Columns a, Columns b, double plain[LANES],
                        double product[LANES]) {
    for (size_t r = 0; r < rows;) {
        V16 sum = v16_set1(0), weighted = v16_set1(0);
        for (size_t end = rows - r < KERNEL_FOLD_ROWS ? rows : r + KERNEL_FOLD_ROWS; r < end; r++) {
            V16 x = entries(a, r * step, n);
            sum = v16_add(sum, x);
            weighted = v16_fma(x, entries(b, r * step, n), weighted);
        }
        fold_rows(sum, plain);
        if (product) fold_rows(weighted, product);
    }
}

INLINE void store_totals(float *out, const double totals[LANES], size_t n) {
    float lanes[LANES];
    for (size_t l = 0; l < LANES; l++) lanes[l] = (float)totals[l];
    v16_store_n(out, v16_load(lanes), n);
}

void FOR_ISA(column_moments)(size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square) {
    const V16 zero = v16_set1(0), one = v16_set1(1);
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        double totals[LANES] = {0}, offs[LANES] = {0}, squares[LANES] = {0};
        float center[LANES];
        sum_columns(rows, step, n, (Columns){x + c, zero, one}, (Columns){x + c, zero, one}, totals, NULL);
        for (size_t l = 0; l < LANES; l++) center[l] = (float)(totals[l] / (double)rows);
        Columns off = {x + c, v16_load(center), one};
        sum_columns(rows, step, n, off, off, offs, squares);
        for (size_t l = 0; l < LANES; l++) totals[l] = (double)center[l] + offs[l] / (double)rows;
        store_totals(mean + c, totals, n);
        store_totals(square + c, squares, n);
    }
}

void FOR_ISA(standardize)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                          const float *gain, const float *bias, float *y) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        Columns unit = {x + c, v16_load_n(mean + c, n, 0), v16_load_n(scale + c, n, 0)};
        V16 slope = v16_load_n(gain + c, n, 0), shift = v16_load_n(bias + c, n, 0);
        for (size_t at = 0; at < rows * columns; at += columns)
            v16_store_n(y + at + c, v16_fma(entries(unit, at, n), slope, shift), n);
    }
}

void FOR_ISA(standardize_sums)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                               const float *dy, size_t step, float *sum, float *product) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        double sums[LANES] = {0}, products[LANES] = {0};
        Columns slope = {dy + c, v16_set1(0), v16_set1(1)};
        Columns unit = {x + c, v16_load_n(mean + c, n, 0), v16_load_n(scale + c, n, 0)};
        sum_columns(rows, step, n, slope, unit, sums, products);
        store_totals(sum + c, sums, n);
        store_totals(product + c, products, n);
    }
}

void FOR_ISA(standardize_backward)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                   const float *dy, const float *factor, const float *shift, const float *slope,
                                   float *dx) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        Columns unit = {x + c, v16_load_n(mean + c, n, 0), v16_load_n(scale + c, n, 0)};
        V16 f = v16_load_n(factor + c, n, 0), a = v16_load_n(shift + c, n, 0);
        V16 b = v16_sub(v16_set1(0), v16_load_n(slope + c, n, 0));
        for (size_t at = 0; at < rows * columns; at += columns) {
            V16 left = v16_sub(v16_load_n(dy + at + c, n, 0), a);
            v16_store_n(dx + at + c, v16_mul(f, v16_fma(b, entries(unit, at, n), left)), n);
        }
    }
}
