#include "testing.h"

#include "base/rng.h"
#include "data/idtable.h"

#include <string.h>

enum { MAX_WIDTH = 3, N_TUPLES = 6000 };

static uint16_t tuples[N_TUPLES][MAX_WIDTH];
static Arena arena;
static Error err;

// Random tuples of ids below `n_symbols`, so that many come again.
static void draw_tuples(uint64_t n_symbols) {
    Rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < N_TUPLES; i++)
        for (size_t k = 0; k < MAX_WIDTH; k++) tuples[i][k] = (uint16_t)rng_below(&rng, n_symbols);
}

// The first tuple equal to tuple i in its first `width` ids.
static size_t first_like(size_t i, size_t width) {
    size_t j = 0;
    while (j < i && memcmp(tuples[j], tuples[i], width * sizeof **tuples) != 0) j++;
    return j;
}

// Adds the tuples one by one to a table that is empty; tuple i must get the number that a plain search gives it.
static void expect_numbers(IdTable *table, size_t width) {
    static uint32_t number[N_TUPLES];
    uint32_t n = 0;
    for (size_t i = 0; i < N_TUPLES; i++) {
        size_t first = first_like(i, width);
        if (first == i) ck_assert_uint_eq(idtable_find(table, tuples[i]), IDTABLE_NONE);
        number[i] = first == i ? n++ : number[first];
        ck_assert_uint_eq(idtable_add(table, tuples[i], &err), number[i]);
        ck_assert_uint_eq(table->n, n);
    }
    for (size_t i = 0; i < N_TUPLES; i++) {
        ck_assert_uint_eq(idtable_find(table, tuples[i]), number[i]);
        ck_assert_int_eq(memcmp(table->keys + number[i] * width, tuples[i], width * sizeof **tuples), 0);
    }
    ck_assert_uint_ge(table->n_slots, 2 * table->capacity);
}

static void expect_table(size_t width, size_t capacity, uint64_t n_symbols, size_t n_distinct) {
    IdTable table;
    draw_tuples(n_symbols);
    ck_assert(idtable_create(&table, &arena, width, capacity, &err));
    expect_numbers(&table, width);
    if (n_distinct) ck_assert_uint_eq(table.n, n_distinct);
    idtable_clear(&table);
    ck_assert_uint_eq(table.n, 0);
    for (size_t i = 0; i < N_TUPLES; i++) ck_assert_uint_eq(idtable_find(&table, tuples[i]), IDTABLE_NONE);
    draw_tuples(n_symbols + 1);
    expect_numbers(&table, width);
}

START_TEST(tuples_of_no_ids_are_all_one) { expect_table(0, 1, 30, 1); }
END_TEST

START_TEST(single_ids_are_numbered_as_they_come) {
    expect_table(1, 1024, 27, 27);
    expect_table(1, 1, 65535, 0);
}
END_TEST

START_TEST(triples_are_numbered_as_they_come_while_the_table_doubles) {
    expect_table(3, 1, 10, 0); // ten doublings
    expect_table(3, 1024, 12, 0);
    expect_table(3, 5, 65535, N_TUPLES);
}
END_TEST

START_TEST(a_table_may_begin_with_no_room) { expect_table(2, 0, 27, 0); }
END_TEST

START_TEST(ids_in_another_order_are_another_tuple) {
    static const uint16_t ab[] = {1, 2}, ba[] = {2, 1}, aa[] = {1, 1}, top[] = {65535, 65535};
    IdTable table;
    ck_assert(idtable_create(&table, &arena, 2, 4, &err));
    ck_assert_uint_eq(idtable_add(&table, ab, &err), 0);
    ck_assert_uint_eq(idtable_find(&table, ba), IDTABLE_NONE);
    ck_assert_uint_eq(idtable_add(&table, ba, &err), 1);
    ck_assert_uint_eq(idtable_add(&table, aa, &err), 2);
    ck_assert_uint_eq(idtable_add(&table, top, &err), 3);
    ck_assert_uint_eq(idtable_find(&table, ab), 0);
    ck_assert_uint_eq(idtable_find(&table, top), 3);
}
END_TEST

START_TEST(a_table_beyond_all_numbers_is_refused) {
    IdTable table;
    ck_assert(!idtable_create(&table, &arena, 3, IDTABLE_NONE, &err));
    ck_assert_str_eq(err.text, "more than 2147483647 distinct contexts");
}
END_TEST

SUITE(idtable, NEEDS_NOTHING) {
    ADD(tuples_of_no_ids_are_all_one);
    ADD(single_ids_are_numbered_as_they_come);
    ADD(triples_are_numbered_as_they_come_while_the_table_doubles);
    ADD(a_table_may_begin_with_no_room);
    ADD(ids_in_another_order_are_another_tuple);
    ADD(a_table_beyond_all_numbers_is_refused);
}
