// Embedding, flatten and linear fused by tables against the three layers one after another.
#include "unit/small_network.h"

#include <math.h>

static const char *const LAYERS[] = {
    MLP_LAYERS,
    "{\"type\":\"embedding\",\"dim\":3},{\"type\":\"flatten\",\"n\":2},{\"type\":\"linear\",\"out\":9,\"bias\":false},"
    "{\"type\":\"relu\"},{\"type\":\"flatten\"},{\"type\":\"linear\",\"out\":\"vocab\"}",
    "{\"type\":\"embedding\",\"dim\":5},{\"type\":\"flatten\"},{\"type\":\"linear\",\"out\":\"vocab\",\"bias\":"
    "\"ones\"}",
};

enum { N_LAYERS = sizeof LAYERS / sizeof *LAYERS };

START_TEST(losses_and_gradients_are_those_of_the_plain_layers) {
    for (size_t i = 0; i < N_LAYERS; i++) {
        SmallNetwork fast, plain;
        small_network_load(&fast, 4, LAYERS[i], "\"steps\":1,\"batch_size\":300");
        small_network_load(&plain, 4, LAYERS[i], "\"steps\":1,\"batch_size\":300");
        small_network_start(&fast, false);
        small_network_start(&plain, true);
        const Network *a = &fast.trainer.model.network, *b = &plain.trainer.model.network;
        ck_assert(a->uses_tables && !b->uses_tables);
        ck_assert_double_eq_tol(trainer_backward(&fast.trainer), trainer_backward(&plain.trainer), 1e-6);
        for (size_t t = 0; t < a->n_tensors; t++) {
            double largest = 0;
            for (size_t k = 0; k < b->tensors[t].n; k++) largest = fmax(largest, fabs((double)b->tensors[t].grad[k]));
            ck_assert_double_gt(largest, 0);
            for (size_t k = 0; k < b->tensors[t].n; k++)
                ck_assert_double_eq_tol((double)a->tensors[t].grad[k], (double)b->tensors[t].grad[k], 1e-5 * largest);
        }
        arena_free(&fast.arena), arena_free(&plain.arena);
    }
}
END_TEST

START_TEST(the_config_alone_decides) {
    static const struct {
        const char *train;
        bool uses_tables;
    } cases[] = {{"\"steps\":1", false}, // 32 rows, 4 x 27 in the tables
                 {"\"steps\":1,\"batch_size\":108", false},
                 {"\"steps\":1,\"batch_size\":109", true},
                 {"\"steps\":1,\"batch_size\":\"all\"", true}};
    for (size_t i = 0; i < 4; i++) {
        SmallNetwork f;
        small_network_load(&f, 4, MLP_LAYERS, cases[i].train);
        ck_assert_uint_eq(f.dataset.vocab.n, 27);
        small_network_start(&f, false);
        ck_assert(f.trainer.model.network.uses_tables == cases[i].uses_tables);
        arena_free(&f.arena);
    }
    SmallNetwork f;
    small_network_load(&f, 1, "{\"type\":\"embedding\",\"dim\":\"vocab\"}", "\"steps\":1,\"batch_size\":\"all\"");
    small_network_start(&f, false);
    ck_assert(!f.trainer.model.network.uses_tables);
    arena_free(&f.arena);
}
END_TEST

SUITE(embedding_linear, NEEDS_NOTHING) {
    ADD(losses_and_gradients_are_those_of_the_plain_layers);
    ADD(the_config_alone_decides);
}
