#include "worker.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// A multiply-add takes four or five cycles and two start per cycle, so ten sums in flight would do. Twelve and the two
// operands still fit in sixteen registers.
enum { SUMS = 12, ROUNDS = 10000 };

static volatile float kept; // keeps the compiler from dropping unused sums
static volatile float near_one = 0.999999F, small = 1e-6F;

// Defines a function that does s = s x + y to each of the sums, ROUNDS times.
#define FMA_ROUNDS(NAME, TARGET, VECTOR, SET1, FMA, FIRST)                                  \
    TARGET static void NAME(void *unused) {                                                 \
        (void)unused;                                                                       \
        VECTOR x = SET1(near_one), y = SET1(small), s[SUMS];                                \
        for (int i = 0; i < SUMS; i++) s[i] = SET1((float)i);                               \
        for (int round = 0; round < ROUNDS; round++) {                                      \
            _Pragma("GCC unroll 12") for (int i = 0; i < SUMS; i++) s[i] = FMA(s[i], x, y); \
        }                                                                                   \
        for (int i = 0; i < SUMS; i++) kept = FIRST(s[i]);                                  \
    }

#define ITSELF(x) (x)

// clang-format off
FMA_ROUNDS(rounds_scalar, , float, ITSELF, fmaf, ITSELF)
#if defined(__x86_64__)
FMA_ROUNDS(rounds_avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_cvtss_f32)
FMA_ROUNDS(rounds_avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_cvtss_f32)
#elif defined(__aarch64__)
#define FMA_NEON(s, x, y) vfmaq_f32(y, s, x)
#define FIRST_LANE(v) vgetq_lane_f32(v, 0)
FMA_ROUNDS(rounds_neon, , float32x4_t, vdupq_n_f32, FMA_NEON, FIRST_LANE)
#endif
// clang-format on

static const struct {
    const char *table; // of kernels
    void (*rounds)(void *unused);
    double lanes;
} LOOPS[] = {
#if defined(__x86_64__)
    {"avx512", rounds_avx512, 16},
    {"avx2", rounds_avx2, 8},
#elif defined(__aarch64__)
    {"neon", rounds_neon, 4},
#endif
    {"scalar", rounds_scalar, 1},
};

double fma_peak(const char *table) {
    size_t i = 0;
    while (strcmp(LOOPS[i].table, table) != 0 && strcmp(LOOPS[i].table, "scalar") != 0) i++;
    return 2 * LOOPS[i].lanes * SUMS * ROUNDS / seconds_each(LOOPS[i].rounds, NULL, 0.005);
}
