// Threads: a range is computed once, and any number of threads gives the bits of one.
#include "unit/kernel_calls.h"

#include "kernels/pool.h"
#include "kernels/threads.h"

#include <stdatomic.h>

enum { ITEMS = 10000 };

typedef struct Counts {
    _Atomic unsigned char times[ITEMS];
    size_t unit;
} Counts;

static void count_items(void *context, size_t begin, size_t end) {
    Counts *counts = context;
    if (begin % counts->unit != 0) abort(); // in a thread of the pool, where an assertion cannot report
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

// The shape is large enough that every entry is shared.
START_TEST(any_number_of_threads_gives_the_same_bits) {
    static const size_t threads[] = {3, 8};
    CallArrays original = {0}, want = {0}, got = {0};
    const Kernels *before = kernels;
    Rng rng;
    rng_seed(&rng, 1);
    set_shape(&original, 1023, 600, 20);
    fill_arrays(&original, &rng);
    for (size_t i = 0; i < N_CALLS; i++) {
        copy_arrays(&want, &original);
        const char *entry = make_call(i, before, &want);
        for (size_t t = 0; t < 2; t++) {
            kernels_use_threads(threads[t]);
            copy_arrays(&got, &original);
            make_call(i, kernels, &got);
            expect_same_arrays(&got, &want, entry, "threads");
        }
    }
    kernels_use_threads(1);
    kernels = before;
}
END_TEST

SUITE(threads, NEEDS_NOTHING) {
    ADD(every_item_is_done_once);
    ADD(any_number_of_threads_gives_the_same_bits);
}
