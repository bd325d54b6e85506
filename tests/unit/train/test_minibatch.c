// Compares examples that share a row per context with the same examples in rows of their own.
#include "unit/small_network.h"

#include <math.h>

enum { EXAMPLES = 200, CONTEXT = 3, LONGEST = 8 };

// Returns the gradient (n_slab) of the drawn examples.
static float *gradient_of(SmallNetwork *f, bool merges, Minibatch *batch, double *loss) {
    Error err;
    Rng rng;
    Network *network = &f->trainer.model.network;
    Examples *examples = &f->trainer.examples;
    rng_seed(&rng, 5);
    ck_assert(examples_create(examples, &f->dataset, PART_TRAIN, EXAMPLES, network, merges, &f->arena, &err));
    ck_assert(minibatch_create(batch, examples, 1, &f->arena, &err));
    examples_draw(examples, &rng);
    minibatch_take(batch, 0, 1);
    network_zero_grads(network);
    *loss = minibatch_backward(batch, network, &rng);
    float *grads = arena_alloc(&f->arena, network->n_slab, sizeof *grads, &err);
    ck_assert_ptr_nonnull(grads);
    memcpy(grads, network->grads, network->n_slab * sizeof *grads);
    return grads;
}

static void expect_the_same_of_merged_rows(size_t context, const char *layers) {
    SmallNetwork f;
    Minibatch rows, merged;
    double loss_rows, loss_merged;
    small_network_load(&f, context, layers, "'steps':1,'batch_size':200");
    small_network_start(&f, true); // the plain layers for both, so that the logits are the same bits
    const float *plain = gradient_of(&f, false, &rows, &loss_rows);
    const float *shared = gradient_of(&f, true, &merged, &loss_merged);
    ck_assert_double_eq(loss_merged, loss_rows);
    float largest = 0;
    size_t n = f.trainer.model.network.n_slab;
    for (size_t i = 0; i < n; i++) largest = fmaxf(largest, fabsf(plain[i]));
    ck_assert_float_gt(largest, 0.01f);
    for (size_t i = 0; i < n; i++) ck_assert_float_eq_tol(shared[i], plain[i], 2e-6f * largest);
    ck_assert_uint_eq(merged.n_targets, rows.n_targets);
    ck_assert_uint_lt(merged.shared.n_rows, rows.n_targets * 3 / 4);
    ck_assert_uint_gt(merged.shared.n_rows, 27);
    arena_free(&f.arena);
}

START_TEST(merged_examples_have_the_loss_and_the_gradient_of_their_rows) {
    expect_the_same_of_merged_rows(CONTEXT, MLP_LAYERS);
    expect_the_same_of_merged_rows(LONGEST, NAMES_LAYERS);
}
END_TEST

START_TEST(a_name_has_a_target_at_each_position_that_is_read) {
    SmallNetwork f;
    small_network_load(&f, LONGEST, NAMES_LAYERS, "'steps':1,'batch_size':200");
    small_network_start(&f, true);
    Rng rng;
    rng_seed(&rng, 5);
    Minibatch *batch = &f.trainer.lanes.items->minibatch;
    examples_draw(&f.trainer.examples, &rng);
    minibatch_take(batch, 0, 1);
    size_t row = 0, n_cut = 0;
    for (size_t i = 0; i < EXAMPLES; i++) {
        const uint16_t *name = f.dataset.stream + f.trainer.examples.positions[i];
        for (size_t k = 0; k < LONGEST && (k == 0 || name[k - 1] != BOUNDARY); k++, row++) {
            ck_assert_uint_eq(batch->prefixes.ids[row], k == 0 ? BOUNDARY : name[k - 1]);
            ck_assert_uint_eq(batch->prefixes.parents[row], k == 0 ? ROW_NONE : row - 1);
            ck_assert_int_eq(batch->targets[row], name[k]);
            n_cut += k + 1 == LONGEST && name[k] != BOUNDARY;
        }
    }
    ck_assert_uint_eq(row, batch->n_targets);
    ck_assert_uint_eq(row, f.trainer.examples.n_targets);
    ck_assert_uint_gt(n_cut, 0);
    arena_free(&f.arena);
}
END_TEST

START_TEST(examples_come_in_turn) {
    enum { TAKEN = 7 };
    Error err;
    SmallNetwork f;
    Examples examples;
    small_network_load(&f, CONTEXT, MLP_LAYERS, "'steps':1");
    small_network_start(&f, false);
    const Span span = f.dataset.parts[PART_DEV];
    const size_t n = span.end - span.begin;
    ck_assert(examples_create(&examples, &f.dataset, PART_DEV, TAKEN, &f.trainer.model.network, false, &f.arena, &err));
    for (size_t step = 0; step < 2 * n / TAKEN; step++) {
        examples_take_in_turn(&examples, step);
        for (size_t i = 0; i < TAKEN; i++)
            ck_assert_uint_eq(examples.positions[i], span.begin + (step * TAKEN + i) % n);
    }
    arena_free(&f.arena);
}
END_TEST

START_TEST(only_large_batches_of_layers_that_keep_rows_apart_merge) {
    static const struct {
        const char *layers, *train;
        bool by_rows, merges;
    } cases[] = {{MLP_LAYERS, "'steps':1", false, false},
                 {MLP_LAYERS, "'steps':1,'batch_size':64", false, true},
                 {MLP_LAYERS, "'steps':1,'batch_size':64", true, false},
                 {BATCHNORM_LAYERS, "'steps':1,'batch_size':64", false, false},
                 {NAMES_LAYERS, "'steps':1,'batch_size':2", false, true},
                 {NAMES_LAYERS, "'steps':1,'batch_size':64", true, false},
                 {BATCHNORM_LAYERS, "'steps':1,'batch_size':'all'", false, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        SmallNetwork f;
        small_network_load(&f, CONTEXT, cases[i].layers, cases[i].train);
        small_network_start(&f, cases[i].by_rows);
        ck_assert(f.trainer.examples.merges == cases[i].merges);
        arena_free(&f.arena);
    }
}
END_TEST

START_TEST(many_examples_of_one_row_do_not_drift) {
    enum { N = 3000000 };
    static uint32_t rows[N];
    static int32_t targets[N];
    for (size_t i = 0; i < N; i++) targets[i] = i % 2;
    float logits[2] = {0, 1}, shares[1], dz[2];
    RowStats stats[1];
    uint32_t examples[1], pairs[2] = {0};
    SharedRows shared = {1, rows, shares, stats, examples, pairs};
    loss_cross_entropy_shared(N, 2, logits, targets, N, shared, dz);
    double p = 1 / (1 + exp(1.0));
    ck_assert_float_eq_tol(dz[0], (float)(p - 0.5), 1e-7f);
    ck_assert_float_eq_tol(dz[1], (float)(0.5 - p), 1e-7f);
    ck_assert(pairs[0] == 0 && pairs[1] == 0);
}
END_TEST

SUITE(minibatch, NEEDS_NOTHING) {
    ADD(many_examples_of_one_row_do_not_drift);
    ADD(merged_examples_have_the_loss_and_the_gradient_of_their_rows);
    ADD(examples_come_in_turn);
    ADD(a_name_has_a_target_at_each_position_that_is_read);
    ADD(only_large_batches_of_layers_that_keep_rows_apart_merge);
}
