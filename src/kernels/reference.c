// The reference: every entry in plain loops. This file defines the results to the bit, and it is what runs on a CPU
// without a table of its own.
#include "kernels/constants.h"
#include "kernels/fused.h"
#include "kernels/loops.h"
#include "kernels/norms.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static int32_t float_bits(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float bits_float(int32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// A matrix whose entry (i, j) is at[i * row + j * column].
typedef struct View {
    const float *at;
    size_t row, column;
} View;

// c_ij = [c_ij +] sum_p a_ip b_pj. The loop over p is not the inner one: each sum would wait for its last addition.
static inline void multiply(size_t m, size_t n, size_t k, View a, View b, float *restrict c, bool add) {
    for (size_t i = 0; i < m; i++, c += n) {
        for (size_t j = 0; j < n && !add; j++) c[j] = 0;
        for (size_t p = 0; p < k; p++) {
            const float a_ip = a.at[i * a.row + p * a.column], *b_p = b.at + p * b.row;
            for (size_t j = 0; j < n; j++) c[j] = fused(a_ip, b_p[j * b.column], c[j]);
        }
    }
}

void FOR_ISA(gemm_nn)(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                      bool add) {
    multiply(m, n, k, (View){a, k, 1}, (View){b, n, 1}, c, add);
    for (size_t i = 0; i < m && bias; i++)
        for (size_t j = 0; j < n; j++) c[i * n + j] += bias[j];
}

void FOR_ISA(gemm_tn)(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add) {
    multiply(m, n, k, (View){a, 1, a_step}, (View){b, n, 1}, c, add);
}

void FOR_ISA(gemm_nt)(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add) {
    multiply(m, n, k, (View){a, k, 1}, (View){b, 1, k}, c, add);
}

void FOR_ISA(sum_rows)(size_t rows, size_t columns, const float *x, size_t step, float *sum) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) sum[c] += x[r * step + c];
}

void FOR_ISA(sum_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                         const float *bias, float *y) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            float sum = tables[ids[r * n] * columns + c];
            for (size_t p = 1; p < n; p++) sum += tables[(p * vocab + ids[r * n + p]) * columns + c];
            y[r * columns + c] = bias ? sum + bias[c] : sum;
        }
    }
}

void FOR_ISA(add_to_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                            size_t dy_step, float *tables, size_t table_step) {
    for (size_t r = 0; r < rows; r++)
        for (size_t p = 0; p < n; p++)
            for (size_t c = 0; c < columns; c++)
                tables[(p * vocab + ids[r * n + p]) * table_step + c] += dy[r * dy_step + c];
}

// A column of a matrix with entries (x - mean) scale.
typedef struct Column {
    const float *x; // NULL: every entry is 1
    float mean, scale;
} Column;

static float entry(Column column, size_t i) { return column.x ? (column.x[i] - column.mean) * column.scale : 1; }

// sum_r a_r b_r over entries `step` apart, folded into a double every KERNEL_FOLD_ROWS rows.
static double dot_columns(size_t rows, size_t step, Column a, Column b) {
    double total = 0;
    for (size_t r = 0; r < rows;) {
        float sum = 0;
        for (size_t end = rows - r < KERNEL_FOLD_ROWS ? rows : r + KERNEL_FOLD_ROWS; r < end; r++)
            sum = fused(entry(a, r * step), entry(b, r * step), sum);
        total += (double)sum;
    }
    return total;
}

static const Column ONES = {NULL, 0, 1};

void FOR_ISA(column_moments)(size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square) {
    for (size_t c = 0; c < columns; c++) {
        float center = (float)(dot_columns(rows, step, (Column){x + c, 0, 1}, ONES) / (double)rows);
        Column off = {x + c, center, 1};
        mean[c] = (float)((double)center + dot_columns(rows, step, off, ONES) / (double)rows);
        square[c] = (float)dot_columns(rows, step, off, off);
    }
}

void FOR_ISA(standardize)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                          const float *gain, const float *bias, float *y) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            y[r * columns + c] = fused((x[r * columns + c] - mean[c]) * scale[c], gain[c], bias[c]);
}

void FOR_ISA(standardize_sums)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                               const float *dy, size_t step, float *sum, float *product) {
    for (size_t c = 0; c < columns; c++) {
        Column slope = {dy + c, 0, 1}, unit = {x + c, mean[c], scale[c]};
        sum[c] = (float)dot_columns(rows, step, slope, ONES);
        product[c] = (float)dot_columns(rows, step, slope, unit);
    }
}

void FOR_ISA(standardize_backward)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                   const float *dy, const float *factor, const float *shift, const float *slope,
                                   float *dx) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            float unit = (x[r * columns + c] - mean[c]) * scale[c];
            dx[r * columns + c] = factor[c] * fused(-slope[c], unit, dy[r * columns + c] - shift[c]);
        }
    }
}

// e^r - 1 for |r| <= log(2) / 2.
static float expm1_reduced(float r) {
    float q = fused(EXP_Q4, r, EXP_Q3);
    q = fused(q, r, EXP_Q2);
    q = fused(q, r, EXP_Q1);
    q = fused(q, r, EXP_Q0);
    return fused(r * r, q, r);
}

// x = n log 2 + r; t is ROUND_MAGIC + n.
static float reduce(float x, float *t, float *n) {
    *t = fused(x, LOG2_E, ROUND_MAGIC);
    *n = *t - ROUND_MAGIC;
    return fused(*n, -LN2_REST, fused(*n, -LN2_HEAD, x));
}

static float power_of_2(float t) {
    return bits_float((int32_t)((uint32_t)(float_bits(t) - float_bits(ROUND_MAGIC) + 127) << 23));
}

// Returns b if either is NaN.
static float larger(float a, float b) { return a > b ? a : b; }

static float exp_one(float x) {
    float t, n;
    x = larger(EXP_LOW, x);
    x = EXP_HIGH < x ? EXP_HIGH : x;
    float p = expm1_reduced(reduce(x, &t, &n)) + 1;
    // 2^n in two factors, so that a subnormal result rounds only once.
    float t1 = fused(n, 0.5f, ROUND_MAGIC), t2 = n - (t1 - ROUND_MAGIC) + ROUND_MAGIC;
    return p * power_of_2(t1) * power_of_2(t2);
}

static float log_one(float x) {
    if (!(x > 0)) return x < 0 ? NAN : x - INFINITY;
    if (!(x < INFINITY)) return x;
    bool is_subnormal = x < 0x1p-126f;
    int32_t from_root = float_bits(is_subnormal ? x * 0x1p23f : x) - float_bits(SQRT_HALF);
    float k = (float)(from_root >> 23) - (is_subnormal ? 23.0f : 0.0f);
    float f = bits_float((from_root & 0x7FFFFF) + float_bits(SQRT_HALF)) - 1;
    float s = f / (f + 2), z = s * s;
    float series = fused(fused(fused(LOG_R4, z, LOG_R3), z, LOG_R2), z, LOG_R1) * z;
    float half_square = f * f * 0.5f;
    float small = fused(k, LN2_REST, s * (half_square + series));
    return fused(k, LN2_HEAD, small - half_square + f);
}

// tanh |x| = E / (E + 2) with E = e^2|x| - 1 = 2^n (e^r - 1) + (2^n - 1), and a polynomial if |x| is small.
static float tanh_one(float x) {
    float t, n, size = larger(x, 0 - x), y;
    size = TANH_HIGH < size ? TANH_HIGH : size;
    if (size < TANH_LOW) {
        float z = size * size, series = fused(TANH_P4, z, TANH_P3);
        series = fused(fused(fused(series, z, TANH_P2), z, TANH_P1), z, TANH_P0);
        y = fused(size * z, series, size);
    } else {
        float p = expm1_reduced(reduce(size + size, &t, &n)), power = power_of_2(t);
        float e = fused(power, p, power - 1);
        y = e / (e + 2);
    }
    return x < 0 ? 0 - y : y;
}

static float sigmoid_one(float x) {
    float t, n, minus = larger(-SIGMOID_HIGH, 0 - x);
    minus = EXP_HIGH < minus ? EXP_HIGH : minus;
    float p = expm1_reduced(reduce(minus, &t, &n)) + 1;
    return 1 / fused(p, power_of_2(t), 1);
}

void FOR_ISA(exp)(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = exp_one(x[i]);
}

void FOR_ISA(log)(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = log_one(x[i]);
}

void FOR_ISA(tanh)(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = tanh_one(x[i]);
}

void FOR_ISA(sigmoid)(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = sigmoid_one(x[i]);
}

void FOR_ISA(gelu)(size_t n, const float *x, float *y, float *s) {
    for (size_t i = 0; i < n; i++) {
        s[i] = sigmoid_one(x[i] * fused(GELU_3, x[i] * x[i], GELU_1));
        y[i] = x[i] * s[i];
    }
}

// Folds lane i with i + 8, then + 4, + 2, + 1, and sets the lanes to 0.
static float fold_sum(float lanes[KERNEL_LANES]) {
    for (size_t half = KERNEL_LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    float sum = lanes[0];
    memset(lanes, 0, KERNEL_LANES * sizeof *lanes);
    return sum;
}

static float row_max(size_t n, const float *z) {
    float lanes[KERNEL_LANES];
    for (size_t l = 0; l < KERNEL_LANES; l++) lanes[l] = -INFINITY;
    for (size_t i = 0; i < n; i++) lanes[i % KERNEL_LANES] = larger(z[i], lanes[i % KERNEL_LANES]);
    for (size_t half = KERNEL_LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] = larger(lanes[l], lanes[l + half]);
    return lanes[0];
}

RowStats FOR_ISA(softmax)(size_t n, const float *z, float beta, float scale, float *p) {
    float max = row_max(n, z), lanes[KERNEL_LANES] = {0};
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        float e = exp_one((z[i] - max) * beta);
        if (p) p[i] = e;
        lanes[i % KERNEL_LANES] += e;
        if ((i + 1) % KERNEL_FOLD_FLOATS == 0) total += (double)fold_sum(lanes);
    }
    float sum = (float)(total + (double)fold_sum(lanes)), factor = scale / sum;
    for (size_t i = 0; p && i < n; i++) p[i] *= factor;
    return (RowStats){.max = max, .log_sum = log_one(sum), .sum = sum};
}

void FOR_ISA(softmax_rows)(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats) {
    for (size_t r = 0; r < rows; r++) stats[r] = FOR_ISA(softmax)(n, z + r * n, 1, scales[r], p ? p + r * n : NULL);
}

extern const Kernels FOR_ISA(kernels);

const Kernels FOR_ISA(kernels) = {.name = "scalar", TABLE_OF_ISA};
