#include "base/sha256.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

enum { BLOCK = 64 };

typedef void Compress(uint32_t state[8], const unsigned char *block);

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

#if defined(__x86_64__)
#define SHA __attribute__((target("sha,sse4.1")))

// Four steps. The instructions keep the variables as a, b, e, f and c, d, g, h, from the highest lane to the lowest.
SHA static inline void four_steps(__m128i *abef, __m128i *cdgh, __m128i w, const uint32_t k[4]) {
    __m128i k_plus_w = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)(const void *)k));
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, k_plus_w);
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(k_plus_w, 0x0E));
}

// The four words after the sixteen of w0 to w3.
SHA static inline __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3) {
    return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3);
}

SHA static inline __m128i load_words(const unsigned char *at) {
    const __m128i big_endian = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), big_endian);
}

SHA static void compress_x86(uint32_t state[8], const unsigned char *block) {
    __m128i *at = (__m128i *)(void *)state, abcd = _mm_loadu_si128(at), efgh = _mm_loadu_si128(at + 1);
    __m128i abef = _mm_shuffle_epi32(_mm_unpacklo_epi64(efgh, abcd), 0xB1);
    __m128i cdgh = _mm_shuffle_epi32(_mm_unpackhi_epi64(efgh, abcd), 0xB1);
    __m128i w0 = load_words(block), w1 = load_words(block + 16);
    __m128i w2 = load_words(block + 32), w3 = load_words(block + 48);
    for (int i = 0; i < 64; i += 16) {
        four_steps(&abef, &cdgh, w0, K + i);
        four_steps(&abef, &cdgh, w1, K + i + 4);
        four_steps(&abef, &cdgh, w2, K + i + 8);
        four_steps(&abef, &cdgh, w3, K + i + 12);
        w0 = next_words(w0, w1, w2, w3);
        w1 = next_words(w1, w2, w3, w0);
        w2 = next_words(w2, w3, w0, w1);
        w3 = next_words(w3, w0, w1, w2);
    }
    __m128i efab = _mm_shuffle_epi32(abef, 0xB1), ghcd = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128(at, _mm_add_epi32(abcd, _mm_unpackhi_epi64(efab, ghcd)));
    _mm_storeu_si128(at + 1, _mm_add_epi32(efgh, _mm_unpacklo_epi64(efab, ghcd)));
}

// Clang 14 lacks "sha" in __builtin_cpu_supports.
static Compress *fastest(void) {
    unsigned a, b, c, d;
    bool has_sha = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
    return has_sha && __builtin_cpu_supports("sse4.1") ? compress_x86 : compress;
}
#else
static Compress *fastest(void) { return compress; }
#endif

static void digest_by(Compress *compress_block, const void *bytes, size_t n, unsigned char digest[SHA256_BYTES]) {
    // The fractional parts of the square roots of the first eight primes (section 5.3.3).
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const unsigned char *at = bytes;
    size_t whole = n / BLOCK, rest = n % BLOCK;
    for (size_t i = 0; i < whole; i++) compress_block(state, at + i * BLOCK);

    unsigned char last[2 * BLOCK] = {0};
    size_t last_bytes = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    if (rest > 0) memcpy(last, at + whole * BLOCK, rest);
    last[rest] = 0x80;
    uint64_t n_bits = (uint64_t)n * 8;
    for (size_t i = 0; i < 8; i++) last[last_bytes - 1 - i] = (unsigned char)(n_bits >> (8 * i));
    for (size_t i = 0; i < last_bytes; i += BLOCK) compress_block(state, last + i);

    for (size_t i = 0; i < SHA256_BYTES; i++) digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256(const void *bytes, size_t n, unsigned char digest[SHA256_BYTES]) { digest_by(fastest(), bytes, n, digest); }

void sha256_plain(const void *bytes, size_t n, unsigned char digest[SHA256_BYTES]) {
    digest_by(compress, bytes, n, digest);
}

void sha256_hex(const void *bytes, size_t n, char hex[SHA256_HEX_BYTES]) {
    unsigned char digest[SHA256_BYTES];
    sha256(bytes, n, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned)digest[i]);
}
