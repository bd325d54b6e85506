// Entries that are one loop over elements. reference.c and elementwise.c compile the same loops: the compiler turns
// them into vectors of each instruction set, and no order of additions depends on it.
#pragma once

#include "kernels/constants.h"
#include "kernels/fused.h"
#include "kernels/isa.h"

#include <math.h>

#if !defined(__wasm_simd128__) // which has them in updates.c

void FOR_ISA(axpy)(size_t n, float a, const float *restrict x, float *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] = fused(a, x[i], y[i]);
}

void FOR_ISA(momentum)(size_t n, const MomentumUpdate *u, const float *restrict dw, float *restrict v,
                       float *restrict w) {
    const MomentumUpdate c = *u;
    for (size_t i = 0; i < n; i++) {
        float g = c.scale * dw[i];
        v[i] = fused(c.momentum, v[i], g);
        w[i] = fused(-c.rate, c.nesterov ? fused(c.momentum, v[i], g) : v[i], w[i]);
    }
}

void FOR_ISA(adamw)(size_t n, const AdamwUpdate *u, const float *restrict dw, float *restrict m, float *restrict v,
                    float *restrict w) {
    const AdamwUpdate c = *u;
    for (size_t i = 0; i < n; i++) {
        float g = c.scale * dw[i];
        m[i] = fused(c.beta1, m[i], c.rest1 * g);
        v[i] = fused(c.beta2, v[i], c.rest2 * g * g);
        w[i] = fused(-c.rate, m[i] / fused(c.root, sqrtf(v[i]), c.eps), c.decay * w[i]);
    }
}

#endif

double FOR_ISA(sum_squares)(size_t n, const float *x) {
    double lanes[KERNEL_LANES] = {0};
    size_t i = 0;
    for (; i + KERNEL_LANES <= n; i += KERNEL_LANES)
        for (size_t l = 0; l < KERNEL_LANES; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t l = 0; i + l < n; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t half = KERNEL_LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    return lanes[0];
}

void FOR_ISA(relu)(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

void FOR_ISA(tanh_backward)(size_t n, const float *y, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) dx[i] = dy[i] * fused(y[i], 0 - y[i], 1);
}

void FOR_ISA(sigmoid_backward)(size_t n, const float *y, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

void FOR_ISA(gelu_backward)(size_t n, const float *x, const float *s, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) {
        float growth = x[i] * fused(3 * GELU_3, x[i] * x[i], GELU_1); // x dz/dx
        dx[i] = dy[i] * (s[i] * fused(1 - s[i], growth, 1));
    }
}

void FOR_ISA(relu_backward)(size_t n, const float *y, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) dx[i] = 0 < y[i] ? dy[i] : 0;
}

void FOR_ISA(multiply)(size_t n, const float *a, const float *b, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = a[i] * b[i];
}

void FOR_ISA(gru_state)(size_t n, const float *z, const float *c, const float *h, float *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] = fused(z[i], c[i] - h[i], h[i]);
}

void FOR_ISA(gru_state_backward)(size_t n, const float *z, const float *c, const float *h, const float *dy,
                                 float *restrict da, float *restrict db, float *dh) {
    for (size_t i = 0; i < n; i++) {
        float d = dy[i], rest = 1 - z[i];
        da[i] = d * (c[i] - h[i]) * (z[i] * rest);
        db[i] = d * z[i] * fused(c[i], 0 - c[i], 1);
        dh[i] = d * rest;
    }
}

void FOR_ISA(gru_reset_backward)(size_t n, const float *r, const float *h, const float *dy, float *da,
                                 float *restrict dh) {
    for (size_t i = 0; i < n; i++) {
        float d = dy[i];
        da[i] = d * h[i] * (r[i] * (1 - r[i]));
        dh[i] = fused(d, r[i], dh[i]);
    }
}

void FOR_ISA(lstm_cell)(size_t n, const float *gates, const float *c, float *restrict y) {
    const float *u = gates, *f = gates + n, *g = gates + 2 * n;
    for (size_t i = 0; i < n; i++) y[i] = fused(f[i], c[i], u[i] * g[i]);
}

void FOR_ISA(lstm_cell_backward)(size_t n, const float *gates, const float *c, const float *t, const float *dh,
                                 float *restrict dc, float *restrict da) {
    const float *u = gates, *f = gates + n, *g = gates + 2 * n, *o = gates + 3 * n;
    for (size_t i = 0; i < n; i++) {
        float s = fused(dh[i] * o[i], fused(t[i], 0 - t[i], 1), dc[i]);
        da[i] = s * g[i] * (u[i] * (1 - u[i]));
        da[n + i] = s * c[i] * (f[i] * (1 - f[i]));
        da[2 * n + i] = s * u[i] * fused(g[i], 0 - g[i], 1);
        da[3 * n + i] = dh[i] * t[i] * (o[i] * (1 - o[i]));
        dc[i] = s * f[i];
    }
}
