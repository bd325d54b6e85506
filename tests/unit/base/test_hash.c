// What names or contexts chosen to collide can do to hash tables: nothing.
#include "testing.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "data/context_index.h"
#include "data/idtable.h"
#include "data/names.h"

#include <stdio.h>
#include <string.h>

static Arena arena;
static Error err;

// Fails unless the n entries of an open addressing table stand apart: an entry is at most as far from where its hash
// led as from the first of the entries in a row with it. In one row that would be n / 2 for each.
static void expect_spread(const uint32_t *slots, size_t n_slots, size_t n) {
    size_t sum = 0, run = 0, found = 0;
    for (size_t slot = 0; slot < n_slots; slot++) {
        run = slots[slot] ? run + 1 : 0;
        found += slots[slot] != 0;
        sum += run;
    }
    ck_assert_uint_eq(found, n);
    ck_assert_msg(sum < 20 * n, "%zu slots for %zu entries", sum, n);
}

START_TEST(sums_are_taken_modulo_the_prime) {
    static const uint64_t numbers[] = {0, 1, 2, 0xFFFF, ((uint64_t)1 << 60) - 1, HASH_PRIME - 2, HASH_PRIME - 1};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            HashProduct product = (HashProduct)numbers[i] * numbers[k];
            ck_assert(hash_reduce(product) == (uint64_t)(product % HASH_PRIME));
            ck_assert(hash_reduce(product + HASH_PRIME) == (uint64_t)(product % HASH_PRIME));
        }
    }
    HashProduct most = ((HashProduct)HASH_PRIME << 61) - 1;
    ck_assert(hash_reduce(most) == (uint64_t)(most % HASH_PRIME));
}
END_TEST

START_TEST(every_base_is_another) {
    uint64_t first, second;
    ck_assert(hash_draw_base(&first, &err) && hash_draw_base(&second, &err));
    ck_assert(first != second && first > 0 && first < (uint64_t)1 << 60 && second > 0 && second < (uint64_t)1 << 60);
}
END_TEST

// Of a name as the sets of an earlier version had it: FNV-1a (Fowler, Noll and Vo 1991), that any file's author knows.
static uint64_t name_hash(const char *bytes, size_t n) {
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)bytes[i]) * 0x100000001B3u;
    return h ^ h >> 32;
}

START_TEST(names_chosen_to_collide_do_not) {
    enum { N = 2000, SAME_BITS = 0xFFF };
    Buffer text = {.arena = &arena};
    for (int i = 0, n = 0; n < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        if ((name_hash(name, strlen(name)) & SAME_BITS) != 0) continue;
        buffer_print(&text, "%s\n", name);
        n++;
    }
    NameList list;
    write_bytes(scratch("names.txt"), text.bytes, text.n);
    ck_assert(names_read(&list, scratch("names.txt"), &arena, &err));
    NameSet set;
    ck_assert(nameset_create(&set, &list, &arena, &err));
    ck_assert_uint_eq(set.n_slots, SAME_BITS + 1);
    expect_spread(set.slots, set.n_slots, N);
}
END_TEST

// Of tuples that differ in the upper bits of one id alone a product modulo 2^64 hardly differs, whatever its factor.
START_TEST(tuples_chosen_to_collide_do_not) {
    enum { N = 2000 };
    IdTable table;
    for (size_t place = 0; place < 4; place++) {
        ck_assert(idtable_create(&table, &arena, 4, N, &err));
        for (uint16_t i = 0; i < N; i++) {
            uint16_t ids[] = {5, 5, 5, 5};
            ids[place] = (uint16_t)(16 * i);
            ck_assert_uint_eq(idtable_add(&table, ids, &err), i);
        }
        expect_spread(table.slots, table.n_slots, N);
    }
}
END_TEST

// Of an id and its target as the tables of an earlier version had it: at a base that any file's author knows.
static uint64_t window_hash(uint64_t id, uint64_t target) {
    uint64_t h = id * 0x9E3779B97F4A7C15u + target;
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCDu;
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53u;
    return h ^ h >> 33;
}

START_TEST(context_index_chosen_to_collide_do_not) {
    enum { N = 2000, SAME_BITS = 0xFFF };
    static uint16_t stream[3 * N];
    uint32_t n = 0;
    for (uint16_t id = 1; n < N; id++) {
        for (uint16_t target = 1; target < UINT16_MAX && n < N; target++) {
            if ((window_hash(id, target) & SAME_BITS) != 0) continue;
            stream[3 * n] = id;
            stream[3 * n + 1] = target;
            stream[3 * n++ + 2] = 0;
        }
    }
    ContextIndex table;
    Arena slots = {0};
    ck_assert(context_index_create(&table, stream, 1, true, N, &arena, &slots, &err));
    for (uint32_t i = 0, number; i < N; i++) {
        uint32_t place = 3 * i + 1;
        ck_assert(context_index_add(&table, 1, &place, &number, &err));
        ck_assert_uint_eq(number, i);
    }
    ck_assert_uint_eq(table.n_slots, SAME_BITS + 1);
    expect_spread(table.slots, table.n_slots, N);
    arena_free(&slots);
}
END_TEST

SUITE(hash, NEEDS_NOTHING) {
    ADD(sums_are_taken_modulo_the_prime);
    ADD(every_base_is_another);
    ADD(names_chosen_to_collide_do_not);
    ADD(tuples_chosen_to_collide_do_not);
    ADD(context_index_chosen_to_collide_do_not);
}
