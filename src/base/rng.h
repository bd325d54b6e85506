// The one random-number generator: MT19937 (Matsumoto and Nishimura 1998), read as PyTorch's CPU generator
// and Python's `random` read it, so that a run can be compared with the lecture's line by line. Integers,
// uniforms and shuffles agree to the bit, normals to 1e-6 (checked against PyTorch 1.13.1: tests/golden).
#ifndef NOMEN_BASE_RNG_H
#define NOMEN_BASE_RNG_H

#include "base/error.h"

#include <stdint.h>

enum { RNG_WORDS = 624 };

// The whole state; it goes into a checkpoint.
typedef struct Rng {
    uint32_t words[RNG_WORDS];
    uint32_t next;  // index of the next word, RNG_WORDS when all are used
    bool has_spare; // a small normal fill keeps the second of each pair it makes
    double spare;
} Rng;

// Draws 64 bits from the system's entropy.
bool rng_system(uint64_t *bits, Error *err);

// torch.manual_seed: the classic initialisation by seed mod 2^32.
void rng_seed(Rng *rng, uint64_t seed);

// Python's random.seed: initialisation by the seed's 32-bit words.
void rng_seed_python(Rng *rng, uint64_t seed);

// The tempered output, and two of them as one (the first is the high half).
uint32_t rng_u32(Rng *rng);
uint64_t rng_u64(Rng *rng);

// torch.rand: [0, 1) with 24 bits (float) and with 53 bits (double).
float rng_float(Rng *rng);
double rng_double(Rng *rng);

// torch.randint(0, n): one u32 mod n, or one u64 mod n for n >= 2^32. n > 0.
uint64_t rng_below(Rng *rng, uint64_t n);

// One exponential variate with mean 1: -ln(1 - rng_double).
double rng_exponential(Rng *rng);

// torch.randn: n standard normals by Box and Muller (1958), in groups of 16 for n >= 16, one by one below.
void rng_normals(Rng *rng, size_t n, float *out);

// random.shuffle of the n <= 2^32 - 1 items.
void rng_shuffle_python(Rng *rng, size_t n, uint32_t *items);

#endif
