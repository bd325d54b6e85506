#include "base/sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64 };

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2).
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

// One of the 64 steps (section 6.2.2, step 3). The callers rotate the names of the variables instead of their values.
static inline void step(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f, uint32_t g,
                        uint32_t *h, uint32_t k_plus_w) {
    uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25), choice = g ^ (e & (f ^ g));
    uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22), majority = (a & b) | (c & (a | b));
    uint32_t t1 = *h + s1 + choice + k_plus_w;
    *d += t1;
    *h = t1 + s0 + majority;
}

static void compress(uint32_t state[8], const unsigned char *block) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i += 8) {
        step(a, b, c, &d, e, f, g, &h, K[i] + w[i]);
        step(h, a, b, &c, d, e, f, &g, K[i + 1] + w[i + 1]);
        step(g, h, a, &b, c, d, e, &f, K[i + 2] + w[i + 2]);
        step(f, g, h, &a, b, c, d, &e, K[i + 3] + w[i + 3]);
        step(e, f, g, &h, a, b, c, &d, K[i + 4] + w[i + 4]);
        step(d, e, f, &g, h, a, b, &c, K[i + 5] + w[i + 5]);
        step(c, d, e, &f, g, h, a, &b, K[i + 6] + w[i + 6]);
        step(b, c, d, &e, f, g, h, &a, K[i + 7] + w[i + 7]);
    }
    const uint32_t v[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; i++) state[i] += v[i];
}

void sha256(const void *bytes, size_t n, unsigned char digest[SHA256_BYTES]) {
    // The fractional parts of the square roots of the first eight primes (section 5.3.3).
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const unsigned char *at = bytes;
    size_t whole = n / BLOCK, rest = n % BLOCK;
    for (size_t i = 0; i < whole; i++) compress(state, at + i * BLOCK);

    unsigned char last[2 * BLOCK] = {0};
    size_t last_bytes = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    if (rest > 0) memcpy(last, at + whole * BLOCK, rest);
    last[rest] = 0x80;
    uint64_t n_bits = (uint64_t)n * 8;
    for (size_t i = 0; i < 8; i++) last[last_bytes - 1 - i] = (unsigned char)(n_bits >> (8 * i));
    for (size_t i = 0; i < last_bytes; i += BLOCK) compress(state, last + i);

    for (size_t i = 0; i < SHA256_BYTES; i++) digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_hex(const void *bytes, size_t n, char hex[SHA256_HEX_BYTES]) {
    unsigned char digest[SHA256_BYTES];
    sha256(bytes, n, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
}
