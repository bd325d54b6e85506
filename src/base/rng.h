// The random number generator MT19937 (Matsumoto and Nishimura 1998), used like PyTorch's CPU generator and Python's
// `random`, so that a run can be compared with the lectures line by line. Integers, uniforms and shuffles agree to the
// bit, normals to 1e-6 (checked against PyTorch 1.13.1: tests/golden).
#pragma once

#include "base/error.h"

#include <stdint.h>

enum { RNG_WORDS = 624 };

// Whose use of random numbers a run follows: what is drawn by which function, and in which order.
typedef enum RandomUse {
    RANDOM_LECTURES, // the split has a seed of its own; weights, then minibatches, by torch
    RANDOM_MAKEMORE, // makemore.py: one torch generator for the split, the weights and the samples
    RANDOM_MICROGPT, // microgpt: one Python generator for the order of the names, the weights and the samples
} RandomUse;

// The whole state, which a checkpoint saves.
typedef struct Rng {
    uint32_t words[RNG_WORDS];
    uint32_t next;  // index of the next word; RNG_WORDS if all are used
    bool has_spare; // rng_normals for n < 16, and rng_gauss, keep the second number of each pair
    double spare;
} Rng;

// Draws 64 bits from the system's entropy.
bool rng_system(uint64_t *bits, Error *err);

// torch.manual_seed: the classic initialisation by seed mod 2^32.
void rng_seed(Rng *rng, uint64_t seed);

// Python's random.seed: initialisation by the seed's 32-bit words.
void rng_seed_python(Rng *rng, uint64_t seed);

// Returns the tempered output; rng_u64 joins two, the first as the high half.
uint32_t rng_u32(Rng *rng);
uint64_t rng_u64(Rng *rng);

// torch.rand: uniform in [0, 1) with 24 bits (float) and 53 bits (double).
float rng_float(Rng *rng);
double rng_double(Rng *rng);

// random.random() of Python: uniform in [0, 1) with 53 bits, 27 of the first word and 26 of the second.
double rng_double_python(Rng *rng);

// torch.randint(0, n): one u32 mod n, or one u64 mod n for n >= 2^32. n > 0.
uint64_t rng_below(Rng *rng, uint64_t n);

// Draws an exponential variate with mean 1: -ln(1 - rng_double).
double rng_exponential(Rng *rng);

// torch.randn: n standard normals by Box and Muller (1958), in groups of 16 if n >= 16, else one by one.
void rng_normals(Rng *rng, size_t n, float *out);

// random.gauss(0, 1) of Python.
double rng_gauss(Rng *rng);

// Shuffle n < 2^32 items as Python's random.shuffle, or by the permutation that torch.randperm(n) draws.
void rng_shuffle_python(Rng *rng, size_t n, uint64_t *items);
void rng_shuffle_torch(Rng *rng, size_t n, uint64_t *items);
