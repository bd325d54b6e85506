#include "unit/small_network.h"

#include "kernels/pool.h"
#include "kernels/threads.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = 10000 };

typedef struct Counts {
    _Atomic unsigned char times[ITEMS];
    size_t unit;
} Counts;

static void count_items(void *context, size_t begin, size_t end) {
    Counts *counts = context;
    if (begin % counts->unit != 0) abort(); // in a thread of the pool, where an assertion could not report
    for (size_t i = begin; i < end; i++) counts->times[i]++;
}

START_TEST(every_item_is_done_once) {
    static Counts counts;
    static const size_t threads[] = {1, 2, 3, 8, 64}, sizes[] = {1, 7, 16, 17, 1000, ITEMS}, units[] = {1, 8, 16};
    for (size_t t = 0; t < 5; t++) {
        for (size_t s = 0; s < 6; s++) {
            for (size_t round = 0; round < 60; round++) {
                counts.unit = units[round % 3];
                for (size_t i = 0; i < ITEMS; i++) counts.times[i] = 0;
                pool_run(threads[t], sizes[s], counts.unit, 1 + round % 9, count_items, &counts);
                for (size_t i = 0; i < ITEMS; i++) ck_assert_uint_eq(counts.times[i], i < sizes[s]);
            }
        }
        pool_stop();
    }
}
END_TEST

// Large enough that every kind of entry is shared out.
#define WIDE(layers) \
    "{\"type\":\"embedding\",\"dim\":16},{\"type\":\"flatten\"}," layers ",{\"type\":\"linear\",\"out\":\"vocab\"}"
#define HIDDEN(rest) "{\"type\":\"linear\",\"out\":500}," rest

static void expect_same_bits(const char *layers, const char *train) {
    static const size_t threads[] = {1, 2, 3, 8};
    const Kernels *before = kernels;
    float *first = NULL;
    double first_loss = 0;
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        SmallNetwork f;
        Error err;
        double loss = 0;
        kernels_use_threads(threads[t]);
        small_network_load(&f, 3, layers, train);
        small_network_start(&f, false);
        for (int i = 0; i < 3; i++) ck_assert(trainer_step(&f.trainer, 0.1, &loss, &err));
        const Network *network = &f.trainer.model.network;
        if (t == 0) {
            first = malloc(network->n_slab * sizeof *first);
            memcpy(first, network->params, network->n_slab * sizeof *first);
            first_loss = loss;
        }
        ck_assert_mem_eq(network->params, first, network->n_slab * sizeof *first);
        ck_assert_double_eq(loss, first_loss);
        arena_free(&f.arena);
    }
    free(first);
    kernels_use_threads(1);
    kernels = before;
}

START_TEST(any_number_of_threads_gives_the_same_bits) {
    expect_same_bits(WIDE(HIDDEN("{\"type\":\"tanh\"}")), "\"steps\":1,\"batch_size\":700");
    expect_same_bits(WIDE(HIDDEN("{\"type\":\"batchnorm\"},{\"type\":\"relu\"}")), "\"steps\":1,\"batch_size\":513");
    expect_same_bits(MLP_LAYERS, "\"steps\":1,\"batch_size\":\"all\"");
    static const char *const optimizers[] = {"\"type\":\"adamw\"", "\"type\":\"sgd\",\"momentum\":0.9"};
    for (size_t i = 0; i < 2; i++) {
        char train[128];
        snprintf(train, sizeof train, "\"steps\":1,\"clip_norm\":0.1,\"optimizer\":{%s}", optimizers[i]);
        expect_same_bits(
            "{\"type\":\"embedding\",\"dim\":16},{\"type\":\"flatten\"},{\"type\":\"linear\",\"out\":9000},"
            "{\"type\":\"linear\",\"out\":\"vocab\"}",
            train);
    }
}
END_TEST

// How many threads this process has; 0 where the system does not say.
static unsigned count_threads(void) {
    static const char path[] = "/proc/self/status";
    unsigned n = 0;
    if (exists(path)) ck_assert_int_eq(sscanf(strstr(read_text(path, NULL), "\nThreads:"), "\nThreads: %u", &n), 1);
    return n;
}

START_TEST(small_work_starts_no_thread) {
    SmallNetwork f;
    Error err;
    double loss;
    unsigned n_before = count_threads();
    const Kernels *before = kernels;
    kernels_use_threads(8);
    small_network_load(&f, 3, MLP_LAYERS, "\"steps\":1");
    small_network_start(&f, false);
    for (int i = 0; i < 50; i++) ck_assert(trainer_step(&f.trainer, 0.1, &loss, &err));
    ck_assert_uint_eq(count_threads(), n_before);
    kernels_use_threads(1);
    kernels = before;
    arena_free(&f.arena);
}
END_TEST

SUITE(threads, NEEDS_NOTHING) {
    ADD(every_item_is_done_once);
    ADD(any_number_of_threads_gives_the_same_bits);
    ADD(small_work_starts_no_thread);
}
