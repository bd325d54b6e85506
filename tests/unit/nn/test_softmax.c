// Softmax and the loss against PyTorch, long double and central differences.
#include "testing.h"

#include "base/rng.h"
#include "golden/golden_softmax.h"
#include "nn/loss.h"
#include "nn/softmax.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *floats(size_t n) {
    float *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

START_TEST(softmax_and_log_softmax_equal_pytorch) {
    for (size_t row = 0; row < SOFTMAX_ROWS; row++) {
        const size_t at = row * SOFTMAX_CLASSES;
        float p[SOFTMAX_CLASSES], logs[SOFTMAX_CLASSES];
        softmax(SOFTMAX_CLASSES, golden_logits + at, 1, p);
        log_softmax(SOFTMAX_CLASSES, golden_logits + at, 1, logs);
        for (size_t i = 0; i < SOFTMAX_CLASSES; i++) {
            ck_assert_float_eq_tol(p[i], golden_softmax[at + i], 1e-6f);
            ck_assert_float_eq_tol(logs[i], golden_log_softmax[at + i], 1e-6f * fmaxf(1, fabsf(logs[i])));
        }
    }
}
END_TEST

// Logits from -size to size; the last one is -size.
static void random_logits(Rng *rng, float size, size_t n, float *z) {
    for (size_t i = 0; i < n; i++) z[i] = (2 * rng_float(rng) - 1) * size;
    z[n - 1] = -size;
}

static void expect_accurate(size_t n, const float *z, float *p, float *logs) {
    long double max = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++) max = fmaxl(max, (long double)z[i]);
    for (size_t i = 0; i < n; i++) sum += expl((long double)z[i] - max);
    softmax(n, z, 1, p);
    log_softmax(n, z, 1, logs);
    for (size_t i = 0; i < n; i++) {
        long double exact_log = (long double)z[i] - max - logl(sum), exact = expl(exact_log);
        long double bound = 2e-6L + 0x1p-24L * (max - (long double)z[i]);
        if (exact > 1e-37L)
            ck_assert_msg(fabsl((long double)p[i] - exact) <= bound * exact, "n %zu: p is %.9g, not %.9Lg", n,
                          (double)p[i], exact);
        ck_assert_msg(fabsl((long double)logs[i] - exact_log) <= 2e-6L * fmaxl(1, fabsl(exact_log)),
                      "n %zu: log p is %.9g, not %.9Lg", n, (double)logs[i], exact_log);
    }
    const int32_t targets[] = {0, (int32_t)n - 1};
    for (size_t t = 0; t < 2; t++) {
        long double exact = max + logl(sum) - (long double)z[targets[t]];
        double loss = loss_cross_entropy(1, n, z, &targets[t], 1, NULL, NULL);
        ck_assert_msg(fabsl((long double)loss - exact) <= 2e-6L * fmaxl(1, exact), "n %zu: loss %.9g, not %.9Lg", n,
                      loss, exact);
    }
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

START_TEST(impossible_logits_give_zero_or_nan) {
    const float minus[] = {-INFINITY, 0, 1},
                rows[][3] = {{-INFINITY, -INFINITY, -INFINITY}, {0, INFINITY, 1}, {1, NAN, 2}};
    const int32_t target = 0, ignored = LOSS_IGNORED;
    float p[3], logs[3], dz[3];
    for (size_t r = 0; r < 3; r++) {
        softmax(3, rows[r], 1, p);
        log_softmax(3, rows[r], 1, logs);
        ck_assert(isnan(loss_cross_entropy(1, 3, rows[r], &target, 1, NULL, dz)));
        for (size_t i = 0; i < 3; i++) ck_assert(isnan(p[i]) && isnan(logs[i]) && isnan(dz[i]));
    }
    softmax(3, minus, 1, p);
    log_softmax(3, minus, 1, logs);
    ck_assert(!(p[0] > 0) && !isnan(p[0]));
    ck_assert(isinf(logs[0]) && logs[0] < 0);
    double loss = loss_cross_entropy(1, 3, minus, &target, 1, NULL, NULL);
    ck_assert(isinf(loss) && loss > 0);
    ck_assert_double_eq(loss_cross_entropy(1, 3, minus, &ignored, 1, NULL, NULL), 0);
}
END_TEST

static void expect_all_near(const float *found, const float *wanted, size_t n) {
    for (size_t i = 0; i < n; i++) ck_assert_float_eq_tol(found[i], wanted[i], 1e-6f * fmaxf(1, fabsf(wanted[i])));
}

// One of the targets is ignored.
START_TEST(losses_and_gradients_equal_pytorch) {
    enum { ROWS = SOFTMAX_ROWS, C = SOFTMAX_CLASSES };
    static const struct {
        size_t total;
        const float *loss, *gradient;
    } cases[] = {{1, golden_sum_loss, golden_sum_gradient}, {ROWS - 1, golden_mean_loss, golden_mean_gradient}};
    for (size_t i = 0; i < 2; i++) {
        float losses[ROWS], dz[ROWS * C];
        float loss = (float)loss_cross_entropy(ROWS, C, golden_logits, golden_targets, cases[i].total, losses, dz);
        expect_all_near(&loss, cases[i].loss, 1);
        expect_all_near(losses, golden_losses, ROWS);
        expect_all_near(dz, cases[i].gradient, ROWS * C);
    }
}
END_TEST

START_TEST(counted_targets_stand_for_repeated_rows) {
    // Row 0 has target 2 three times and target 5 once, row 1 target 0 twice.
    const uint32_t first[] = {0, 2, 3};
    const uint16_t targets[] = {2, 5, 0};
    const int32_t repeated[] = {2, 2, 2, 5, 0, 0};
    const uint32_t counts[] = {3, 1, 2};
    const TargetCounts grouped = {first, targets, counts};
    enum { V = 27 };
    float z[2 * V], rows[6 * V], dz[2 * V];
    Rng rng;
    double sum = 0, only_sum = 0;
    rng_seed(&rng, 9);
    rng_normals(&rng, 2 * V, z);
    for (size_t i = 0; i < 6; i++) memcpy(rows + i * V, z + (i < 4 ? 0 : V), V * sizeof *z);
    double want = loss_cross_entropy(6, V, rows, repeated, 6, NULL, rows);
    loss_counts(2, V, z, grouped, 6, NULL, &only_sum);
    loss_counts(2, V, z, grouped, 6, dz, &sum);
    ck_assert_double_eq_tol(sum / 6, want, 1e-6);
    ck_assert_double_eq(only_sum, sum);
    for (size_t v = 0; v < V; v++) {
        ck_assert_float_eq_tol(dz[v], rows[v] + rows[V + v] + rows[2 * V + v] + rows[3 * V + v], 1e-7f);
        ck_assert_float_eq_tol(dz[V + v], rows[4 * V + v] + rows[5 * V + v], 1e-7f);
    }
}
END_TEST

START_TEST(the_jacobian_agrees_with_central_differences) {
    enum { N = 5 };
    const float z[N] = {0.8f, 1.2f, 0.3f, 2.1f, 0.9f};
    float p[N], jacobian[N * N];
    softmax(N, z, 1, p);
    softmax_jacobian(N, p, jacobian);
    for (size_t j = 0; j < N; j++) {
        float above[N], below[N];
        for (size_t i = 0; i < N; i++) above[i] = z[i] + (i == j ? 1e-2f : 0), below[i] = z[i] - (i == j ? 1e-2f : 0);
        softmax(N, above, 1, above);
        softmax(N, below, 1, below);
        for (size_t i = 0; i < N; i++)
            ck_assert_float_eq_tol(jacobian[i * N + j], (above[i] - below[i]) / 2e-2f, 5e-5f);
    }
}
END_TEST

SUITE(softmax, NEEDS_NOTHING) {
    ADD(softmax_and_log_softmax_equal_pytorch);
    ADD(rows_as_wide_as_gpt_2s_vocabulary_are_accurate);
    ADD(impossible_logits_give_zero_or_nan);
    ADD(losses_and_gradients_equal_pytorch);
    ADD(counted_targets_stand_for_repeated_rows);
    ADD(the_jacobian_agrees_with_central_differences);
}
