// Elementwise entries: the plain loops, and exp, log, tanh and sigmoid of whole vectors.
#include "kernels/loops.h"
#include "kernels/vecmath.h"

// Inlined with `f` known, so that each entry is one loop.
INLINE void map(size_t n, const float *x, float *y, V16 (*f)(V16 x)) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) v16_store(y + i, f(v16_load(x + i)));
    if (i < n) v16_store_part(y + i, f(v16_load_part(x + i, n - i, 1)), n - i);
}

void FOR_ISA(exp)(size_t n, const float *x, float *y) { map(n, x, y, v16_exp); }
void FOR_ISA(log)(size_t n, const float *x, float *y) { map(n, x, y, v16_log); }
void FOR_ISA(tanh)(size_t n, const float *x, float *y) { map(n, x, y, v16_tanh); }
void FOR_ISA(sigmoid)(size_t n, const float *x, float *y) { map(n, x, y, v16_sigmoid); }

void FOR_ISA(gelu)(size_t n, const float *x, float *y, float *s) {
    for (size_t i = 0; i < n; i += LANES) {
        V16 u = v16_load_n(x + i, n - i, 0), rate = v16_fma(v16_set1(GELU_3), v16_mul(u, u), v16_set1(GELU_1));
        V16 share = v16_sigmoid(v16_mul(u, rate));
        v16_store_n(s + i, share, n - i);
        v16_store_n(y + i, v16_mul(u, share), n - i);
    }
}
