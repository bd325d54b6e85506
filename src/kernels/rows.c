// Sums down columns, and softmax along a row.
#include "kernels/isa.h"
#include "kernels/vecmath.h"

enum { FOLD_EVERY = 64 * LANES };

void FOR_ISA(sum_rows)(size_t rows, size_t columns, const float *x, size_t step, float *sum) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        V16 total = v16_load_n(sum + c, n, 0);
        for (size_t r = 0; r < rows; r++) total = v16_add(total, v16_load_n(x + r * step + c, n, 0));
        v16_store_n(sum + c, total, n);
    }
}

void FOR_ISA(sum_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                         const float *bias, float *y) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c += LANES) {
            V16 sum = v16_load_n(tables + ids[r * n] * columns + c, columns - c, 0);
            for (size_t p = 1; p < n; p++)
                sum = v16_add(sum, v16_load_n(tables + (p * vocab + ids[r * n + p]) * columns + c, columns - c, 0));
            if (bias) sum = v16_add(sum, v16_load_n(bias + c, columns - c, 0));
            v16_store_n(y + r * columns + c, sum, columns - c);
        }
    }
}

void FOR_ISA(add_to_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                            size_t dy_step, float *tables, size_t table_step) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t p = 0; p < n; p++) {
            float *row = tables + (p * vocab + ids[r * n + p]) * table_step;
            for (size_t c = 0; c < columns; c += LANES) {
                V16 sum =
                    v16_add(v16_load_n(row + c, columns - c, 0), v16_load_n(dy + r * dy_step + c, columns - c, 0));
                v16_store_n(row + c, sum, columns - c);
            }
        }
    }
}

// All but the logarithm. Lanes behind the row's end are read as -inf, whose exponential is 0: they take no part in
// either pass.
INLINE RowStats row_softmax(size_t n, const float *z, float beta, float scale, float *p) {
    V16 top = v16_set1(-INFINITY), lanes = v16_set1(0);
    for (size_t i = 0; i < n; i += LANES) top = v16_max(v16_load_n(z + i, n - i, -INFINITY), top);
    float max = v16_fold_max(top);

    double total = 0;
    for (size_t i = 0; i < n; i += LANES) {
        V16 below = v16_sub(v16_load_n(z + i, n - i, -INFINITY), v16_set1(max));
        V16 e = v16_exp(v16_mul(below, v16_set1(beta)));
        if (p) v16_store_n(p + i, e, n - i);
        lanes = v16_add(lanes, e);
        if ((i + LANES) % FOLD_EVERY == 0) {
            total += (double)v16_fold_sum(lanes);
            lanes = v16_set1(0);
        }
    }
    float sum = (float)(total + (double)v16_fold_sum(lanes));

    V16 factor = v16_set1(scale / sum);
    for (size_t i = 0; p && i < n; i += LANES) v16_store_n(p + i, v16_mul(v16_load_n(p + i, n - i, 0), factor), n - i);
    return (RowStats){.max = max, .sum = sum};
}

// The logarithms of n <= 16 rows' sums at once.
INLINE void add_logs(size_t n, RowStats *stats) {
    float lanes[LANES];
    for (size_t i = 0; i < LANES; i++) lanes[i] = i < n ? stats[i].sum : 1;
    v16_store(lanes, v16_log(v16_load(lanes)));
    for (size_t i = 0; i < n; i++) stats[i].log_sum = lanes[i];
}

RowStats FOR_ISA(softmax)(size_t n, const float *z, float beta, float scale, float *p) {
    RowStats stats = row_softmax(n, z, beta, scale, p);
    add_logs(1, &stats);
    return stats;
}

void FOR_ISA(softmax_rows)(size_t rows, size_t n, const float *z, float scale, float *p, RowStats *stats) {
    for (size_t r = 0; r < rows; r++) stats[r] = row_softmax(n, z + r * n, 1, scale, p ? p + r * n : NULL);
    for (size_t r = 0; r < rows; r += LANES) add_logs(rows - r < LANES ? rows - r : LANES, stats + r);
}
