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

#define TWELVE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

// A function that does s = s x + y to each of the twelve sums, ROUNDS times, on vectors of one kind.
#define FMA_ROUNDS(NAME, VECTOR, SET1, FMA, FIRST)                 \
    static void NAME(void *unused) {                               \
        (void)unused;                                              \
        VECTOR x = SET1(near_one), y = SET1(small), all = SET1(0); \
        TWELVE(BEGIN_SUM_##VECTOR)                                 \
        for (int round = 0; round < ROUNDS; round++) {             \
            TWELVE(FMA)                                            \
        }                                                          \
        TWELVE(END_SUM_##VECTOR)                                   \
        kept = FIRST(all);                                         \
    }

#if defined(__x86_64__)

#define BEGIN_SUM___m512(i) __m512 s##i = _mm512_set1_ps((float)(i));
#define FMA_512(i) s##i = _mm512_fmadd_ps(s##i, x, y);
#define END_SUM___m512(i) all = _mm512_add_ps(all, s##i);
#define BEGIN_SUM___m256(i) __m256 s##i = _mm256_set1_ps((float)(i));
#define FMA_256(i) s##i = _mm256_fmadd_ps(s##i, x, y);
#define END_SUM___m256(i) all = _mm256_add_ps(all, s##i);

// clang-format off
__attribute__((target("avx512f"))) FMA_ROUNDS(rounds_avx512, __m512, _mm512_set1_ps, FMA_512, _mm512_cvtss_f32)
__attribute__((target("avx2,fma"))) FMA_ROUNDS(rounds_avx2, __m256, _mm256_set1_ps, FMA_256, _mm256_cvtss_f32)
// clang-format on

#elif defined(__aarch64__)

#define BEGIN_SUM_float32x4_t(i) float32x4_t s##i = vdupq_n_f32((float)(i));
#define FMA_NEON(i) s##i = vfmaq_f32(y, s##i, x);
#define END_SUM_float32x4_t(i) all = vaddq_f32(all, s##i);
#define FIRST_LANE(v) vgetq_lane_f32(v, 0)

FMA_ROUNDS(rounds_neon, float32x4_t, vdupq_n_f32, FMA_NEON, FIRST_LANE)

#endif

#define BEGIN_SUM_float(i) float s##i = (float)(i);
#define FMA_SCALAR(i) s##i = fmaf(s##i, x, y);
#define END_SUM_float(i) all += s##i;
#define ITSELF(x) ((float)(x))

    // clang-format off
FMA_ROUNDS(rounds_scalar, float, ITSELF, FMA_SCALAR, ITSELF)
    // clang-format on

    typedef struct PeakLoop {
    const char *table; // of kernels
    void (*rounds)(void *unused);
    double flops; // per call
} PeakLoop;

static const PeakLoop LOOPS[] = {
#if defined(__x86_64__)
    {"avx512", rounds_avx512, 2.0 * 16 * SUMS *ROUNDS},
    {"avx2", rounds_avx2, 2.0 * 8 * SUMS *ROUNDS},
#elif defined(__aarch64__)
    {"neon", rounds_neon, 2.0 * 4 * SUMS *ROUNDS},
#endif
    {"scalar", rounds_scalar, 2.0 * SUMS *ROUNDS},
};

double fma_peak(const char *table) {
    const PeakLoop *loop = LOOPS;
    while (strcmp(loop->table, table) != 0 && strcmp(loop->table, "scalar") != 0) loop++;
    return loop->flops / seconds_each(loop->rounds, NULL, 0.005);
}
