#include "testing.h"

#include "base/rng.h"
#include "data/context_counts.h"
#include "data/idtable.h"

#include <string.h>

enum { N_STREAM = 6000, MAX_WIDTH = 70 };

static uint16_t stream[N_STREAM];
static Arena arena;
static Error err;

// Random ids below n_symbols, one in `gap` of them a boundary.
static void draw_stream(uint64_t n_symbols, uint64_t gap) {
    Rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < N_STREAM; i++) {
        uint16_t id = (uint16_t)(1 + rng_below(&rng, n_symbols - 1));
        stream[i] = rng_below(&rng, gap) == 0 ? 0 : id;
    }
}

// The window as the header says it, id by id.
static void plain_window(size_t place, size_t width, uint16_t *ids) {
    for (size_t k = width; k > 0; k--) ids[k - 1] = place > 0 && stream[place - 1] != 0 ? stream[--place] : 0;
}

START_TEST(a_window_is_cut_at_the_last_boundary_and_padded) {
    uint16_t found[MAX_WIDTH + 1], expected[MAX_WIDTH + 1];
    draw_stream(27, 7);
    for (size_t width = 0; width <= MAX_WIDTH; width += width < 5 ? 1 : 13) {
        for (size_t place = 0; place < N_STREAM; place++) {
            found[width] = 77;
            stream_window(stream, place, width, found);
            plain_window(place, width, expected);
            ck_assert_mem_eq(found, expected, width * sizeof *found);
            ck_assert_uint_eq(found[width], 77);
        }
    }
}
END_TEST

// Adds windows at places step, 2 step, ... (all of them, as step shares no factor with their number), `at_once`
// together; each must get the number that a table of copied ids gives it.
static void expect_numbers(size_t width, bool takes_target, size_t step, size_t at_once) {
    Arena slots = {0};
    ContextIndex table;
    IdTable plain;
    uint16_t ids[MAX_WIDTH + 1];
    uint32_t places[CONTEXTS_AT_ONCE], numbers[CONTEXTS_AT_ONCE];
    ck_assert(context_index_create(&table, stream, width, takes_target, N_STREAM, &arena, &slots, &err));
    ck_assert(idtable_create(&plain, &arena, width + takes_target, N_STREAM, &err));
    for (size_t i = 0; i < N_STREAM;) {
        size_t n = 0;
        for (; n < at_once && i < N_STREAM; i++) places[n++] = (uint32_t)(i * step % N_STREAM);
        ck_assert(context_index_add(&table, n, places, numbers, &err));
        for (size_t k = 0; k < n; k++) {
            plain_window(places[k], width, ids);
            ids[width] = stream[places[k]];
            ck_assert_uint_eq(numbers[k], idtable_add(&plain, ids, &err));
        }
    }
    ck_assert_uint_eq(table.n, plain.n);
    if (!takes_target) {
        Arena again = {0};
        for (int round = 0; round < 2; round++) { // with the slots as they came, then with slots made at once
            for (uint32_t i = 0; i < plain.n; i++)
                ck_assert_uint_eq(context_index_find(&table, plain.keys + i * width), i);
            ck_assert(context_index_index(&table, &again, &err));
        }
        arena_free(&again);
    }
    arena_free(&slots);
}

START_TEST(context_index_are_numbered_as_they_come) {
    static const size_t widths[] = {0, 1, 2, 3, 5, 8, MAX_WIDTH};
    static const struct {
        uint64_t n_symbols, gap;
    } streams[] = {{2, 5}, {3, 9}, {27, 7}, {27, 3}, {5, 100}, {65536, 50}};
    for (size_t s = 0; s < sizeof streams / sizeof *streams; s++) {
        draw_stream(streams[s].n_symbols, streams[s].gap);
        for (size_t w = 0; w < 2 * sizeof widths / sizeof *widths; w++) {
            bool takes_target = w % 2;
            expect_numbers(widths[w / 2], takes_target, 1, CONTEXTS_AT_ONCE);
            expect_numbers(widths[w / 2], takes_target, 1, 1);
            expect_numbers(widths[w / 2], takes_target, 7, 50);
            expect_numbers(widths[w / 2], takes_target, N_STREAM - 1, CONTEXTS_AT_ONCE);
        }
    }
}
END_TEST

START_TEST(a_window_that_is_not_there_is_not_found) {
    static const uint16_t ids[] = {1, 2, 3, 0, 1, 2, 0};
    static const uint32_t places[] = {0, 1, 2, 3, 4, 5, 6};
    static const uint16_t there[][3] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 2}, {1, 2, 3}};
    static const uint16_t missing[][3] = {{0, 0, 2}, {0, 2, 1}, {2, 1, 2}, {1, 0, 2}, {1, 0, 0}, {3, 0, 1}, {9, 9, 9}};
    ContextIndex table;
    Arena slots = {0};
    uint32_t numbers[7];
    ck_assert(context_index_create(&table, ids, 3, false, 7, &arena, &slots, &err));
    ck_assert(context_index_add(&table, 7, places, numbers, &err));
    for (uint32_t i = 0; i < 4; i++) ck_assert_uint_eq(context_index_find(&table, there[i]), i);
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        ck_assert_uint_eq(context_index_find(&table, missing[i]), CONTEXT_NONE);
    arena_free(&slots);
}
END_TEST

START_TEST(a_table_beyond_all_numbers_is_refused) {
    ContextIndex table;
    Arena slots = {0};
    uint32_t place = 0, number;
    ck_assert(context_index_create(&table, stream, 3, false, 1, &arena, &slots, &err));
    table.n = CONTEXT_NONE;
    ck_assert(!context_index_add(&table, 1, &place, &number, &err));
    ck_assert_str_eq(err.text, "more than 2147483647 distinct contexts");
    arena_free(&slots);
}
END_TEST

START_TEST(weights_add_up_in_their_pairs) {
    // a a b . a b . : "a" after the boundary, "a" and "b" after a, the boundary after b
    static const uint16_t ids[] = {1, 1, 2, 0, 1, 2, 0};
    static const uint32_t places[] = {0, 1, 2, 3, 4, 5, 6}, weights[] = {1, 20, 300, 4000, 2, 400, 5000};
    static const uint32_t first[] = {0, 1, 3, 4}, counts[] = {3, 20, 700, 9000};
    static const uint16_t targets[] = {1, 1, 2, 0}, contexts[] = {0, 1, 2};
    ContextCounter counter;
    ContextCounts found;
    Arena working = {0};
    uint16_t gathered[3];
    ck_assert(context_counter_create(&counter, ids, 1, 7, &working, &err));
    ck_assert(context_counter_add(&counter, 4, places, weights, &err));
    ck_assert(context_counter_add(&counter, 3, places + 4, weights + 4, &err));
    ck_assert(context_counts_create(&found, &counter, &arena, &err));
    context_counter_free(&counter);
    arena_free(&working); // the counts do not stand on it
    ck_assert_uint_eq(found.contexts.n, 3);
    ck_assert_uint_eq(found.total, 9723);
    ck_assert_mem_eq(found.first, first, sizeof first);
    ck_assert_mem_eq(found.targets, targets, sizeof targets);
    ck_assert_mem_eq(found.counts, counts, sizeof counts);
    ck_assert_mem_eq(context_counts_ids(&found, 0, 3, gathered), contexts, sizeof contexts);
    ck_assert_mem_eq(context_counts_ids(&found, 1, 2, gathered), contexts + 1, 2 * sizeof *contexts);
}
END_TEST

START_TEST(nothing_counted_gives_no_rows) {
    ContextCounter counter;
    ContextCounts counts;
    ck_assert(context_counter_create(&counter, stream, 3, 0, &arena, &err));
    ck_assert(context_counts_create(&counts, &counter, &arena, &err));
    context_counter_free(&counter);
    ck_assert_uint_eq(counts.contexts.n, 0);
    ck_assert_uint_eq(counts.first[0], 0);
    ck_assert_uint_eq(counts.total, 0);
}
END_TEST

START_TEST(counts_reach_32_bits_and_no_further) {
    static const uint16_t ids[] = {1, 0};
    static const uint32_t place = 1;
    ContextCounter counter;
    ck_assert(context_counter_create(&counter, ids, 1, 1, &arena, &err));
    ck_assert(context_counter_add(&counter, 1, &place, &(uint32_t){UINT32_MAX - 1}, &err));
    ck_assert(context_counter_add(&counter, 1, &place, NULL, &err));
    ck_assert_uint_eq(counter.counts[0], UINT32_MAX);
    ck_assert(!context_counter_add(&counter, 1, &place, NULL, &err));
    ck_assert_str_eq(err.text, "a count above 4294967295");
    context_counter_free(&counter);
}
END_TEST

SUITE(contexts, NEEDS_NOTHING) {
    ADD(a_window_is_cut_at_the_last_boundary_and_padded);
    ADD(context_index_are_numbered_as_they_come);
    ADD(a_window_that_is_not_there_is_not_found);
    ADD(a_table_beyond_all_numbers_is_refused);
    ADD(weights_add_up_in_their_pairs);
    ADD(nothing_counted_gives_no_rows);
    ADD(counts_reach_32_bits_and_no_further);
}
