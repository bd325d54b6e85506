#include "unit/kernel_compare.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void compare_gemm_nt(const Kernels *table, size_t m, size_t n, size_t k, Rng *rng) {
    float *a = random_floats(rng, m * k), *b = random_floats(rng, k * n), *c = random_floats(rng, m * n);
    for (int add = 0; add < 2; add++) {
        float *got = copy_floats(c, m * n), *want = copy_floats(c, m * n);
        table->gemm_nt(m, n, k, a, b, got, add);
        kernels_scalar.gemm_nt(m, n, k, a, b, want, add);
        expect_same(got, want, m * n, "gemm_nt", table);
        free(got), free(want);
    }
    free(a), free(b), free(c);
}

// Without a bias, and with one: the reference's product and then an addition.
static void compare_gemm_nn(const Kernels *table, size_t m, size_t n, size_t k, Rng *rng) {
    float *a = random_floats(rng, m * k), *b = random_floats(rng, k * n), *c = random_floats(rng, m * n);
    float *bias = random_floats(rng, n);
    for (int add = 0; add < 2; add++) {
        float *got = copy_floats(c, m * n), *want = copy_floats(c, m * n);
        table->gemm_nn(m, n, k, a, b, NULL, got, add);
        kernels_scalar.gemm_nn(m, n, k, a, b, NULL, want, add);
        expect_same(got, want, m * n, "gemm_nn", table);
        memcpy(got, c, m * n * sizeof *c);
        table->gemm_nn(m, n, k, a, b, bias, got, add);
        for (size_t i = 0; i < m * n; i++) want[i] += bias[i % n];
        expect_same(got, want, m * n, "gemm_nn with a bias", table);
        free(got), free(want);
    }
    free(a), free(b), free(c), free(bias);
}

// A' as a whole, and from its second column on, so that its rows lie further apart than they are long.
static void compare_gemm_tn(const Kernels *table, size_t m, size_t n, size_t k, Rng *rng) {
    float *a = random_floats(rng, (m + 1) * k), *b = random_floats(rng, k * n), *c = random_floats(rng, m * n);
    for (int add = 0; add < 2; add++) {
        for (size_t gap = 0; gap < 2; gap++) {
            float *got = copy_floats(c, m * n), *want = copy_floats(c, m * n);
            table->gemm_tn(m, n, k, a + gap, m + gap, b, got, add);
            kernels_scalar.gemm_tn(m, n, k, a + gap, m + gap, b, want, add);
            expect_same(got, want, m * n, "gemm_tn", table);
            free(got), free(want);
        }
    }
    free(a), free(b), free(c);
}

START_TEST(matrix_products_equal_the_reference) {
    Rng rng;
    rng_seed(&rng, 1);
    const Kernels *table;
    for (size_t t = 0; (table = kernels_available(t)); t++) {
        for (size_t i = 0; i < N_SIZES * N_SIZES; i++) {
            size_t m = SIZES[i / N_SIZES], n = SIZES[i % N_SIZES], k = SIZES[rng_below(&rng, N_SIZES)];
            compare_gemm_nn(table, m, n, k, &rng);
            compare_gemm_tn(table, m, n, k, &rng);
            compare_gemm_nt(table, m, n, k, &rng);
        }
    }
}
END_TEST

START_TEST(a_row_of_a_product_does_not_depend_on_the_rows_beside_it) {
    enum { M = 19, N = 27, K = 200 };
    Rng rng;
    rng_seed(&rng, 2);
    float *a = random_floats(&rng, M * K), *b = random_floats(&rng, K * N), all[M * N], one[N];
    const Kernels *table;
    for (size_t t = 0; (table = kernels_available(t)); t++) {
        table->gemm_nn(M, N, K, a, b, NULL, all, false);
        for (size_t i = 0; i < M; i++) {
            table->gemm_nn(1, N, K, a + i * K, b, NULL, one, false);
            ck_assert_mem_eq(one, all + i * N, sizeof one);
        }
    }
    free(a), free(b);
}
END_TEST

START_TEST(reference_products_equal_sums_in_double) {
    enum { M = 5, N = 7, K = 30 };
    Rng rng;
    rng_seed(&rng, 3);
    float *a = random_floats(&rng, M * K), *b = random_floats(&rng, K * N), nn[M * N], tn[M * N], nt[M * N];
    kernels_scalar.gemm_nn(M, N, K, a, b, NULL, nn, false);
    kernels_scalar.gemm_tn(M, N, K, a, M, b, tn, false);
    kernels_scalar.gemm_nt(M, N, K, a, b, nt, false);
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < N; j++) {
            double s[3] = {0};
            for (size_t p = 0; p < K; p++) {
                s[0] += (double)a[i * K + p] * (double)b[p * N + j];
                s[1] += (double)a[p * M + i] * (double)b[p * N + j];
                s[2] += (double)a[i * K + p] * (double)b[j * K + p];
            }
            ck_assert_double_eq_tol((double)nn[i * N + j], s[0], 1e-5);
            ck_assert_double_eq_tol((double)tn[i * N + j], s[1], 1e-5);
            ck_assert_double_eq_tol((double)nt[i * N + j], s[2], 1e-5);
        }
    }
    free(a), free(b);
}
END_TEST

typedef void Map(size_t n, const float *x, float *y);
typedef void Map2(size_t n, const float *y, const float *dy, float *dx);

static void compare_elementwise(const Kernels *table, size_t n, Rng *rng) {
    const Kernels *plain = &kernels_scalar;
    Map *const maps[][2] = {
        {table->exp, plain->exp}, {table->log, plain->log}, {table->tanh, plain->tanh}, {table->relu, plain->relu}};
    Map2 *const maps2[][2] = {{table->tanh_backward, plain->tanh_backward},
                              {table->relu_backward, plain->relu_backward}};
    float *x = random_floats(rng, n), *y = random_floats(rng, n), *got = copy_floats(x, n), *want = copy_floats(x, n);
    for (size_t f = 0; f < sizeof maps / sizeof *maps; f++) {
        maps[f][0](n, x, got);
        maps[f][1](n, x, want);
        expect_same(got, want, n, "an elementwise function", table);
        memcpy(got, x, n * sizeof *got); // in place
        maps[f][0](n, got, got);
        expect_same(got, want, n, "an elementwise function in place", table);
    }
    for (size_t f = 0; f < sizeof maps2 / sizeof *maps2; f++) {
        maps2[f][0](n, x, y, got);
        maps2[f][1](n, x, y, want);
        expect_same(got, want, n, "a backward function", table);
    }
    table->axpy(n, 0.3f, x, got);
    plain->axpy(n, 0.3f, x, want);
    expect_same(got, want, n, "axpy", table);
    free(x), free(y), free(got), free(want);
}

// Three updates in a row, so that the state of one is the next one's.
static void compare_updates(const Kernels *table, size_t n, Rng *rng) {
    float *dw = random_floats(rng, n), *zeros = calloc(n + GUARD, sizeof *zeros), *w = random_floats(rng, n);
    ck_assert_ptr_nonnull(zeros);
    ck_assert_double_eq(table->sum_squares(n, dw), kernels_scalar.sum_squares(n, dw));
    for (int form = 0; form < 3; form++) {
        const MomentumUpdate momentum = {0.1f, 0.7f, 0.9f, form == 1};
        const AdamwUpdate adamw = {0.1f, 0.7f, 0.9f, 0.1f, 0.99f, 0.01f, 3, 1e-8f, 0.999f};
        float *got[3] = {copy_floats(zeros, n), copy_floats(zeros, n), copy_floats(w, n)};
        float *want[3] = {copy_floats(zeros, n), copy_floats(zeros, n), copy_floats(w, n)};
        for (int i = 0; i < 3; i++) {
            if (form < 2) table->momentum(n, &momentum, dw, got[0], got[2]);
            if (form < 2) kernels_scalar.momentum(n, &momentum, dw, want[0], want[2]);
            if (form == 2) table->adamw(n, &adamw, dw, got[0], got[1], got[2]);
            if (form == 2) kernels_scalar.adamw(n, &adamw, dw, want[0], want[1], want[2]);
        }
        for (int i = 0; i < 3; i++) expect_same(got[i], want[i], n, form < 2 ? "momentum" : "adamw", table);
        for (int i = 0; i < 3; i++) free(got[i]), free(want[i]);
    }
    free(dw), free(zeros), free(w);
}

START_TEST(updates_equal_the_reference) {
    Rng rng;
    rng_seed(&rng, 7);
    const Kernels *table;
    for (size_t t = 1; (table = kernels_available(t)); t++)
        for (size_t i = 0; i < N_SIZES; i++) compare_updates(table, SIZES[i], &rng);
}
END_TEST

START_TEST(elementwise_functions_equal_the_reference) {
    Rng rng;
    rng_seed(&rng, 5);
    const Kernels *table;
    for (size_t t = 1; (table = kernels_available(t)); t++)
        for (size_t i = 0; i < N_SIZES; i++) compare_elementwise(table, SIZES[i], &rng);
}
END_TEST

START_TEST(logarithms_keep_infinity_and_nan) {
    const Kernels *table;
    for (size_t t = 0; (table = kernels_available(t)); t++) {
        const float x[] = {INFINITY, NAN, 0, -0.0F, -1, -INFINITY, 1};
        float y[7];
        table->log(7, x, y);
        ck_assert(isinf(y[0]) && y[0] > 0);
        ck_assert(isinf(y[2]) && y[2] < 0 && isinf(y[3]) && y[3] < 0);
        ck_assert(isnan(y[1]) && isnan(y[4]) && isnan(y[5]));
        ck_assert(!(y[6] < 0) && !(y[6] > 0));
    }
}
END_TEST

// Every 2^12th float, and with them all signs, exponents, infinities and NaN.
enum { STRIDE = 1 << 12, N_SWEEP = 1 << 20 };

static float *sweep(void) {
    float *x = malloc((N_SWEEP + GUARD) * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (uint32_t i = 0; i < N_SWEEP + GUARD; i++) {
        uint32_t bits = i * STRIDE + i % 97;
        memcpy(&x[i], &bits, sizeof bits);
    }
    return x;
}

START_TEST(functions_equal_the_reference_over_all_magnitudes) {
    float *x = sweep(), *got = copy_floats(x, N_SWEEP), *want = copy_floats(x, N_SWEEP);
    const Kernels *table, *plain = &kernels_scalar;
    for (size_t t = 1; (table = kernels_available(t)); t++) {
        Map *const maps[][2] = {{table->exp, plain->exp}, {table->log, plain->log}, {table->tanh, plain->tanh}};
        for (size_t f = 0; f < sizeof maps / sizeof *maps; f++) {
            maps[f][0](N_SWEEP, x, got);
            maps[f][1](N_SWEEP, x, want);
            expect_same(got, want, N_SWEEP, "a function", table);
        }
    }
    free(x), free(got), free(want);
}
END_TEST

static void expect_within_2_ulp(Map *f, double (*exact)(double), const char *name) {
    float *x = sweep(), *y = copy_floats(x, N_SWEEP);
    f(N_SWEEP, x, y);
    for (size_t i = 0; i < N_SWEEP; i++) {
        double want = exact((double)x[i]);
        float nearest = (float)want;
        if (isnan(want)) {
            ck_assert_msg(isnan(y[i]), "%s(%a) is %a, not NaN", name, (double)x[i], (double)y[i]);
        } else if (isinf(nearest) || isinf(y[i])) {
            ck_assert_msg(y[i] >= nearest && y[i] <= nearest, "%s(%a) is %a", name, (double)x[i], (double)y[i]);
        } else {
            double ulp = (double)nextafterf(fabsf(nearest), INFINITY) - fabs((double)nearest);
            ck_assert_msg(fabs((double)y[i] - want) <= 2 * ulp, "%s(%a) is %a, not %a", name, (double)x[i],
                          (double)y[i], want);
        }
    }
    free(x), free(y);
}

START_TEST(exp_log_and_tanh_are_within_2_ulp) {
    expect_within_2_ulp(kernels->exp, exp, "exp");
    expect_within_2_ulp(kernels->log, log, "log");
    expect_within_2_ulp(kernels->tanh, tanh, "tanh");
}
END_TEST

static void compare_softmax(const Kernels *table, size_t n, float beta, Rng *rng) {
    float *z = random_floats(rng, n), *got = copy_floats(z, n), *want = copy_floats(z, n);
    if (n > 3) z[3] = -INFINITY;
    RowStats a = table->softmax(n, z, beta, 0.5f, got), b = kernels_scalar.softmax(n, z, beta, 0.5f, want);
    RowStats alone = table->softmax(n, z, beta, 0.5f, NULL);
    expect_same(got, want, n, "softmax", table);
    ck_assert_mem_eq(&a, &b, sizeof a);
    ck_assert_mem_eq(&alone, &b, sizeof a);
    memcpy(got, z, n * sizeof *z);
    table->softmax(n, got, beta, 0.5f, got);
    expect_same(got, want, n, "softmax in place", table);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)got[i];
    ck_assert_double_eq_tol(sum, 0.5, 1e-6);
    RowStats rows;
    if (beta <= 1) {
        table->softmax_rows(1, n, z, &(float){0.5f}, got, &rows);
        expect_same(got, want, n, "softmax_rows", table);
        ck_assert_mem_eq(&rows, &b, sizeof rows);
    }
    free(z), free(got), free(want);
}

START_TEST(softmax_equals_the_reference_and_sums_to_its_scale) {
    static const size_t long_rows[] = {1023, 1024, 1025, 2048, 5000, 50257};
    Rng rng;
    rng_seed(&rng, 6);
    const Kernels *table;
    for (size_t t = 0; (table = kernels_available(t)); t++) {
        for (size_t i = 0; i < N_SIZES; i++) compare_softmax(table, SIZES[i], i % 2 ? 1 : 3, &rng);
        for (size_t i = 0; i < sizeof long_rows / sizeof *long_rows; i++) compare_softmax(table, long_rows[i], 1, &rng);
    }
}
END_TEST

START_TEST(softmax_of_impossible_rows_is_nan) {
    const float rows[][3] = {{-INFINITY, -INFINITY, -INFINITY}, {0, INFINITY, 1}, {1, NAN, 2}};
    const Kernels *table;
    for (size_t t = 0; (table = kernels_available(t)); t++) {
        for (size_t r = 0; r < 3; r++) {
            float p[3];
            RowStats stats = table->softmax(3, rows[r], 1, 1, p);
            ck_assert(isnan(stats.log_sum) && isnan(p[0]) && isnan(p[1]) && isnan(p[2]));
        }
        const float one[3] = {-INFINITY, 1000, -INFINITY};
        float p[3];
        table->softmax(3, one, 1, 1, p);
        ck_assert(!(p[0] > 0) && p[1] >= 1 && !(p[2] > 0));
    }
}
END_TEST

START_TEST(a_table_is_chosen_by_name) {
    Error err;
    const Kernels *before = kernels;
    ck_assert(kernels_select("scalar", &err));
    ck_assert_ptr_eq(kernels, &kernels_scalar);
    ck_assert(!kernels_select("sse9", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "found \"sse9\""));
    ck_assert(kernels_select(NULL, &err));
    const Kernels *widest = kernels;
    ck_assert(kernels_select("", &err));
    ck_assert_ptr_eq(kernels, widest);
    kernels = before;
}
END_TEST

SUITE(kernels, NEEDS_NOTHING) {
    ADD(matrix_products_equal_the_reference);
    ADD(a_row_of_a_product_does_not_depend_on_the_rows_beside_it);
    ADD(reference_products_equal_sums_in_double);
    ADD(elementwise_functions_equal_the_reference);
    ADD(updates_equal_the_reference);
    ADD(functions_equal_the_reference_over_all_magnitudes);
    ADD(exp_log_and_tanh_are_within_2_ulp);
    ADD(softmax_equals_the_reference_and_sums_to_its_scale);
    ADD(softmax_of_impossible_rows_is_nan);
    ADD(a_table_is_chosen_by_name);
    ADD(logarithms_keep_infinity_and_nan);
}
