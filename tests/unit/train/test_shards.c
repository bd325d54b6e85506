// Shards: the order of sums, and steps and losses in shards beside those of the whole.
#include "unit/small_network.h"

#include "kernels/threads.h"

#include <math.h>

// Sums of these depend on the order.
static double number(size_t i) { return 1 / (4 * (double)i + 0.7); }
static float small_number(size_t i) { return (float)number(i % 100); }

START_TEST(numbers_add_along_the_tree) {
    double a[7], one[] = {3};
    for (size_t i = 0; i < COUNT(a); i++) a[i] = number(i);
    const double five = (a[0] + a[1]) + (a[2] + (a[3] + a[4]));
    const double seven = (a[0] + (a[1] + a[2])) + ((a[3] + a[4]) + (a[5] + a[6]));
    ck_assert(five != a[0] + a[1] + a[2] + a[3] + a[4] && seven != a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6]);
    ck_assert(shards_add_numbers(WORLD_ALONE, 1, one) == 3);
    ck_assert(shards_add_numbers(WORLD_ALONE, 5, a) == five);
    ck_assert(shards_add_numbers(WORLD_ALONE, 7, a) == seven);
}
END_TEST

START_TEST(arrays_add_along_the_tree) {
    enum { SHARDS = 5, FLOATS = 5000 }; // more floats than a block
    Arena arena = {0};
    Error err;
    ShardSum sum;
    float *arrays[SHARDS], a[SHARDS];
    bool depends = false;
    ck_assert(shard_sum_create(&sum, WORLD_ALONE, SHARDS, FLOATS, &arena, &err));
    for (size_t s = 0; s < SHARDS; s++) {
        arrays[s] = arena_alloc(&arena, shard_sum_floats(&sum), sizeof **arrays, &err);
        for (size_t i = 0; i < FLOATS; i++) arrays[s][i] = small_number(s + i);
    }
    shard_sum_add(&sum, arrays);
    for (size_t i = 0; i < FLOATS; i++) {
        for (size_t s = 0; s < SHARDS; s++) a[s] = small_number(s + i);
        const float left = a[0] + a[1], right = a[3] + a[4], expected = left + (a[2] + right);
        ck_assert_msg(arrays[0][i] == expected, "float %zu: %.9g, not %.9g", i, arrays[0][i], expected);
        depends = depends || expected != left + a[2] + a[3] + a[4];
    }
    ck_assert(depends);
    arena_free(&arena);
}
END_TEST

START_TEST(processes_own_all_shards_once) {
    for (size_t size = 1; size <= 9; size++) {
        size_t next = 0;
        for (size_t rank = 0; rank < size; rank++) {
            ShardSpan own = shards_own((World){rank, size}, 9);
            ck_assert_uint_eq(own.first, next);
            ck_assert(own.end > own.first);
            next = own.end;
        }
        ck_assert_uint_eq(next, 9);
    }
}
END_TEST

// Trains a network with these shards and threads for two steps, then leaves a third gradient.
static double step(SmallNetwork *f, const char *layers, const char *batch, size_t shards, size_t threads) {
    Error err;
    double loss;
    small_network_load(f, 5, layers, textf("'steps':9,'batch_size':%s,'shards':%zu,'l2_mean':0.1", batch, shards));
    kernels_use_threads(threads);
    small_network_start(f, false);
    for (size_t i = 0; i < 2; i++) ck_assert_msg(trainer_step(&f->trainer, &loss, &err), "%s", err.text);
    return trainer_backward(&f->trainer);
}

static void expect_near(const SmallNetwork *a, const SmallNetwork *b, float tolerance, const char *what) {
    const Network *x = &a->trainer.model.network, *y = &b->trainer.model.network;
    float largest = 0;
    for (size_t i = 0; i < x->n_slab; i++) largest = fmaxf(largest, fabsf(x->grads[i]));
    for (size_t i = 0; i < x->n_slab; i++)
        ck_assert_msg(fabsf(x->grads[i] - y->grads[i]) <= tolerance * largest, "%s: gradient %zu: %g, not %g", what, i,
                      y->grads[i], x->grads[i]);
}

static void expect_same_losses(const SmallNetwork *a, const SmallNetwork *b, double tolerance) {
    const double x = trainer_evaluate(&a->trainer, &a->trainer.train);
    const double y = trainer_evaluate(&b->trainer, &b->trainer.train);
    ck_assert_msg(fabs(x - y) <= tolerance * x, "%.17g, not %.17g", y, x);
}

// Computes steps in shards, each with one and two threads, and compares them with a step in one shard.
static void expect_shards(const char *layers, const char *batch, float tolerance) {
    static const size_t counts[] = {2, 3, 7};
    SmallNetwork whole, shards, threads;
    const double loss = step(&whole, layers, batch, 1, 1);
    for (size_t i = 0; i < COUNT(counts); i++) {
        const char *what = textf("batch %s, %zu shards", batch, counts[i]);
        const double one = step(&shards, layers, batch, counts[i], 1);
        const double two = step(&threads, layers, batch, counts[i], 2);
        const Network *x = &shards.trainer.model.network, *y = &threads.trainer.model.network;
        ck_assert_msg(fabs(one - loss) <= 2e-6 * loss, "%s: loss %.17g, not %.17g", what, one, loss);
        expect_near(&whole, &shards, tolerance, what);
        ck_assert(one == two && threads.trainer.lanes.n == 2);
        ck_assert_mem_eq(x->grads, y->grads, x->n_slab * sizeof *x->grads);
        ck_assert_mem_eq(x->params, y->params, x->n_slab * sizeof *x->params);
        expect_same_losses(&shards, &threads, 0);
        arena_free(&shards.arena);
        arena_free(&threads.arena);
    }
    arena_free(&whole.arena);
}

START_TEST(a_step_in_shards_is_the_step_of_the_batch) {
    expect_shards(MLP_LAYERS, "50", 2e-6f);   // each context a row
    expect_shards(MLP_LAYERS, "1000", 2e-6f); // equal contexts merged
    expect_shards(NAMES_LAYERS, "41", 2e-6f);
}
END_TEST

// One shard adds up the gradients of some 180,000 examples as floats.
START_TEST(a_full_batch_in_shards_is_that_of_the_whole) {
    expect_shards(MLP_LAYERS, "\"all\"", 5e-5f);
    expect_shards(NAMES_LAYERS, "\"all\"", 5e-5f);
}
END_TEST

// The initial weights are the same, so the losses differ only in the order of sums.
START_TEST(losses_in_shards_are_those_of_the_whole) {
    static const char *const networks[] = {MLP_LAYERS, NAMES_LAYERS};
    for (size_t i = 0; i < COUNT(networks); i++) {
        SmallNetwork whole, shards;
        small_network_load(&whole, 5, networks[i], "'steps':9");
        small_network_start(&whole, false);
        small_network_load(&shards, 5, networks[i], "'steps':9,'shards':6");
        small_network_start(&shards, false);
        ck_assert_uint_eq(whole.trainer.train.total, shards.trainer.train.total);
        expect_same_losses(&whole, &shards, 1e-12);
        arena_free(&whole.arena);
        arena_free(&shards.arena);
    }
}
END_TEST

SUITE(shards, NEEDS_NOTHING) {
    ADD(numbers_add_along_the_tree);
    ADD(arrays_add_along_the_tree);
    ADD(processes_own_all_shards_once);
    ADD(a_step_in_shards_is_the_step_of_the_batch);
    ADD(a_full_batch_in_shards_is_that_of_the_whole);
    ADD(losses_in_shards_are_those_of_the_whole);
}
