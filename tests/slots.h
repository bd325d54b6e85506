// How full a hash table's slots stand, for tests of what an attacker can do to it.
#ifndef NOMEN_TESTS_SLOTS_H
#define NOMEN_TESTS_SLOTS_H

#include "testing.h"

#include <stdint.h>

// Fails unless the n entries of an open addressing table stand apart: an entry is at most as far from where its hash
// led as from the first of the entries in a row with it. In one row that would be n / 2 for each.
static inline void expect_spread(const uint32_t *slots, size_t n_slots, size_t n) {
    size_t sum = 0, run = 0, found = 0;
    for (size_t slot = 0; slot < n_slots; slot++) {
        run = slots[slot] ? run + 1 : 0;
        found += slots[slot] != 0;
        sum += run;
    }
    ck_assert_uint_eq(found, n);
    ck_assert_msg(sum < 20 * n, "%zu slots for %zu entries", sum, n);
}

#endif
