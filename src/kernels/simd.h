// The virtual vector: 16 floats, made of one AVX-512 register, two of AVX2 or four of NEON. The files that include this
// are compiled once for each instruction set; ISA says which.
#ifndef NOMEN_KERNELS_SIMD_H
#define NOMEN_KERNELS_SIMD_H

#include "kernels/constants.h"
#include "kernels/isa.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

enum { LANES = KERNEL_LANES }; // of a virtual vector: as many as a row's sum has

// What every family of processors defines, in a file of its own: the type V16, the type Mask16 of a lane's yes or no,
// and these operations, which give the same bits everywhere (but for the sign and payload of a NaN):
//   v16_set1, _load, _store, _add, _sub, _mul, _div, _sqrt   as their names say; addresses need no alignment
//   v16_load_part    the first n < 16 lanes from memory, `fill` in the others; nothing behind them is read
//   v16_store_part   the first n < 16 lanes to memory; nothing behind them is written
//   v16_join_quarters    four floats each from four places; v16_load_quarters: from p, p + step, p + 2 step and
//                        p + 3 step; v16_store_quarters: to there
//   v16_repeat_four  four floats from memory, in each quarter
//   v16_spread       lane q of each quarter, in all four lanes of that quarter
//   v16_spread_four  float q from memory, in all four lanes of quarter q; v16_spread_column: p[q * step] there
//   v16_fma          a b + c with one rounding
//   v16_max, _min    a > b ? a : b and a < b ? a : b, so b where either is NaN
//   v16_less         lanes where a < b, for v16_select: a where the lane is set, else b
//   v16_exp2         2^n, where t = ROUND_MAGIC + n, -126 <= n <= 127
//   v16_split        m and whole k of x = m 2^k, m in [sqrt 1/2, sqrt 2), for positive normal x
//   v16_fold_sum, _max    lane i with i + 8, then + 4, + 2, + 1

#if defined(__ARM_NEON)
#include "kernels/simd_neon.h"
#else
#include "kernels/simd_x86.h"
#endif

// Whole or part, as n says.
INLINE V16 v16_load_n(const float *p, size_t n, float fill) {
    return n >= LANES ? v16_load(p) : v16_load_part(p, n, fill);
}
INLINE void v16_store_n(float *p, V16 a, size_t n) {
    if (n >= LANES)
        v16_store(p, a);
    else
        v16_store_part(p, a, n);
}

#endif
