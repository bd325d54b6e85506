// Networks: memory, modes, the same bits from every kernel table, and fused layers against the layers one by one.
#include "testing.h"
#include "unit/networks.h"

#include "config/config.h"
#include "nn/layers/layers.h"
#include "nn/loss.h"

#include <math.h>
#include <string.h>

enum { VOCAB = 7, B = 9, MOST_ROWS = 300, MOST_CONTEXT = 4, MOST_PARAMETERS = 4096 };

static Network make_network(size_t context, const char *layers, NetworkUse use, Arena *arena) {
    Config config;
    Network network;
    Error err;
    Rng rng;
    char *text =
        textf("{'data':{'path':'/none'},'model':{'context':%zu,'layers':[%s]},'train':{'steps':1}}", context, layers);
    for (char *at = text; (at = strchr(at, '\''));) *at = '"';
    ck_assert_msg(config_parse(&config, text, "test", NULL, arena, &err), "%s", err.text);
    ck_assert_msg(network_create(&network, &config.model.layers, VOCAB, context, use, arena, &err), "%s", err.text);
    rng_seed(&rng, 5);
    network_init(&network, RANDOM_LECTURES, &rng);
    return network;
}

// The i-th network of networks.h, for batches of B examples.
static Network make_small(size_t i, bool training, Arena *arena) {
    return make_network(NETWORKS[i].context, NETWORKS[i].layers,
                        (NetworkUse){.max_rows = B + 3, .batch = training ? B : 0}, arena);
}

static uint16_t ids[MOST_ROWS * MOST_CONTEXT];
static int32_t targets[MOST_ROWS];

static void draw_batch(void) {
    Rng rng;
    rng_seed(&rng, 6);
    for (size_t i = 0; i < COUNT(ids); i++) ids[i] = (uint16_t)rng_below(&rng, VOCAB);
    for (size_t i = 0; i < MOST_ROWS; i++) targets[i] = (int32_t)rng_below(&rng, VOCAB);
}

// The first n contexts of the batch from `first` on, or that many rows of a random tree of prefixes.
static NetworkInput make_input(const Network *network, size_t first, size_t n) {
    static Arena arena;
    static Prefixes tree;
    Error err;
    Rng rng;
    if (!network->reads_names) return (NetworkInput){.n = n, .ids = ids + first * network->context};
    if (tree.capacity == 0) ck_assert(prefixes_create(&tree, MOST_ROWS, &arena, &err));
    prefixes_clear(&tree);
    rng_seed(&rng, 7);
    while (tree.n < first + n) {
        uint32_t parent = tree.n == 0 ? ROW_NONE : (uint32_t)rng_below(&rng, tree.n);
        if (parent == ROW_NONE || tree.depths[parent] + 1 < network->context)
            prefixes_append(&tree, parent, ids[tree.n]);
    }
    return (NetworkInput){.n = n, .prefixes = &tree, .first = first};
}

// Adds the gradients of a batch of b examples and returns its loss.
static double pass(Network *network, size_t b) {
    Rng rng;
    rng_seed(&rng, 8);
    const float *logits = network_forward(network, make_input(network, 0, b), &rng);
    double loss = loss_cross_entropy(b, VOCAB, logits, targets, b, NULL, network_logit_grads(network));
    network_backward(network);
    return loss;
}

START_TEST(gradients_add_up_over_passes) {
    Arena arena = {0};
    Network network = make_small(1, true, &arena);
    float once[MOST_PARAMETERS];
    draw_batch();
    pass(&network, B);
    memcpy(once, network.grads, network.n_slab * sizeof *once);
    pass(&network, B);
    for (size_t i = 0; i < network.n_slab; i++) ck_assert_float_eq_tol(network.grads[i], 2 * once[i], 1e-6f);
    arena_free(&arena);
}
END_TEST

// For a network that reads names, this is what sampling does: one position from what the layers keep of earlier ones.
START_TEST(a_row_does_not_depend_on_the_pass_around_it) {
    draw_batch();
    for (size_t i = 0; i < N_NETWORKS; i++) {
        Arena arena = {0};
        Network network = make_small(i, false, &arena);
        float all[B * VOCAB];
        memcpy(all, network_predict(&network, make_input(&network, 0, B)), sizeof all);
        for (size_t b = 0; b < B; b++) {
            const float *one = network_predict(&network, make_input(&network, b, 1));
            ck_assert_mem_eq(one, all + b * VOCAB, VOCAB * sizeof *one);
        }
        arena_free(&arena);
    }
}
END_TEST

// 24 numbers at once are not 21 and then 3, because randn draws in groups of 16.
START_TEST(makemore_draws_the_blank_with_its_table) {
    Arena arena = {0};
    Rng rng;
    float expected[(VOCAB + 1) * 3];
    const NetworkUse use = {.max_rows = B, .batch = B};
    Network network = make_network(2,
                                   "{'type':'embedding','dim':3},{'type':'window','n':2},"
                                   "{'type':'linear','out':'vocab','weight':'torch'}",
                                   use, &arena);
    rng_seed(&rng, 5);
    rng_normals(&rng, COUNT(expected), expected);
    float next = rng_float(&rng);
    rng_seed(&rng, 5);
    network_init(&network, RANDOM_MAKEMORE, &rng);
    ck_assert_mem_eq(network.tensors[0].data, expected, VOCAB * 3 * sizeof *expected);
    ck_assert_mem_eq(network.tensors[1].data, expected + VOCAB * 3, 3 * sizeof *expected);
    ck_assert_float_eq_tol(network.tensors[2].data[0], (2 * next - 1) / sqrtf(6), 1e-6f);
    for (float *x = network.tensors[0].data + VOCAB * 3; x < network.tensors[1].data; x++) ck_assert(*x == 0);
    arena_free(&arena);
}
END_TEST

// A fused pass computes no output of the first two layers.
START_TEST(only_outputs_of_the_last_pass_are_searched) {
    Arena arena = {0};
    Network network = make_small(2, true, &arena);
    draw_batch();
    ck_assert(network.uses_tables);
    float *embedded = network.tensors[0].data + (size_t)ids[0] * network.layers[0].plan.out.c, kept = *embedded;
    network_forward(&network, make_input(&network, 0, B), NULL);
    ck_assert_uint_eq(network_find_not_finite_layer(&network), network.n_layers);
    *embedded = INFINITY;
    network_predict(&network, make_input(&network, 0, B));
    ck_assert_uint_eq(network_find_not_finite_layer(&network), 0);
    *embedded = kept;
    network_forward(&network, make_input(&network, 0, B), NULL);
    ck_assert_uint_eq(network_find_not_finite_layer(&network), network.n_layers);
    const Tensor *bias = &network.tensors[2];
    ck_assert_str_eq(bias->name, "layers.2.bias");
    bias->data[0] = INFINITY;
    network_forward(&network, make_input(&network, 0, B), NULL);
    ck_assert_uint_eq(network_find_not_finite_layer(&network), 2);
    arena_free(&arena);
}
END_TEST

// Networks of context 4 that begin with embedding, flatten and linear, with 4 VOCAB or 2 VOCAB rows in their tables.
#define FUSED_MLP                                                                                 \
    "{'type':'embedding','dim':4},{'type':'flatten'},{'type':'linear','out':20},{'type':'tanh'}," \
    "{'type':'linear','out':'vocab'}"
static const char *const FUSED[] = {
    FUSED_MLP,
    ("{'type':'embedding','dim':3},{'type':'flatten','n':2},{'type':'linear','out':9,'bias':false},"
     "{'type':'relu'},{'type':'flatten'},{'type':'linear','out':'vocab'}"),
    "{'type':'embedding','dim':5},{'type':'flatten'},{'type':'linear','out':'vocab','bias':'ones'}",
    ("{'type':'embedding','dim':3},{'type':'window','n':3},{'type':'linear','out':9},{'type':'tanh'},"
     "{'type':'linear','out':'vocab'}"),
    "{'type':'embedding','dim':5},{'type':'window','n':4,'order':'newest'},{'type':'linear','out':'vocab','bias':"
    "false}",
};

START_TEST(fused_layers_have_the_losses_and_gradients_of_the_plain_ones) {
    draw_batch();
    for (size_t i = 0; i < COUNT(FUSED); i++) {
        Arena arena = {0};
        NetworkUse use = {.max_rows = MOST_ROWS, .batch = MOST_ROWS, .names = MOST_ROWS};
        Network fused = make_network(4, FUSED[i], use, &arena);
        use.keeps_every_layer = true;
        Network plain = make_network(4, FUSED[i], use, &arena);
        ck_assert(fused.uses_tables && !plain.uses_tables);
        ck_assert_double_eq_tol(pass(&fused, MOST_ROWS), pass(&plain, MOST_ROWS), 1e-6);
        for (size_t t = 0; t < fused.n_tensors; t++) {
            const Tensor *a = &fused.tensors[t], *b = &plain.tensors[t];
            double largest = 0;
            for (size_t k = 0; k < b->n; k++) largest = fmax(largest, fabs((double)b->grad[k]));
            ck_assert_double_gt(largest, 0);
            for (size_t k = 0; k < b->n; k++)
                ck_assert_double_eq_tol((double)a->grad[k], (double)b->grad[k], 1e-5 * largest);
        }
        arena_free(&arena);
    }
}
END_TEST

// What gradcheck cannot see, because it takes the factors as drawn.
START_TEST(dropout_keeps_the_mean_in_training_and_all_in_evaluation) {
    enum { N = 10000 };
    static float x[N], y[N], factors[N];
    const double share = 0.25;
    Rng rng;
    rng_seed(&rng, 9);
    for (size_t i = 0; i < N; i++) x[i] = 3;
    LayerCall call = {.config = &share, .b = N / 10, .in = {2, 5}, .out = {2, 5}, .rng = &rng};
    call.x = x, call.y = y, call.row_cache = factors;
    dropout_layer.forward(&call);
    size_t dropped = 0;
    for (size_t i = 0; i < N; i++) {
        if (y[i] > 0)
            ck_assert_float_eq_tol(y[i], 4, 1e-6f);
        else
            dropped++;
    }
    ck_assert_double_eq_tol((double)dropped / N, share, 0.02);
    call.mode = MODE_EVALUATION;
    dropout_layer.forward(&call);
    ck_assert_mem_eq(y, x, sizeof y);
}
END_TEST

SUITE(layers, NEEDS_NOTHING) {
    ADD(gradients_add_up_over_passes);
    ADD(a_row_does_not_depend_on_the_pass_around_it);
    ADD(makemore_draws_the_blank_with_its_table);
    ADD(only_outputs_of_the_last_pass_are_searched);
    ADD(dropout_keeps_the_mean_in_training_and_all_in_evaluation);
    ADD(fused_layers_have_the_losses_and_gradients_of_the_plain_ones);
}
