#include "testing.h"

#include "base/rng.h"
#include "golden/golden_softmax.h"
#include "nn/loss.h"

#include <math.h>
#include <string.h>

enum { N = 5, V = 27 };

static void random_logits(float z[N * V], int32_t targets[N]) {
    Rng rng;
    rng_seed(&rng, 9);
    rng_normals(&rng, N * V, z);
    for (size_t i = 0; i < N; i++) targets[i] = (int32_t)rng_below(&rng, V);
}

static double loss_in_double(const double *z, const int32_t *targets) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        double total = 0;
        for (size_t v = 0; v < V; v++) total += exp(z[i * V + v]);
        sum += log(total) - z[i * V + (size_t)targets[i]];
    }
    return sum / N;
}

START_TEST(the_fused_gradient_agrees_with_central_differences) {
    float z[N * V], dz[N * V];
    double exact[N * V];
    int32_t targets[N];
    random_logits(z, targets);
    memcpy(dz, z, sizeof z);
    for (size_t i = 0; i < N * V; i++) exact[i] = (double)z[i];
    ck_assert_double_eq_tol(loss_cross_entropy(N, V, dz, targets, REDUCE_MEAN, NULL, dz),
                            loss_in_double(exact, targets), 1e-6);
    for (size_t i = 0; i < N * V; i++) {
        exact[i] = (double)z[i] + 1e-5;
        double above = loss_in_double(exact, targets);
        exact[i] = (double)z[i] - 1e-5;
        double below = loss_in_double(exact, targets);
        exact[i] = (double)z[i];
        ck_assert_double_eq_tol((double)dz[i], (above - below) / 2e-5, 1e-7);
    }
}
END_TEST

START_TEST(equal_logits_give_the_loss_of_a_uniform_guess) {
    float z[N * V] = {0};
    int32_t targets[N] = {0, 1, 2, 3, 26};
    ck_assert_double_eq_tol(loss_cross_entropy(N, V, z, targets, REDUCE_MEAN, NULL, z), log(27), 1e-6);
    ck_assert_float_eq_tol(z[1], 1.0f / 27 / N, 1e-8f);
    ck_assert_float_eq_tol(z[0], (1.0f / 27 - 1) / N, 1e-7f);
}
END_TEST

START_TEST(counted_targets_stand_for_repeated_rows) {
    // Row 0 has target 2 three times and target 5 once, row 1 target 0 twice.
    const uint32_t first[] = {0, 2, 3};
    const uint16_t targets[] = {2, 5, 0};
    const int32_t repeated[] = {2, 2, 2, 5, 0, 0};
    const uint32_t counts[] = {3, 1, 2};
    const TargetCounts grouped = {first, targets, counts};
    float z[N * V], rows[6 * V], dz[2 * V];
    int32_t unused[N];
    double sum = 0, only_sum = 0;
    random_logits(z, unused);
    for (size_t i = 0; i < 6; i++) memcpy(rows + i * V, z + (i < 4 ? 0 : V), V * sizeof *z);
    double want = loss_cross_entropy(6, V, rows, repeated, REDUCE_MEAN, NULL, rows);
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

START_TEST(the_l2_term_has_its_gradient) {
    const float w[3] = {1, -2, 3};
    float dw[3] = {10, 10, 10};
    ck_assert_double_eq(loss_l2(3, w, 0.5f, dw), 14);
    ck_assert_float_eq(dw[1], 9);
}
END_TEST

static void expect_all_near(const float *found, const float *wanted, size_t n) {
    for (size_t i = 0; i < n; i++) ck_assert_float_eq_tol(found[i], wanted[i], 1e-6f * fmaxf(1, fabsf(wanted[i])));
}

// One of the targets is ignored.
START_TEST(losses_and_gradients_equal_pytorch) {
    enum { ROWS = SOFTMAX_ROWS, C = SOFTMAX_CLASSES };
    static const struct {
        Reduction reduction;
        const float *loss, *gradient;
    } cases[] = {{REDUCE_SUM, golden_sum_loss, golden_sum_gradient},
                 {REDUCE_MEAN, golden_mean_loss, golden_mean_gradient}};
    for (size_t i = 0; i < 2; i++) {
        float losses[ROWS], dz[ROWS * C];
        float loss = (float)loss_cross_entropy(ROWS, C, golden_logits, golden_targets, cases[i].reduction, losses, dz);
        expect_all_near(&loss, cases[i].loss, 1);
        expect_all_near(losses, golden_losses, ROWS);
        expect_all_near(dz, cases[i].gradient, ROWS * C);
    }
}
END_TEST

START_TEST(impossible_rows_have_a_loss_and_gradient_of_nan) {
    const float rows[][3] = {{-INFINITY, -INFINITY, -INFINITY}, {0, INFINITY, 1}, {1, NAN, 2}};
    const int32_t target = 0;
    float dz[3];
    for (size_t r = 0; r < 3; r++) {
        ck_assert(isnan(loss_cross_entropy(1, 3, rows[r], &target, REDUCE_MEAN, NULL, dz)));
        for (size_t i = 0; i < 3; i++) ck_assert(isnan(dz[i]));
    }
    const float gone[] = {-INFINITY, 0, 1};
    double loss = loss_cross_entropy(1, 3, gone, &target, REDUCE_MEAN, NULL, NULL);
    ck_assert(isinf(loss) && loss > 0);
}
END_TEST

START_TEST(the_mean_of_no_rows_is_nan) {
    const float z[V] = {0};
    const int32_t target = LOSS_IGNORED;
    ck_assert(isnan(loss_cross_entropy(1, V, z, &target, REDUCE_MEAN, NULL, NULL)));
}
END_TEST

SUITE(loss, NEEDS_NOTHING) {
    ADD(losses_and_gradients_equal_pytorch);
    ADD(impossible_rows_have_a_loss_and_gradient_of_nan);
    ADD(the_mean_of_no_rows_is_nan);
    ADD(the_fused_gradient_agrees_with_central_differences);
    ADD(equal_logits_give_the_loss_of_a_uniform_guess);
    ADD(counted_targets_stand_for_repeated_rows);
    ADD(the_l2_term_has_its_gradient);
}
