#include "base/rng.h"

#include "base/real.h"

#include <math.h>
#include <sys/random.h>
#include <unistd.h>

enum { SHIFT = 397, NORMAL_GROUP = 16, SWAPS_AT_ONCE = 64 };

bool rng_system(uint64_t *bits, Error *err) {
    return getentropy(bits, sizeof *bits) == 0 || error_system(err, "random bytes");
}

void rng_seed(Rng *rng, uint64_t seed) {
    *rng = (Rng){.next = RNG_WORDS};
    rng->words[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < RNG_WORDS; i++) {
        uint32_t last = rng->words[i - 1];
        rng->words[i] = 1812433253u * (last ^ last >> 30) + i;
    }
}

void rng_seed_python(Rng *rng, uint64_t seed) {
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t n_key = key[1] ? 2 : 1, *w = rng->words;
    rng_seed(rng, 19650218u);
    uint32_t i = 1, j = 0;
    for (uint32_t k = 0; k < RNG_WORDS; k++) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1664525u) + key[j] + j;
        if (++i >= RNG_WORDS) {
            w[0] = w[RNG_WORDS - 1];
            i = 1;
        }
        if (++j >= n_key) j = 0;
    }
    for (uint32_t k = 1; k < RNG_WORDS; k++) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1566083941u) - i;
        if (++i >= RNG_WORDS) {
            w[0] = w[RNG_WORDS - 1];
            i = 1;
        }
    }
    w[0] = 0x80000000u;
}

static void refill(Rng *rng) {
    uint32_t *w = rng->words;
    for (int i = 0; i < RNG_WORDS; i++) {
        int after = i + 1 < RNG_WORDS ? i + 1 : 0, shifted = i < RNG_WORDS - SHIFT ? i + SHIFT : i + SHIFT - RNG_WORDS;
        uint32_t y = (w[i] & 0x80000000u) | (w[after] & 0x7FFFFFFFu);
        w[i] = w[shifted] ^ y >> 1 ^ (y & 1 ? 0x9908B0DFu : 0);
    }
    rng->next = 0;
}

uint32_t rng_u32(Rng *rng) {
    if (rng->next >= RNG_WORDS) refill(rng);
    uint32_t y = rng->words[rng->next++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680u;
    y ^= y << 15 & 0xEFC60000u;
    return y ^ y >> 18;
}

uint64_t rng_u64(Rng *rng) {
    uint64_t high = rng_u32(rng);
    return high << 32 | rng_u32(rng);
}

float rng_float(Rng *rng) { return (float)(rng_u32(rng) & 0xFFFFFFu) * 0x1p-24f; }

double rng_double(Rng *rng) { return (double)(rng_u64(rng) & 0x1FFFFFFFFFFFFFu) * 0x1p-53; }

double rng_double_python(Rng *rng) {
    uint32_t high = rng_u32(rng) >> 5, low = rng_u32(rng) >> 6;
    return ((double)high * 0x1p26 + (double)low) * 0x1p-53;
}

uint64_t rng_below(Rng *rng, uint64_t n) { return n >> 32 ? rng_u64(rng) % n : rng_u32(rng) % n; }

double rng_exponential(Rng *rng) { return -real_log(1 - rng_double(rng)); }

// The first eight uniforms give the radii, the last eight the angles; PyTorch keeps both in float.
static void normal_group(float x[NORMAL_GROUP]) {
    const float two_pi = 6.283185307179586f;
    for (int j = 0; j < NORMAL_GROUP / 2; j++) {
        float u1 = 1 - x[j], angle = two_pi * x[j + 8];
        float radius = (float)sqrt(-2 * real_log(u1));
        double sine, cosine;
        real_sincos(angle, &sine, &cosine);
        x[j] = (float)(radius * cosine);
        x[j + 8] = (float)(radius * sine);
    }
}

// Returns a standard normal. Two uniforms, the first for the angle, make two normals; the next call returns the second.
static double one_normal(Rng *rng, double (*uniform)(Rng *rng)) {
    if (rng->has_spare) {
        rng->has_spare = false;
        return rng->spare;
    }
    double turn = uniform(rng), u2 = uniform(rng), sine, cosine;
    double radius = sqrt(-2 * real_log(1 - u2));
    real_sincos(6.283185307179586 * turn, &sine, &cosine);
    rng->has_spare = true;
    rng->spare = radius * sine;
    return radius * cosine;
}

double rng_gauss(Rng *rng) { return one_normal(rng, rng_double_python); }

void rng_normals(Rng *rng, size_t n, float *out) {
    if (n < NORMAL_GROUP) {
        for (size_t i = 0; i < n; i++) out[i] = (float)one_normal(rng, rng_double);
        return;
    }
    for (size_t i = 0; i < n; i++) out[i] = rng_float(rng);
    for (size_t i = 0; i + NORMAL_GROUP <= n; i += NORMAL_GROUP) normal_group(out + i);
    if (n % NORMAL_GROUP == 0) return;
    float *last = out + n - NORMAL_GROUP; // a partial group at the end is replaced: the last sixteen are drawn again
    for (size_t i = 0; i < NORMAL_GROUP; i++) last[i] = rng_float(rng);
    normal_group(last);
}

static uint32_t below_python(Rng *rng, uint32_t n) {
    int unused_bits = __builtin_clz(n);
    uint32_t draw;
    do draw = rng_u32(rng) >> unused_bits;
    while (draw >= n);
    return draw;
}

// Swaps items[i] with items[with[0]], the item after or before it with items[with[1]], and so on.
static void swap(uint64_t *items, size_t n, size_t i, int step, const uint32_t *with) {
    for (size_t k = 0; k < n; k++, i += (size_t)step) {
        uint64_t item = items[i];
        items[i] = items[with[k]];
        items[with[k]] = item;
    }
}

// A large array lies outside the caches. What is swapped does not depend on earlier swaps, so it is prefetched.
void rng_shuffle_python(Rng *rng, size_t n, uint64_t *items) {
    uint32_t with[SWAPS_AT_ONCE];
    for (size_t left = n, k; left > 1; left -= k) {
        for (k = 0; k < SWAPS_AT_ONCE && left - k > 1; k++) {
            with[k] = below_python(rng, (uint32_t)(left - k));
            __builtin_prefetch(&items[with[k]], 1);
        }
        swap(items, k, left - 1, -1, with);
    }
}

void rng_shuffle_torch(Rng *rng, size_t n, uint64_t *items) {
    uint32_t with[SWAPS_AT_ONCE];
    for (size_t i = 0, k; i + 1 < n; i += k) {
        for (k = 0; k < SWAPS_AT_ONCE && i + k + 1 < n; k++) {
            with[k] = (uint32_t)(i + k + rng_below(rng, n - i - k));
            __builtin_prefetch(&items[with[k]], 1);
        }
        swap(items, k, i, 1, with);
    }
}
