// What optimizers do to each weight, in one pass over gradients, state and weights; and the gradients' sum of squares.
#include "kernels/simd.h"

double FOR_ISA(sum_squares)(size_t n, const float *x) {
    double lanes[LANES] = {0};
    size_t i = 0;
    // Squares of floats are exact in double, so that a fused multiply-add would change nothing.
    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t l = 0; i + l < n; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    return lanes[0];
}

void FOR_ISA(momentum)(size_t n, const MomentumUpdate *u, const float *dw, float *v, float *w) {
    const V16 scale = v16_set1(u->scale), factor = v16_set1(u->momentum), rate = v16_set1(-u->rate);
    const bool nesterov = u->nesterov;
    for (size_t i = 0; i < n; i += LANES) {
        size_t left = n - i;
        V16 g = v16_mul(scale, v16_load_n(dw + i, left, 0));
        V16 velocity = v16_fma(factor, v16_load_n(v + i, left, 0), g);
        V16 step = nesterov ? v16_fma(factor, velocity, g) : velocity;
        v16_store_n(v + i, velocity, left);
        v16_store_n(w + i, v16_fma(rate, step, v16_load_n(w + i, left, 0)), left);
    }
}

void FOR_ISA(adamw)(size_t n, const AdamwUpdate *u, const float *dw, float *m, float *v, float *w) {
    const V16 scale = v16_set1(u->scale), rate = v16_set1(-u->rate), decay = v16_set1(u->decay);
    const V16 beta1 = v16_set1(u->beta1), rest1 = v16_set1(u->rest1);
    const V16 beta2 = v16_set1(u->beta2), rest2 = v16_set1(u->rest2);
    const V16 root = v16_set1(u->root), eps = v16_set1(u->eps);
    for (size_t i = 0; i < n; i += LANES) {
        size_t left = n - i;
        V16 g = v16_mul(scale, v16_load_n(dw + i, left, 0));
        V16 mean = v16_fma(beta1, v16_load_n(m + i, left, 0), v16_mul(rest1, g));
        V16 square = v16_fma(beta2, v16_load_n(v + i, left, 0), v16_mul(v16_mul(rest2, g), g));
        V16 step = v16_div(mean, v16_fma(root, v16_sqrt(square), eps));
        v16_store_n(m + i, mean, left);
        v16_store_n(v + i, square, left);
        v16_store_n(w + i, v16_fma(rate, step, v16_mul(decay, v16_load_n(w + i, left, 0))), left);
    }
}
