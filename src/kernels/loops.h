// Entries that are one loop over elements. reference.c and elementwise.c compile the same loops: the compiler turns
// them into vectors of each instruction set, and no order of additions depends on it.
#pragma once

#include "kernels/constants.h"
#include "kernels/isa.h"

#include <math.h>

void FOR_ISA(axpy)(size_t n, float a, const float *restrict x, float *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] = fmaf(a, x[i], y[i]);
}

void FOR_ISA(momentum)(size_t n, const MomentumUpdate *u, const float *restrict dw, float *restrict v,
                       float *restrict w) {
    const MomentumUpdate c = *u;
    for (size_t i = 0; i < n; i++) {
        float g = c.scale * dw[i];
        v[i] = fmaf(c.momentum, v[i], g);
        w[i] = fmaf(-c.rate, c.nesterov ? fmaf(c.momentum, v[i], g) : v[i], w[i]);
    }
}

void FOR_ISA(adamw)(size_t n, const AdamwUpdate *u, const float *restrict dw, float *restrict m, float *restrict v,
                    float *restrict w) {
    const AdamwUpdate c = *u;
    for (size_t i = 0; i < n; i++) {
        float g = c.scale * dw[i];
        m[i] = fmaf(c.beta1, m[i], c.rest1 * g);
        v[i] = fmaf(c.beta2, v[i], c.rest2 * g * g);
        w[i] = fmaf(-c.rate, m[i] / fmaf(c.root, sqrtf(v[i]), c.eps), c.decay * w[i]);
    }
}

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
    for (size_t i = 0; i < n; i++) dx[i] = dy[i] * fmaf(y[i], 0 - y[i], 1);
}

void FOR_ISA(sigmoid_backward)(size_t n, const float *y, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

void FOR_ISA(gelu_backward)(size_t n, const float *x, const float *s, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) {
        float growth = x[i] * fmaf(3 * GELU_3, x[i] * x[i], GELU_1); // x dz/dx
        dx[i] = dy[i] * (s[i] * fmaf(1 - s[i], growth, 1));
    }
}

void FOR_ISA(relu_backward)(size_t n, const float *y, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) dx[i] = 0 < y[i] ? dy[i] : 0;
}
