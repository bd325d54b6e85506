// Hashes that the author of a file cannot make collide. Of the words w_1 .. w_n, each below 2^60, it is the polynomial
//
//     w_1 B^(n-1) + w_2 B^(n-2) + ... + w_n     mod 2^61 - 1
//
// at a base B that the system draws for each table: two different texts of n words agree for n of all 2^60 bases at
// most (Carter and Wegman 1979), whoever chose them. Modulo a power of two some always would. What a table says never
// depends on B, only how long it looks.
#ifndef NOMEN_BASE_HASH_H
#define NOMEN_BASE_HASH_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define HASH_PRIME (((uint64_t)1 << 61) - 1)

__extension__ typedef unsigned __int128 HashProduct;

// Draws a base. An error where the system gives no random bytes.
bool hash_draw_base(uint64_t *base, Error *err);

// x mod HASH_PRIME for x < 2^61 HASH_PRIME: 2^61 is 1.
static inline uint64_t hash_reduce(HashProduct x) {
    uint64_t sum = ((uint64_t)x & HASH_PRIME) + (uint64_t)(x >> 61);
    return sum >= HASH_PRIME ? sum - HASH_PRIME : sum;
}

// The polynomial with one word more.
static inline uint64_t hash_add(uint64_t sum, uint64_t base, uint64_t word) {
    return hash_reduce((HashProduct)sum * base + word);
}

// What a table goes by: the sum times the base, as the last word stands in it as it is, and MurmurHash3's last step for
// 64 bits (Appleby), with which every bit of that reaches every bit of the hash.
static inline uint64_t hash_end(uint64_t sum, uint64_t base) {
    sum = hash_add(sum, base, 0);
    sum = (sum ^ sum >> 33) * 0xFF51AFD7ED558CCDu;
    sum = (sum ^ sum >> 33) * 0xC4CEB9FE1A85EC53u;
    return sum ^ sum >> 33;
}

#endif
