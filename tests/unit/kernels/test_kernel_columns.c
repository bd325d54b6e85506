// Kernels that go down columns, or into tables of rows.
#include "unit/kernel_compare.h"

START_TEST(column_sums_equal_the_reference) {
    Rng rng;
    rng_seed(&rng, 4);
    const Kernels *table;
    for (size_t t = 1; (table = kernels_available(t)); t++) {
        for (size_t i = 0; i < N_SIZES * N_SIZES; i++) {
            size_t rows = SIZES[i / N_SIZES], columns = SIZES[i % N_SIZES];
            float *x = random_floats(&rng, rows * columns);
            float *got = random_floats(&rng, columns), *want = copy_floats(got, columns);
            table->sum_rows(rows, columns, x, columns, got);
            kernels_scalar.sum_rows(rows, columns, x, columns, want);
            expect_same(got, want, columns, "sum_rows", table);
            free(x), free(got), free(want);
        }
    }
}
END_TEST

static void compare_columns(const Kernels *table, size_t rows, size_t columns, Rng *rng) {
    enum { VECTORS = 6 };
    const Kernels *plain = &kernels_scalar;
    float *x = random_floats(rng, rows * columns), *dy = random_floats(rng, rows * columns);
    float *a[VECTORS], *b[VECTORS], *y = copy_floats(x, rows * columns), *z = copy_floats(x, rows * columns);
    for (size_t v = 0; v < VECTORS; v++) {
        a[v] = random_floats(rng, columns);
        b[v] = copy_floats(a[v], columns);
    }
    table->column_moments(rows, columns, x, columns, a[0], a[1]);
    plain->column_moments(rows, columns, x, columns, b[0], b[1]);
    table->standardize_sums(rows, columns, x, a[0], a[1], dy, columns, a[2], a[3]);
    plain->standardize_sums(rows, columns, x, b[0], b[1], dy, columns, b[2], b[3]);
    for (size_t v = 0; v < 4; v++) expect_same(a[v], b[v], columns, "a column's sum", table);
    table->standardize(rows, columns, y, a[0], a[1], a[2], a[3], y);
    plain->standardize(rows, columns, x, b[0], b[1], b[2], b[3], z);
    expect_same(y, z, rows * columns, "standardize", table);
    for (size_t i = 0; i < rows * columns; i++) y[i] = dy[i];
    table->standardize_backward(rows, columns, x, a[0], a[1], y, a[4], a[2], a[5], y);
    plain->standardize_backward(rows, columns, x, b[0], b[1], dy, b[4], b[2], b[5], z);
    expect_same(y, z, rows * columns, "standardize_backward", table);
    for (size_t v = 0; v < VECTORS; v++) free(a[v]), free(b[v]);
    free(x), free(dy), free(y), free(z);
}

static void compare_tables(const Kernels *table, size_t rows, size_t columns, Rng *rng) {
    enum { N = 3, V = 5 };
    uint16_t ids[300 * N];
    float *tables = random_floats(rng, N * V * columns), *same = copy_floats(tables, N * V * columns);
    float *y = random_floats(rng, rows * columns), *z = copy_floats(y, rows * columns);
    float *bias = random_floats(rng, columns);
    for (size_t i = 0; i < rows * N; i++) ids[i] = (uint16_t)rng_below(rng, V);
    table->sum_tables(rows, N, V, columns, ids, tables, rows % 2 ? bias : NULL, y);
    kernels_scalar.sum_tables(rows, N, V, columns, ids, same, rows % 2 ? bias : NULL, z);
    expect_same(y, z, rows * columns, "sum_tables", table);
    table->add_to_tables(rows, N, V, columns, ids, y, columns, tables, columns);
    kernels_scalar.add_to_tables(rows, N, V, columns, ids, z, columns, same, columns);
    expect_same(tables, same, N * V * columns, "add_to_tables", table);
    free(tables), free(same), free(y), free(z), free(bias);
}

START_TEST(tables_equal_the_reference) {
    Rng rng;
    rng_seed(&rng, 10);
    const Kernels *table;
    for (size_t t = 1; (table = kernels_available(t)); t++)
        for (size_t i = 0; i < N_SIZES * N_SIZES; i++)
            compare_tables(table, SIZES[i / N_SIZES], SIZES[i % N_SIZES], &rng);
}
END_TEST

START_TEST(column_statistics_equal_the_reference) {
    static const size_t many_rows[] = {63, 64, 65, 128, 3000};
    Rng rng;
    rng_seed(&rng, 8);
    const Kernels *table;
    for (size_t t = 1; (table = kernels_available(t)); t++) {
        for (size_t i = 0; i < N_SIZES * N_SIZES; i++)
            compare_columns(table, SIZES[i / N_SIZES], SIZES[i % N_SIZES], &rng);
        for (size_t i = 0; i < sizeof many_rows / sizeof *many_rows; i++)
            compare_columns(table, many_rows[i], 17, &rng);
    }
}
END_TEST

// Column 1 holds values close together and far from 0, where a plain float sum loses the mean; column 2 the same few
// values again and again, as a full batch does, where every addition rounds the same way.
START_TEST(reference_moments_equal_those_in_double) {
    enum { ROWS = 5000, COLUMNS = 3 };
    Rng rng;
    rng_seed(&rng, 9);
    float *x = random_floats(&rng, ROWS * COLUMNS), mean[COLUMNS], square[COLUMNS];
    for (size_t r = 0; r < ROWS; r++) {
        x[r * COLUMNS + 1] = 1.7f + 0.001f * x[r * COLUMNS + 1];
        x[r * COLUMNS + 2] = r % 9 == 0 ? -1.3f : 0.7f;
    }
    kernels_scalar.column_moments(ROWS, COLUMNS, x, COLUMNS, mean, square);
    for (size_t c = 0; c < COLUMNS; c++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < ROWS; r++) sum += (double)x[r * COLUMNS + c];
        for (size_t r = 0; r < ROWS; r++) squares += pow((double)x[r * COLUMNS + c] - sum / ROWS, 2);
        ck_assert_double_eq_tol((double)mean[c], sum / ROWS, 1e-7);
        ck_assert_double_eq_tol((double)square[c] / squares, 1, 1e-6);
    }
    free(x);
}
END_TEST

SUITE(kernel_columns, NEEDS_NOTHING) {
    ADD(column_sums_equal_the_reference);
    ADD(tables_equal_the_reference);
    ADD(column_statistics_equal_the_reference);
    ADD(reference_moments_equal_those_in_double);
}
