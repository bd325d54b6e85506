#include "testing.h"

#include "base/rng.h"
#include "golden/golden_softmax.h"
#include "nn/loss.h"
#include "nn/softmax.h"
#include "nn/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static float *floats(size_t n) {
    float *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

static void expect_near(const float *found, const float *wanted, size_t n, float tolerance, const char *what) {
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabsf(found[i] - wanted[i]) <= tolerance * fmaxf(1, fabsf(wanted[i])), "%s [%zu]: %.9g, not %.9g",
                      what, i, (double)found[i], (double)wanted[i]);
}

START_TEST(softmax_and_log_softmax_are_pytorchs) {
    enum { ROWS = SOFTMAX_ROWS * SOFTMAX_CLASSES, CUBE = CUBE_OUTER * CUBE_N * CUBE_INNER };
    float y[ROWS];
    softmax(SOFTMAX_ROWS, SOFTMAX_CLASSES, 1, golden_logits, 1, y);
    expect_near(y, golden_softmax, ROWS, 1e-6f, "softmax");
    log_softmax(SOFTMAX_ROWS, SOFTMAX_CLASSES, 1, golden_logits, 1, y);
    expect_near(y, golden_log_softmax, ROWS, 1e-6f, "log_softmax");
    logsumexp(SOFTMAX_ROWS, SOFTMAX_CLASSES, 1, golden_logits, y);
    expect_near(y, golden_logsumexp, SOFTMAX_ROWS, 1e-6f, "logsumexp");
    softmax(CUBE_OUTER, CUBE_N, CUBE_INNER, golden_cube, 1, y);
    expect_near(y, golden_cube_softmax, CUBE, 1e-6f, "softmax along the middle axis");
    log_softmax(CUBE_OUTER, CUBE_N, CUBE_INNER, golden_cube, 1, y);
    expect_near(y, golden_cube_log_softmax, CUBE, 1e-6f, "log_softmax along the middle axis");
}
END_TEST

// Logits from -size to size, and the last one far below.
static void random_logits(Rng *rng, float size, size_t n, float *z) {
    for (size_t i = 0; i < n; i++) z[i] = (2 * rng_float(rng) - 1) * size;
    z[n - 1] = -size;
}

static void expect_accurate(size_t n, const float *z, float *p, float *logs) {
    long double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) max = fmaxl(max, (long double)z[i]);
    for (size_t i = 0; i < n; i++) sum += expl((long double)z[i] - max);
    softmax(1, n, 1, z, 1, p);
    log_softmax(1, n, 1, z, 1, logs);
    for (size_t i = 0; i < n; i++) {
        long double exact_log = (long double)z[i] - max - logl(sum), exact = expl(exact_log);
        long double bound = 2e-6L + 0x1p-24L * (max - (long double)z[i]);
        if (exact > 1e-37L)
            ck_assert_msg(fabsl((long double)p[i] - exact) <= bound * exact, "%zu wide: p is %.9g, not %.9Lg", n,
                          (double)p[i], exact);
        ck_assert_msg(fabsl((long double)logs[i] - exact_log) <= 2e-6L * fmaxl(1, fabsl(exact_log)),
                      "%zu wide: log p is %.9g, not %.9Lg", n, (double)logs[i], exact_log);
    }
    for (size_t target = 0; target<n; target += n> 1 ? n - 1 : 1) { // the first and the last
        int32_t t = (int32_t)target;
        long double exact = max + logl(sum) - (long double)z[target];
        double loss = loss_cross_entropy(1, n, z, &t, REDUCE_MEAN, NULL, NULL);
        ck_assert_msg(fabsl((long double)loss - exact) <= 2e-6L * fmaxl(1, exact), "%zu wide: loss %.9g, not %.9Lg", n,
                      loss, exact);
    }
    float whole;
    logsumexp(1, n, 1, z, &whole);
    ck_assert(fabsl((long double)whole - (max + logl(sum))) <= 2e-6L * fmaxl(1, fabsl(max + logl(sum))));
}

START_TEST(rows_as_wide_as_gpt_2s_vocabulary_are_accurate) {
    static const size_t widths[] = {1, 2, 15, 16, 17, 27, 257, 1024, 1025, 4096, 50257};
    static const float sizes[] = {0, 0.1f, 1, 10, 100, 1e4f};
    Rng rng;
    rng_seed(&rng, 3);
    for (size_t w = 0; w < COUNT(widths); w++) {
        float *z = floats(widths[w]), *p = floats(widths[w]), *logs = floats(widths[w]);
        for (size_t s = 0; s < COUNT(sizes); s++) {
            random_logits(&rng, sizes[s], widths[w], z);
            expect_accurate(widths[w], z, p, logs);
        }
        free(z), free(p), free(logs);
    }
}
END_TEST

typedef void AxisFunction(size_t outer, size_t n, size_t inner, const float *x, float temperature, float *y);

// The same numbers along the last axis and along the middle one, in place and not.
static void expect_same_along_axes(AxisFunction *f, size_t outer, size_t n, size_t inner, float temperature) {
    size_t size = outer * n * inner;
    float *x = floats(size), *turned = floats(size), *y = floats(size), *turned_y = floats(size);
    Rng rng;
    rng_seed(&rng, n);
    for (size_t i = 0; i < size; i++) x[i] = rng_float(&rng) * 30 - 15;
    for (size_t i = 0; i < size; i++) // (outer, n, inner) to (outer, inner, n)
        turned[(i / inner / n * inner + i % inner) * n + i / inner % n] = x[i];
    f(outer * inner, n, 1, turned, temperature, turned_y);
    f(outer, n, inner, x, temperature, y);
    for (size_t i = 0; i < size; i++)
        ck_assert(!memcmp(&y[i], &turned_y[(i / inner / n * inner + i % inner) * n + i / inner % n], sizeof *y));
    f(outer, n, inner, x, temperature, x);
    ck_assert_mem_eq(x, y, size * sizeof *x);
    free(x), free(turned), free(y), free(turned_y);
}

START_TEST(a_line_gives_the_same_bits_along_any_axis) {
    static const size_t shapes[][3] = {{1, 2, 3},    {2, 3, 2},    {1, 17, 5},  {3, 1, 4},
                                       {1, 1023, 2}, {2, 1024, 2}, {1, 3001, 3}};
    for (size_t s = 0; s < COUNT(shapes); s++) {
        for (int hot = 0; hot < 2; hot++) {
            float temperature = hot ? 2.5f : 1;
            expect_same_along_axes(softmax, shapes[s][0], shapes[s][1], shapes[s][2], temperature);
            expect_same_along_axes(log_softmax, shapes[s][0], shapes[s][1], shapes[s][2], temperature);
        }
    }
}
END_TEST

START_TEST(both_axes_of_a_small_table_hold_to_the_digits_given) {
    const float x[] = {1, 2, 3, 1000, 1001, 1002}, rows[] = {0.0900f, 0.2447f, 0.6652f};
    float y[6];
    softmax(2, 3, 1, x, 1, y);
    for (size_t i = 0; i < 6; i++) ck_assert_float_eq_tol(y[i], rows[i % 3], 6e-5f);
    softmax(1, 2, 3, x, 1, y);
    for (size_t i = 0; i < 6; i++) ck_assert_float_eq(y[i], i < 3 ? 0 : 1);
}
END_TEST

// The Jacobian's rows, and the gradient of the loss.
static void expect_rows_sum_to_zero(size_t n, const float *z, const float *p) {
    float *jacobian = floats(n * n), *dz = floats(n);
    const int32_t target = (int32_t)(n / 2);
    double gradient = 0;
    softmax_jacobian(n, p, jacobian);
    loss_cross_entropy(1, n, z, &target, REDUCE_MEAN, NULL, dz);
    for (size_t i = 0; i < n; i++) {
        double row = 0;
        for (size_t j = 0; j < n; j++) row += (double)jacobian[i * n + j];
        ck_assert_double_eq_tol(row, 0, 1e-6);
        gradient += (double)dz[i];
    }
    ck_assert_double_eq_tol(gradient, 0, 1e-6);
    free(jacobian), free(dz);
}

// T to 0 leaves the largest alone, T to infinity makes all alike.
static void expect_limits(size_t n, const float *z) {
    float *p = floats(n);
    size_t top = 0, nearly = 0;
    for (size_t i = 1; i < n; i++) top = z[i] > z[top] ? i : top;
    for (size_t i = 0; i < n; i++) nearly += z[i] > z[top] - 1e-3f; // itself, and any too close to tell apart
    softmax(1, n, 1, z, 1e-5f, p);
    for (size_t i = 0; i < n && nearly == 1; i++) ck_assert_float_eq_tol(p[i], i == top ? 1 : 0, 1e-6f);
    softmax(1, n, 1, z, 1e6f, p);
    for (size_t i = 0; i < n; i++) ck_assert_float_eq_tol(p[i], 1 / (float)n, 1e-4f / (float)n);
    free(p);
}

START_TEST(probabilities_have_the_properties_of_probabilities) {
    enum { N = 40 };
    Rng rng;
    rng_seed(&rng, 11);
    for (int round = 0; round < 500; round++) {
        float z[N], shifted[N], p[N], q[N], logs[N], shift = (float)(int)(rng_float(&rng) * 200 - 100);
        double sum = 0;
        size_t n = 2 + (size_t)rng_below(&rng, N - 2);
        random_logits(&rng, 20, n, z);
        for (size_t i = 0; i < n; i++) shifted[i] = z[i] + shift;
        softmax(1, n, 1, z, 1, p);
        softmax(1, n, 1, shifted, 1, q);
        log_softmax(1, n, 1, z, 1, logs);
        for (size_t i = 0; i < n; i++) {
            ck_assert_float_gt(p[i], 0);
            sum += (double)p[i];
            ck_assert_double_eq_tol((double)q[i] / (double)p[i], 1, 2e-5); // z + shift is rounded to 2^-17 at most
            ck_assert_double_eq_tol((double)logs[i], log((double)p[i]), 1e-5);
        }
        ck_assert_double_eq_tol(sum, 1, 1e-6);
        expect_rows_sum_to_zero(n, z, p);
        expect_limits(n, z);
    }
}
END_TEST

START_TEST(temperature_sharpens_to_one_hot_and_flattens_to_uniform) {
    const float z[] = {1, 2, 5};
    static const float temperatures[] = {0.1f, 0.5f, 1, 2, 10};
    float p[3];
    for (size_t t = 0; t < COUNT(temperatures); t++) {
        softmax(1, 3, 1, z, temperatures[t], p);
        ck_assert_double_eq_tol((double)p[0] + (double)p[1] + (double)p[2], 1, 1e-6);
        if (t == 0) ck_assert_float_gt(p[2], 0.999999f);
        for (size_t i = 0; i < 3 && t == 4; i++) ck_assert(p[i] > 0.25f && p[i] < 0.42f);
    }
    softmax(1, 3, 1, z, 1e-4f, p);
    ck_assert(!(p[0] > 0) && !(p[1] > 0) && p[2] >= 1);
    softmax(1, 3, 1, z, 1e6f, p);
    for (size_t i = 0; i < 3; i++) ck_assert_float_eq_tol(p[i], 1.0f / 3, 1e-5f);
    const float gap[] = {2, 0};
    softmax(1, 2, 1, gap, 1, p);
    ck_assert_float_eq_tol(p[0] / p[1], 7.389f, 5e-4f);
}
END_TEST

START_TEST(impossible_logits_give_zero_or_nan_and_never_a_wrong_number) {
    const float minus[] = {-INFINITY, 0, 1},
                rows[][3] = {{-INFINITY, -INFINITY, -INFINITY}, {0, INFINITY, 1}, {1, NAN, 2}};
    float y[6], twice[6];
    for (size_t r = 0; r < 3; r++) {
        for (size_t i = 0; i < 6; i++) twice[i] = rows[r][i / 2]; // the row again, twice, along the first axis
        for (size_t inner = 1; inner <= 2; inner++) {
            const float *x = inner == 1 ? rows[r] : twice;
            softmax(1, 3, inner, x, 1, y);
            for (size_t i = 0; i < 3 * inner; i++) ck_assert(isnan(y[i]));
            log_softmax(1, 3, inner, x, 1, y);
            for (size_t i = 0; i < 3 * inner; i++) ck_assert(isnan(y[i]));
            logsumexp(1, 3, inner, x, y);
            for (size_t i = 0; i < inner; i++) ck_assert(isnan(y[i]));
        }
    }
    softmax(1, 3, 1, minus, 1, y);
    ck_assert(!(y[0] > 0) && !isnan(y[0]));
    log_softmax(1, 3, 1, minus, 1, y);
    ck_assert(isinf(y[0]) && y[0] < 0);
}
END_TEST

START_TEST(the_naive_form_overflows_where_it_must) {
    const float rows[][3] = {{1000, 1001, 1002}, {-1000, -999, -998}, {1, 2, 3}, {100, 101, 102}};
    static const bool fails[] = {true, true, false, true};
    float naive[3], stable[3];
    for (size_t r = 0; r < 4; r++) {
        softmax_naive(3, rows[r], naive);
        softmax(1, 3, 1, rows[r], 1, stable);
        ck_assert_float_eq_tol(stable[0], 0.0900f, 6e-5f);
        ck_assert_float_eq_tol(stable[1], 0.2447f, 6e-5f);
        ck_assert_float_eq_tol(stable[2], 0.6652f, 6e-5f);
        for (size_t i = 0; i < 3; i++) ck_assert_int_eq(isnan(naive[i]) != 0, fails[r]);
    }
}
END_TEST

START_TEST(the_jacobian_is_the_derivative_and_its_rows_sum_to_zero) {
    enum { N = 5 };
    const float z[N] = {0.8f, 1.2f, 0.3f, 2.1f, 0.9f}, dy[N] = {1, -2, 0.5f, 3, -1};
    float y[N], jacobian[N * N], dx[N];
    softmax(1, N, 1, z, 1, y);
    softmax_jacobian(N, y, jacobian);
    softmax_backward(N, y, dy, dx);
    for (size_t j = 0; j < N; j++) {
        float above[N], below[N], z_above[N], z_below[N];
        double product = 0, row = 0;
        memcpy(z_above, z, sizeof z), memcpy(z_below, z, sizeof z);
        z_above[j] += 1e-2f, z_below[j] -= 1e-2f;
        softmax(1, N, 1, z_above, 1, above);
        softmax(1, N, 1, z_below, 1, below);
        for (size_t i = 0; i < N; i++) {
            ck_assert_float_eq_tol(jacobian[i * N + j], (above[i] - below[i]) / 2e-2f, 5e-5f);
            product += (double)dy[i] * (double)jacobian[i * N + j];
            row += (double)jacobian[j * N + i];
        }
        ck_assert_double_eq_tol((double)dx[j], product, 1e-6);
        ck_assert_double_eq_tol(row, 0, 1e-6);
    }
}
END_TEST

// The attention example: softmax weights rows of values; weights, weighted sum and gradient against the autograd.
START_TEST(attention_weights_and_their_gradient_agree_with_the_autograd) {
    enum { N = 5, WIDTH = 3 };
    const float scores[N] = {0.8f, 1.2f, 0.3f, 2.1f, 0.9f};
    float weights[N], dweights[N], dscores[N];
    Arena arena = {0};
    Error err;
    Tape tape;
    Value z[N], w[N], total = {0};
    ck_assert(tape_create(&tape, 256, &arena, &err));
    for (size_t i = 0; i < N; i++) z[i] = value_leaf(&tape, (double)scores[i]);
    value_softmax(&tape, z, N, w);
    softmax(1, N, 1, scores, 1, weights);
    for (size_t i = 0; i < N; i++) ck_assert_double_eq_tol((double)weights[i], value_data(&tape, w[i]), 1e-7);
    total = value_leaf(&tape, 0);
    for (size_t c = 0; c < WIDTH; c++) {
        Value out = value_leaf(&tape, 0);
        double sum = 0;
        for (size_t i = 0; i < N; i++) {
            out = value_add(&tape, out, value_mul(&tape, w[i], value_leaf(&tape, (double)(i * WIDTH + c + 1))));
            sum += (double)weights[i] * (double)(i * WIDTH + c + 1);
        }
        ck_assert_double_eq_tol(sum, value_data(&tape, out), 1e-5);
        total = value_add(&tape, total, value_power(&tape, out, 2));
        for (size_t i = 0; i < N; i++)
            dweights[i] = (c > 0 ? dweights[i] : 0) + (float)(2 * sum) * (float)(i * WIDTH + c + 1);
    }
    ck_assert(tape_is_whole(&tape));
    tape_backward(&tape, total);
    softmax_backward(N, weights, dweights, dscores);
    for (size_t i = 0; i < N; i++) ck_assert_double_eq_tol((double)dscores[i], value_grad(&tape, z[i]), 1e-3);
    arena_free(&arena);
}
END_TEST

SUITE(softmax, NEEDS_NOTHING) {
    ADD(softmax_and_log_softmax_are_pytorchs);
    ADD(rows_as_wide_as_gpt_2s_vocabulary_are_accurate);
    ADD(a_line_gives_the_same_bits_along_any_axis);
    ADD(both_axes_of_a_small_table_hold_to_the_digits_given);
    ADD(probabilities_have_the_properties_of_probabilities);
    ADD(temperature_sharpens_to_one_hot_and_flattens_to_uniform);
    ADD(impossible_logits_give_zero_or_nan_and_never_a_wrong_number);
    ADD(the_naive_form_overflows_where_it_must);
    ADD(the_jacobian_is_the_derivative_and_its_rows_sum_to_zero);
    ADD(attention_weights_and_their_gradient_agree_with_the_autograd);
}
