// Hash tables that the author of a file cannot make collide. The hash of the words w_1 .. w_n, each below 2^60, is the
// polynomial
//
//     w_1 B^(n-1) + w_2 B^(n-2) + ... + w_n     mod 2^61 - 1
//
// at a base B that the system draws for each table: two different texts of n words agree for at most n of all 2^60
// bases (Carter and Wegman 1979). The base changes the speed of a table, never its result.
#pragma once

#include "base/arena.h"

#include <stdint.h>

#define HASH_PRIME (((uint64_t)1 << 61) - 1)

__extension__ typedef unsigned __int128 HashProduct;

// Returns x mod HASH_PRIME for x < 2^61 HASH_PRIME: 2^61 is 1.
static inline uint64_t hash_reduce(HashProduct x) {
    uint64_t sum = ((uint64_t)x & HASH_PRIME) + (uint64_t)(x >> 61);
    return sum >= HASH_PRIME ? sum - HASH_PRIME : sum;
}

// Appends a word to the polynomial.
static inline uint64_t hash_add(uint64_t sum, uint64_t base, uint64_t word) {
    return hash_reduce((HashProduct)sum * base + word);
}

// Mixes the finished sum (MurmurHash3's last step for 64 bits, Appleby). The sum is multiplied by the base first,
// because the last word enters it unchanged.
static inline uint64_t hash_end(uint64_t sum, uint64_t base) {
    sum = hash_add(sum, base, 0);
    sum = (sum ^ sum >> 33) * 0xFF51AFD7ED558CCDu;
    sum = (sum ^ sum >> 33) * 0xC4CEB9FE1A85EC53u;
    return sum ^ sum >> 33;
}

// The slots of a table of numbered items with open addressing. A search starts at slots.at[hash & mask] and goes on to
// the next slot until it finds the item or a free slot.
typedef struct HashSlots {
    uint32_t *at;  // 0 if free, else the item's number + 1 in the bits of `mask` and bits of its hash in the others
    uint32_t mask; // number of slots - 1; the number is a power of two and at least twice that of the items
    uint64_t base;
} HashSlots;

// Makes free slots for n_items < 2^31 items, and draws a base.
bool hash_slots_create(HashSlots *slots, size_t n_items, Arena *arena, Error *err);

// The value of a slot that holds the item with this number.
static inline uint32_t hash_slots_value(const HashSlots *slots, uint64_t hash, uint32_t number) {
    return ((uint32_t)(hash >> 32) & ~slots->mask) | (number + 1);
}

// Returns true if the bits of the hash in a slot's value agree, so that the item has to be compared.
static inline bool hash_slots_match(const HashSlots *slots, uint32_t value, uint64_t hash) {
    return ((value ^ (uint32_t)(hash >> 32)) & ~slots->mask) == 0;
}

static inline uint32_t hash_slots_number(const HashSlots *slots, uint32_t value) { return (value & slots->mask) - 1; }
