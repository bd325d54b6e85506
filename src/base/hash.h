// Hash tables of numbered items. The hash of the words w_1 .. w_n is the polynomial
//
//     w_1 B^(n-1) + w_2 B^(n-2) + ... + w_n     mod 2^64
//
// whose terms can be added and removed at both ends, mixed at the end.
#ifndef NOMEN_BASE_HASH_H
#define NOMEN_BASE_HASH_H

#include "base/arena.h"

#include <stdint.h>

#define HASH_BASE ((uint64_t)0x9E3779B97F4A7C15u) // 2^64 divided by the golden ratio: an odd number without a pattern

// Appends a word to the polynomial.
static inline uint64_t hash_add(uint64_t sum, uint64_t word) { return sum * HASH_BASE + word; }

// Mixes the finished sum (MurmurHash3's last step for 64 bits, Appleby).
static inline uint64_t hash_end(uint64_t sum) {
    sum = (sum ^ sum >> 33) * 0xFF51AFD7ED558CCDu;
    sum = (sum ^ sum >> 33) * 0xC4CEB9FE1A85EC53u;
    return sum ^ sum >> 33;
}

// The slots of a table of numbered items with open addressing. A search starts at slots.at[hash & mask] and goes on to
// the next slot until it finds the item or a free slot.
typedef struct HashSlots {
    uint32_t *at;  // 0 if free, else the item's number + 1 in the bits of `mask` and bits of its hash in the others
    uint32_t mask; // number of slots - 1; the number is a power of two and at least twice that of the items
} HashSlots;

// Makes free slots for n_items < 2^31 items.
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

#endif
