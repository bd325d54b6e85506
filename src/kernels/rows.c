// Sums of rows, and rows of tables.
#include "kernels/norms.h"
#include "kernels/simd.h"

void FOR_ISA(sum_rows)(size_t rows, size_t columns, const float *x, size_t step, float *sum) {
    for (size_t c = 0; c < columns; c += LANES) {
        size_t n = columns - c;
        V16 total = v16_load_n(sum + c, n, 0);
        for (size_t r = 0; r < rows; r++) total = v16_add(total, v16_load_n(x + r * step + c, n, 0));
        v16_store_n(sum + c, total, n);
    }
}

enum { TABLE_VECTORS = 4 }; // vectors of a row that go through all tables together, to compute addresses once for all

typedef struct Tables {
    size_t n, vocab, step; // distance between the rows of a table
} Tables;

// The offset of column c in the row of table p for its id.
INLINE size_t table_place(Tables s, const uint16_t *ids, size_t p, size_t c) {
    return (p * s.vocab + ids[p]) * s.step + c;
}

// y = T_0 + T_1 + ... + bias for `vectors` vectors; the last one has `last` floats.
INLINE void sum_part(Tables s, size_t vectors, size_t last, const uint16_t *ids, const float *tables, const float *bias,
                     size_t c, float *y) {
    V16 sum[TABLE_VECTORS];
    const float *row = tables + table_place(s, ids, 0, c);
    for (size_t j = 0; j < vectors; j++) sum[j] = v16_load_n(row + j * LANES, j + 1 < vectors ? LANES : last, 0);
    for (size_t p = 1; p < s.n; p++) {
        row = tables + table_place(s, ids, p, c);
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v16_add(sum[j], v16_load_n(row + j * LANES, j + 1 < vectors ? LANES : last, 0));
    }
    for (size_t j = 0; j < vectors; j++) {
        size_t n = j + 1 < vectors ? LANES : last;
        if (bias) sum[j] = v16_add(sum[j], v16_load_n(bias + c + j * LANES, n, 0));
        v16_store_n(y + c + j * LANES, sum[j], n);
    }
}

void FOR_ISA(sum_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                         const float *bias, float *y) {
    const Tables s = {n, vocab, columns};
    const size_t part = TABLE_VECTORS * LANES;
    for (size_t r = 0; r < rows; r++, ids += n, y += columns) {
        size_t c = 0;
        for (; c + part <= columns; c += part) sum_part(s, TABLE_VECTORS, LANES, ids, tables, bias, c, y);
        for (; c < columns; c += LANES) sum_part(s, 1, columns - c, ids, tables, bias, c, y);
    }
}

// T_p += dy for each p and `vectors` vectors; the last one has `last` floats.
INLINE void add_part(Tables s, size_t vectors, size_t last, const uint16_t *ids, const float *dy, size_t c,
                     float *tables) {
    V16 x[TABLE_VECTORS];
    for (size_t j = 0; j < vectors; j++) x[j] = v16_load_n(dy + c + j * LANES, j + 1 < vectors ? LANES : last, 0);
    for (size_t p = 0; p < s.n; p++) {
        float *row = tables + table_place(s, ids, p, c);
        for (size_t j = 0; j < vectors; j++) {
            size_t n = j + 1 < vectors ? LANES : last;
            v16_store_n(row + j * LANES, v16_add(v16_load_n(row + j * LANES, n, 0), x[j]), n);
        }
    }
}

void FOR_ISA(add_to_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                            size_t dy_step, float *tables, size_t table_step) {
    const Tables s = {n, vocab, table_step};
    const size_t part = TABLE_VECTORS * LANES;
    for (size_t r = 0; r < rows; r++, ids += n, dy += dy_step) {
        size_t c = 0;
        for (; c + part <= columns; c += part) add_part(s, TABLE_VECTORS, LANES, ids, dy, c, tables);
        for (; c < columns; c += LANES) add_part(s, 1, columns - c, ids, dy, c, tables);
    }
}
