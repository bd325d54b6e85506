// Initial values in the order in which PyTorch and microgpt draw them.
#include "testing.h"

#include "golden/golden_random.h"
#include "nn/init.h"

START_TEST(torch_is_the_default_of_a_linear_layer) {
    float weight[5 * 3], bias[3];
    const Init init = {.kind = INIT_TORCH};
    Rng rng;
    rng_seed(&rng, 42);
    init_fill(init, 5, (InitShape){5, 3, true, true}, RANDOM_LECTURES, &rng, weight);
    init_fill(init, 5, (InitShape){3, 1, false, true}, RANDOM_MAKEMORE, &rng, bias);
    for (size_t out = 0; out < 3; out++) {
        for (size_t in = 0; in < 5; in++) ck_assert(weight[in * 3 + out] == golden_linear[out * 5 + in]);
        ck_assert(bias[out] == golden_linear[15 + out]);
    }
}
END_TEST

static void expect_floats(const float *x, double mean, double deviation, const double *normals, const size_t *places,
                          size_t n) {
    for (size_t k = 0; k < n; k++) ck_assert_float_eq_tol(x[places[k]], (float)(mean + deviation * normals[k]), 1e-7f);
}

START_TEST(microgpt_draws_output_by_output_and_the_boundary_last) {
    // Of a matrix (2, 3), in the order of the draws: output by output; output 0 last; row by row; row 0 last.
    static const size_t places[][6] = {{0, 3, 1, 4, 2, 5}, {1, 4, 2, 5, 0, 3}, {0, 1, 2, 3, 4, 5}, {3, 4, 5, 0, 1, 2}};
    const Init normal = {.kind = INIT_NORMAL, .value = 0.08, .mean = 1}, uniform = {.kind = INIT_UNIFORM, .value = 0.5};
    float x[6];
    Rng rng;
    for (size_t i = 0; i < COUNT(places); i++) {
        const InitShape shape = {2, 3, i < 2, i % 2 == 1};
        rng_seed_python(&rng, 42);
        init_fill(normal, 2, shape, RANDOM_MICROGPT, &rng, x);
        expect_floats(x, 1, 0.08, golden_gauss_42, places[i], 6);
        rng_seed_python(&rng, 42);
        init_fill(uniform, 2, shape, RANDOM_MICROGPT, &rng, x);
        expect_floats(x, -0.5, 1, golden_random_42, places[i], 6);
    }
}
END_TEST

START_TEST(others_draw_in_the_order_of_memory) {
    const Init uniform = {.kind = INIT_UNIFORM, .value = 1};
    float plain[6], other[6];
    Rng rng;
    rng_seed(&rng, 42);
    init_fill(uniform, 2, (InitShape){6, 1, false, false}, RANDOM_LECTURES, &rng, plain);
    rng_seed(&rng, 42);
    init_fill(uniform, 2, (InitShape){2, 3, true, true}, RANDOM_MAKEMORE, &rng, other);
    ck_assert_mem_eq(plain, other, sizeof plain);
}
END_TEST

SUITE(init, NEEDS_NOTHING) {
    ADD(torch_is_the_default_of_a_linear_layer);
    ADD(microgpt_draws_output_by_output_and_the_boundary_last);
    ADD(others_draw_in_the_order_of_memory);
}
