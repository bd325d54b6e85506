#include "testing.h"

#include "base/rng.h"
#include "nn/loss.h"

#include <math.h>
#include <string.h>

enum { N = 5, V = 27 };

static void random_logits(float z[N * V], uint16_t targets[N]) {
    Rng rng;
    rng_seed(&rng, 9);
    rng_normals(&rng, N * V, z);
    for (size_t i = 0; i < N; i++) targets[i] = (uint16_t)rng_below(&rng, V);
}

static double loss_in_double(const double *z, const uint16_t *targets) {
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        double total = 0;
        for (size_t v = 0; v < V; v++) total += exp(z[i * V + v]);
        sum += log(total) - z[i * V + targets[i]];
    }
    return sum / N;
}

START_TEST(the_fused_gradient_agrees_with_central_differences) {
    float z[N * V], dz[N * V];
    double exact[N * V];
    uint16_t targets[N];
    random_logits(z, targets);
    memcpy(dz, z, sizeof z);
    for (size_t i = 0; i < N * V; i++) exact[i] = (double)z[i];
    ck_assert_double_eq_tol(loss_backward(N, V, dz, targets), loss_in_double(exact, targets), 1e-6);
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

START_TEST(gradient_rows_sum_to_zero) {
    float z[N * V];
    uint16_t targets[N];
    random_logits(z, targets);
    loss_backward(N, V, z, targets);
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t v = 0; v < V; v++) sum += (double)z[i * V + v];
        ck_assert_double_eq_tol(sum, 0, 1e-7);
    }
}
END_TEST

START_TEST(equal_logits_give_the_loss_of_a_uniform_guess) {
    float z[N * V] = {0};
    uint16_t targets[N] = {0, 1, 2, 3, 26};
    ck_assert_double_eq_tol(loss_backward(N, V, z, targets), log(27), 1e-6);
    ck_assert_float_eq_tol(z[1], 1.0f / 27 / N, 1e-8f);
    ck_assert_float_eq_tol(z[0], (1.0f / 27 - 1) / N, 1e-7f);
}
END_TEST

START_TEST(large_logits_lose_no_digits) {
    float z[3] = {10000, 9999.5f, -10000};
    uint16_t target = 1;
    ck_assert_double_eq_tol(loss_backward(1, 3, z, &target), log1p(exp(-0.5)) + 0.5, 2e-6);
}
END_TEST

START_TEST(counted_targets_stand_for_repeated_rows) {
    // Row 0 has target 2 three times and target 5 once, row 1 target 0 twice.
    const size_t first[] = {0, 2, 3};
    const uint16_t targets[] = {2, 5, 0}, repeated[] = {2, 2, 2, 5, 0, 0};
    const uint64_t counts[] = {3, 1, 2};
    const TargetCounts grouped = {first, targets, counts};
    float z[N * V], rows[6 * V], dz[2 * V];
    uint16_t unused[N];
    double sum = 0, only_sum = 0;
    random_logits(z, unused);
    for (size_t i = 0; i < 6; i++) memcpy(rows + i * V, z + (i < 4 ? 0 : V), V * sizeof *z);
    memcpy(dz, z, sizeof dz);
    double want = loss_backward(6, V, rows, repeated);
    loss_sum_counts(2, V, dz, grouped, &only_sum);
    loss_backward_counts(2, V, dz, grouped, 6, &sum);
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

SUITE(loss, NEEDS_NOTHING) {
    ADD(the_fused_gradient_agrees_with_central_differences);
    ADD(gradient_rows_sum_to_zero);
    ADD(equal_logits_give_the_loss_of_a_uniform_guess);
    ADD(large_logits_lose_no_digits);
    ADD(counted_targets_stand_for_repeated_rows);
    ADD(the_l2_term_has_its_gradient);
}
