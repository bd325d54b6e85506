// Names and contexts chosen to collide do not slow down hash tables.
#include "testing.h"

#include "base/buffer.h"
#include "data/context_index.h"
#include "data/names.h"

#include <string.h>

enum { N = 2000, SAME_BITS = 0xFFF };

static Arena arena;
static Error err;

// Fails unless the entries are spread: on average an entry is few slots from the first of its run of taken slots. In
// one run it would be N / 2.
static void expect_spread(const HashSlots *slots) {
    size_t sum = 0, run = 0, found = 0;
    ck_assert_uint_eq(slots->mask, SAME_BITS);
    for (size_t slot = 0; slot <= slots->mask; slot++) {
        run = slots->at[slot] ? run + 1 : 0;
        found += slots->at[slot] != 0;
        sum += run;
    }
    ck_assert_uint_eq(found, N);
    ck_assert_msg(sum < 20 * N, "%zu slots for %d entries", sum, N);
}

START_TEST(sums_are_taken_modulo_the_prime) {
    static const uint64_t numbers[] = {0, 1, 2, 0xFFFF, ((uint64_t)1 << 60) - 1, HASH_PRIME - 2, HASH_PRIME - 1};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        for (size_t k = 0; k < COUNT(numbers); k++) {
            HashProduct product = (HashProduct)numbers[i] * numbers[k];
            ck_assert(hash_reduce(product) == (uint64_t)(product % HASH_PRIME));
            ck_assert(hash_reduce(product + HASH_PRIME) == (uint64_t)(product % HASH_PRIME));
        }
    }
    HashProduct most = ((HashProduct)HASH_PRIME << 61) - 1;
    ck_assert(hash_reduce(most) == (uint64_t)(most % HASH_PRIME));
}
END_TEST

START_TEST(each_table_draws_its_base) {
    HashSlots a, b;
    ck_assert(hash_slots_create(&a, 1, &arena, &err) && hash_slots_create(&b, 1, &arena, &err));
    ck_assert(a.base != b.base && a.base > 0 && a.base < (uint64_t)1 << 60);
}
END_TEST

// FNV-1a (Fowler, Noll and Vo 1991), a hash that an author of names can compute.
static uint64_t known_hash(const char *bytes, size_t n) {
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)bytes[i]) * 0x100000001B3u;
    return h ^ h >> 32;
}

START_TEST(names_chosen_to_collide_do_not) {
    Buffer text = {.arena = &arena};
    for (int i = 0, n = 0; n < N; i++) {
        const char *name = textf("n%d", i);
        if ((known_hash(name, strlen(name)) & SAME_BITS) != 0) continue;
        buffer_print(&text, "%s\n", name);
        n++;
    }
    NameList list;
    write_bytes(scratch("names.txt"), text.bytes, text.n);
    ck_assert(names_read(&list, scratch("names.txt"), NULL, &arena, &err));
    NameSet set;
    ck_assert(name_set_create(&set, &list, &arena, &err));
    expect_spread(&set.slots);
}
END_TEST

// Modulo a power of two, contexts that differ in the upper bits of one id alone would collide at any base.
START_TEST(contexts_chosen_to_collide_do_not) {
    for (size_t k = 0; k < 4; k++) {
        uint16_t stream[4 * N] = {0};
        ContextIndex index;
        ck_assert(context_index_create(&index, stream, 4, false, N, &arena, NULL, &err));
        for (uint16_t i = 0; i < N; i++) {
            uint16_t *ids = stream + (size_t)4 * i;
            for (size_t j = 0; j < 4; j++) ids[j] = 5;
            ids[k] = (uint16_t)(16 * (i + 1));
            ck_assert_uint_eq(context_index_insert(&index, ids, 4u * i + 4), i);
        }
        expect_spread(&index.slots);
    }
}
END_TEST

SUITE(hash, NEEDS_NOTHING) {
    ADD(sums_are_taken_modulo_the_prime);
    ADD(each_table_draws_its_base);
    ADD(names_chosen_to_collide_do_not);
    ADD(contexts_chosen_to_collide_do_not);
}
