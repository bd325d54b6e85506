// The optimizers' updates in vectors, for WebAssembly, whose multiply-adds compilers do not gather into vectors.
// loops.h has the same for one element.
#include "kernels/simd.h"

void FOR_ISA(axpy)(size_t n, float a, const float *restrict x, float *restrict y) {
    const V16 factor = v16_set1(a);
    for (size_t i = 0; i < n; i += LANES) {
        size_t left = n - i;
        v16_store_n(y + i, v16_fma(factor, v16_load_n(x + i, left, 0), v16_load_n(y + i, left, 0)), left);
    }
}

void FOR_ISA(momentum)(size_t n, const MomentumUpdate *u, const float *restrict dw, float *restrict v,
                       float *restrict w) {
    const V16 scale = v16_set1(u->scale), momentum = v16_set1(u->momentum), rate = v16_set1(-u->rate);
    for (size_t i = 0; i < n; i += LANES) {
        size_t left = n - i;
        V16 g = v16_mul(scale, v16_load_n(dw + i, left, 0));
        V16 velocity = v16_fma(momentum, v16_load_n(v + i, left, 0), g);
        v16_store_n(v + i, velocity, left);
        V16 d = u->nesterov ? v16_fma(momentum, velocity, g) : velocity;
        v16_store_n(w + i, v16_fma(rate, d, v16_load_n(w + i, left, 0)), left);
    }
}

void FOR_ISA(adamw)(size_t n, const AdamwUpdate *u, const float *restrict dw, float *restrict m, float *restrict v,
                    float *restrict w) {
    for (size_t i = 0; i < n; i += LANES) {
        size_t left = n - i;
        V16 g = v16_mul(v16_set1(u->scale), v16_load_n(dw + i, left, 0));
        V16 mean = v16_fma(v16_set1(u->beta1), v16_load_n(m + i, left, 0), v16_mul(v16_set1(u->rest1), g));
        V16 square = v16_mul(v16_mul(v16_set1(u->rest2), g), g);
        square = v16_fma(v16_set1(u->beta2), v16_load_n(v + i, left, 0), square);
        v16_store_n(m + i, mean, left);
        v16_store_n(v + i, square, left);
        V16 size = v16_fma(v16_set1(u->root), v16_sqrt(square), v16_set1(u->eps));
        V16 kept = v16_mul(v16_set1(u->decay), v16_load_n(w + i, left, 0));
        v16_store_n(w + i, v16_fma(v16_set1(-u->rate), v16_div(mean, size), kept), left);
    }
}
