#include "testing.h"
#include "unit/networks.h"

#include "config/config.h"
#include "kernels/kernels.h"
#include "nn/loss.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VOCAB = 7, B = 9 };

static void make_network(size_t i, Network *network, bool training, Arena *arena) {
    char text[1024];
    Config config;
    Error err;
    snprintf(text, sizeof text,
             "{\"data\":{\"path\":\"/none\"},\"model\":{\"context\":%zu,\"layers\":[%s]},\"train\":{\"steps\":1}}",
             NETWORKS[i].context, NETWORKS[i].layers);
    ck_assert_msg(config_parse(&config, text, strlen(text), "test", arena, &err), "%s", err.text);
    ck_assert_msg(network_create(network, &config.model.layers, VOCAB, NETWORKS[i].context,
                                 (NetworkUse){.max_rows = B + 3, .batch = training ? B : 0}, arena, &err),
                  "%s", err.text);
    Rng rng;
    rng_seed(&rng, 5);
    network_init(network, &rng);
}

static void make_batch(size_t context, uint16_t *ids, int32_t *targets) {
    Rng rng;
    rng_seed(&rng, 6);
    for (size_t i = 0; i < B * context; i++) ids[i] = (uint16_t)rng_below(&rng, VOCAB);
    for (size_t i = 0; i < B; i++) targets[i] = (int32_t)rng_below(&rng, VOCAB);
}

START_TEST(gradients_add_up_over_passes) {
    Arena arena = {0};
    Network network;
    uint16_t ids[B * 8];
    int32_t targets[B];
    float once[4096];
    make_network(1, &network, true, &arena);
    make_batch(network.context, ids, targets);
    for (int pass = 0; pass < 2; pass++) {
        const float *logits = network_forward(&network, ids, B);
        loss_cross_entropy(B, VOCAB, logits, targets, REDUCE_MEAN, NULL, network_logit_grads(&network));
        network_backward(&network, B);
        if (pass == 0) memcpy(once, network.grads, network.n_slab * sizeof *once);
    }
    for (size_t i = 0; i < network.n_slab; i++) ck_assert_float_eq_tol(network.grads[i], 2 * once[i], 1e-6f);
    arena_free(&arena);
}
END_TEST

START_TEST(every_table_gives_a_network_the_same_bits) {
    const Kernels *table, *before = kernels;
    for (size_t i = 0; i < N_NETWORKS; i++) {
        float first[4096];
        for (size_t t = 0; (table = kernels_available(t)); t++) {
            Arena arena = {0};
            Network network;
            uint16_t ids[B * 8];
            int32_t targets[B];
            make_network(i, &network, true, &arena);
            make_batch(network.context, ids, targets);
            kernels = table;
            const float *logits = network_forward(&network, ids, B);
            loss_cross_entropy(B, VOCAB, logits, targets, REDUCE_MEAN, NULL, network_logit_grads(&network));
            network_backward(&network, B);
            if (t == 0) memcpy(first, network.grads, network.n_slab * sizeof *first);
            ck_assert_mem_eq(network.grads, first, network.n_slab * sizeof *first);
            arena_free(&arena);
        }
    }
    kernels = before;
}
END_TEST

START_TEST(an_example_does_not_depend_on_the_batch_around_it) {
    for (size_t i = 0; i < N_NETWORKS; i++) {
        Arena arena = {0};
        Network network;
        uint16_t ids[B * 8];
        int32_t targets[B];
        float all[B * VOCAB];
        make_network(i, &network, false, &arena);
        make_batch(network.context, ids, targets);
        memcpy(all, network_predict(&network, ids, B), sizeof all);
        for (size_t b = 0; b < B; b++) {
            const float *one = network_predict(&network, ids + b * network.context, 1);
            ck_assert_mem_eq(one, all + b * VOCAB, VOCAB * sizeof *one);
        }
        arena_free(&arena);
    }
}
END_TEST

// A layer that uses all a plan can ask for: y = 2 x, with x kept in the cache, the doubling done in scratch, and the
// calls counted in a buffer.
static bool doubling_plan(const void *config, LayerPlan *plan, Error *err) {
    (void)config, (void)err;
    plan->out = plan->in;
    plan->n_tensors = 1;
    plan->tensors[0] = (TensorPlan){"calls", TENSOR_BUFFER, 1, {1}, {INIT_CONSTANT, 5, 0}, 1, false};
    plan->cache_floats = 1;
    plan->cache_row_floats = plan->scratch_row_floats = plan->in.t * plan->in.c;
    return true;
}

static void doubling_forward(const LayerCall *call) {
    size_t n = call->b * call->in.t * call->in.c;
    ck_assert_ptr_null(call->grads[0]);
    call->tensors[0][0] += 1;
    for (size_t i = 0; i < n; i++) {
        call->cache[1 + i] = call->x[i];
        call->scratch[i] = 2 * call->x[i];
    }
    memcpy(call->y, call->scratch, n * sizeof *call->y);
}

static void doubling_backward(const LayerCall *call) {
    for (size_t i = 0; i < call->b * call->in.t * call->in.c; i++) {
        ck_assert(call->cache[1 + i] >= call->x[i] && call->cache[1 + i] <= call->x[i]);
        call->dx[i] = 2 * call->dy[i];
    }
}

static const Field NO_FIELDS[] = {{0}};
static const LayerType DOUBLING = {
    .record = {"doubling", NO_FIELDS, 0, "twice its input"},
    .plan = doubling_plan,
    .forward = doubling_forward,
    .backward = doubling_backward,
};

START_TEST(a_plan_gets_its_buffers_cache_and_scratch) {
    Arena arena = {0};
    Error err;
    Network plain, network;
    uint16_t ids[B * 8];
    int32_t targets[B];
    make_network(1, &plain, false, &arena);
    Typed items[6];
    for (size_t i = 0; i < plain.n_layers; i++)
        items[i] = (Typed){&plain.layers[i].type->record, (void *)(uintptr_t)plain.layers[i].config};
    items[5] = (Typed){&DOUBLING.record, NULL};
    TypedList list = {6, items};
    ck_assert_msg(network_create(&network, &list, VOCAB, 3, (NetworkUse){.max_rows = B, .batch = B}, &arena, &err),
                  "%s", err.text);
    ck_assert_uint_eq(network.n_parameters, plain.n_parameters);
    Rng rng;
    rng_seed(&rng, 5);
    network_init(&network, &rng);
    make_batch(3, ids, targets);
    const float *want = network_predict(&plain, ids, B);
    const float *got = network_forward(&network, ids, B);
    for (size_t i = 0; i < B * VOCAB; i++) ck_assert_float_eq_tol(got[i], 2 * want[i], 1e-6f);
    loss_cross_entropy(B, VOCAB, got, targets, REDUCE_MEAN, NULL, network_logit_grads(&network));
    network_backward(&network, B);
    const Tensor *calls = &network.tensors[network.n_tensors - 1];
    ck_assert_str_eq(calls->name, "layers.5.calls");
    ck_assert_float_eq(calls->data[0], 6);
    arena_free(&arena);
}
END_TEST

// A pass by tables writes no output of the two layers before the linear one.
START_TEST(what_an_earlier_pass_left_is_not_taken_for_the_last_ones) {
    Arena arena = {0};
    Network network;
    uint16_t ids[B * 8];
    int32_t targets[B];
    make_network(2, &network, true, &arena);
    make_batch(network.context, ids, targets);
    ck_assert(network.uses_tables);
    float *embedded = network.tensors[0].data + (size_t)ids[0] * network.layers[0].plan.out.c, kept = *embedded;
    network_forward(&network, ids, B);
    ck_assert_uint_eq(network_find_not_finite_layer(&network, B), network.n_layers);
    *embedded = INFINITY;
    network_predict(&network, ids, B);
    ck_assert_uint_eq(network_find_not_finite_layer(&network, B), 0);
    *embedded = kept;
    network_forward(&network, ids, B);
    ck_assert_uint_eq(network_find_not_finite_layer(&network, B), network.n_layers);
    const Tensor *bias = &network.tensors[2];
    ck_assert_str_eq(bias->name, "layers.2.bias");
    bias->data[0] = INFINITY;
    network_forward(&network, ids, B);
    ck_assert_uint_eq(network_find_not_finite_layer(&network, B), 2);
    arena_free(&arena);
}
END_TEST

SUITE(layers, NEEDS_NOTHING) {
    ADD(gradients_add_up_over_passes);
    ADD(every_table_gives_a_network_the_same_bits);
    ADD(an_example_does_not_depend_on_the_batch_around_it);
    ADD(a_plan_gets_its_buffers_cache_and_scratch);
    ADD(what_an_earlier_pass_left_is_not_taken_for_the_last_ones);
}
