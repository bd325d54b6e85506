// Entries that treat every element alike: no order of additions to keep, only the same operations.
#include "kernels/simd.h"
#include "kernels/vecmath.h"

typedef V16 Unary(V16 x);

// Inlined with `f` known, so that each entry is one loop.
INLINE void map(size_t n, const float *x, float *y, Unary *f) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) v16_store(y + i, f(v16_load(x + i)));
    if (i < n) v16_store_part(y + i, f(v16_load_part(x + i, n - i, 1)), n - i);
}

typedef V16 Binary(V16 y, V16 dy);

INLINE void map2(size_t n, const float *y, const float *dy, float *dx, Binary *f) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) v16_store(dx + i, f(v16_load(y + i), v16_load(dy + i)));
    if (i < n) v16_store_part(dx + i, f(v16_load_part(y + i, n - i, 0), v16_load_part(dy + i, n - i, 0)), n - i);
}

INLINE V16 relu(V16 x) { return v16_select(v16_less(x, v16_set1(0)), v16_set1(0), x); }
INLINE V16 tanh_slope(V16 y, V16 dy) { return v16_mul(dy, v16_fma(y, v16_sub(v16_set1(0), y), v16_set1(1))); }
INLINE V16 relu_slope(V16 y, V16 dy) { return v16_select(v16_less(v16_set1(0), y), dy, v16_set1(0)); }

void FOR_ISA(exp)(size_t n, const float *x, float *y) { map(n, x, y, v16_exp); }
void FOR_ISA(log)(size_t n, const float *x, float *y) { map(n, x, y, v16_log); }
void FOR_ISA(tanh)(size_t n, const float *x, float *y) { map(n, x, y, v16_tanh); }
void FOR_ISA(relu)(size_t n, const float *x, float *y) { map(n, x, y, relu); }

void FOR_ISA(tanh_backward)(size_t n, const float *y, const float *dy, float *dx) { map2(n, y, dy, dx, tanh_slope); }

void FOR_ISA(relu_backward)(size_t n, const float *y, const float *dy, float *dx) { map2(n, y, dy, dx, relu_slope); }

void FOR_ISA(axpy)(size_t n, float a, const float *x, float *y) {
    V16 factor = v16_set1(a);
    for (size_t i = 0; i < n; i += LANES) {
        V16 sum = v16_fma(factor, v16_load_n(x + i, n - i, 0), v16_load_n(y + i, n - i, 0));
        v16_store_n(y + i, sum, n - i);
    }
}
