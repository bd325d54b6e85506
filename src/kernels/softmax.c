// Softmax of one row, and of 16 short rows at once.
#include "kernels/row_softmax.h"
#include "kernels/transpose.h"

enum { SHORT_VECTORS = 8 }; // length of a short row, at most

// Computes the logarithms of the sums of n <= 16 rows.
INLINE void add_logs(size_t n, RowStats *stats) {
    float lanes[LANES];
    for (size_t i = 0; i < LANES; i++) lanes[i] = i < n ? stats[i].sum : 1;
    v16_store(lanes, v16_log(v16_load(lanes)));
    for (size_t i = 0; i < n; i++) stats[i].log_sum = lanes[i];
}

RowStats FOR_ISA(softmax)(size_t n, const float *z, float beta, float scale, float *p) {
    RowStats stats = row_softmax(n, n, z, beta, scale, p);
    add_logs(1, &stats);
    return stats;
}

// Folds the lanes of each of 16 vectors, lane i with i + 8, + 4, + 2, + 1. Lane r of the result belongs to vector r.
INLINE V16 fold_each(V16 rows[LANES], V16 (*fold)(V16 a, V16 b)) {
    v16_transpose(rows);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) rows[l] = fold(rows[l], rows[l + half]);
    return rows[0];
}

// Softmax of 16 short rows at once: a single row would wait for its maximum, then its sum, then its division. Past the
// last row, the last row is read again. Lanes past the end of a row load as its maximum and are masked afterwards: the
// exponential of -inf underflows, which takes some processors a hundred cycles.
INLINE void short_rows(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats) {
    const size_t vectors = (n + LANES - 1) / LANES;
    V16 tops[LANES], lanes[LANES], e[LANES][SHORT_VECTORS];
    float max[LANES], sum[LANES], log_sum[LANES], factor[LANES];
    for (size_t r = 0; r < LANES; r++) {
        const float *row = z + (r < rows ? r : rows - 1) * n;
        tops[r] = v16_set1(-INFINITY);
        for (size_t i = 0; i < vectors; i++)
            tops[r] = v16_max(v16_load_n(row + i * LANES, n - i * LANES, -INFINITY), tops[r]);
    }
    v16_store(max, fold_each(tops, v16_max));
    Mask16 held = v16_first(n - (vectors - 1) * LANES);
    for (size_t r = 0; r < LANES; r++) {
        const float *row = z + (r < rows ? r : rows - 1) * n;
        lanes[r] = v16_set1(0);
        for (size_t i = 0; i < vectors; i++) {
            V16 top = v16_set1(max[r]), x = v16_load_n(row + i * LANES, n - i * LANES, max[r]);
            e[r][i] = v16_exp(v16_sub(x, top));
            if (i + 1 == vectors) e[r][i] = v16_select(held, e[r][i], v16_set1(0));
            lanes[r] = v16_add(lanes[r], e[r][i]);
        }
    }
    V16 sums = fold_each(lanes, v16_add);
    v16_store(sum, sums);
    v16_store(log_sum, v16_log(sums));
    v16_store(factor, v16_div(v16_load_n(scales, rows, 0), sums));
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; p && i < vectors; i++)
            v16_store_n(p + r * n + i * LANES, v16_mul(e[r][i], v16_set1(factor[r])), n - i * LANES);
        stats[r] = (RowStats){.max = max[r], .log_sum = log_sum[r], .sum = sum[r]};
    }
}

void FOR_ISA(softmax_rows)(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats) {
    for (size_t begin = 0; begin < rows; begin += LANES) {
        size_t end = rows - begin < LANES ? rows : begin + LANES;
        if (n <= SHORT_VECTORS * LANES) {
            short_rows(end - begin, n, z + begin * n, scales + begin, p ? p + begin * n : NULL, stats + begin);
            continue;
        }
        for (size_t r = begin; r < end; r++)
            stats[r] = row_softmax(n, n, z + r * n, 1, scales[r], p ? p + r * n : NULL);
        add_logs(end - begin, stats + begin);
    }
}
