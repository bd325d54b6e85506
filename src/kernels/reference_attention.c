// The reference for attention, in plain loops like reference.c. The positions of a row are visited from the row back,
// parent by parent.
#include "kernels/fused.h"
#include "kernels/isa.h"

#include <math.h>

typedef struct Head {
    float *q, *k, *v, *p; // of row 0, with rows `step` apart
    size_t e, step;
    size_t column; // the head's first
    float beta;
} Head;

static Head head_of(const Attention *a, size_t h) {
    const size_t e = a->heads * a->dim, step = 3 * e + a->heads * a->positions, column = h * a->dim;
    float *q = a->rows + column;
    return (Head){q, q + e, q + 2 * e, a->rows + 3 * e + h * a->positions, e, step, column, 1 / sqrtf((float)a->dim)};
}

// y_i = x . x_i at the positions i of a row; x_i has `step` floats from row to row.
static void dots(const Attention *a, size_t row, const float *x, const float *rows, size_t step, float *y) {
    for (size_t i = a->depths[row] + (size_t)1; i-- > 0; row = a->parents[row]) {
        y[i] = 0;
        for (size_t j = 0; j < a->dim; j++) y[i] = fused(x[j], rows[row * step + j], y[i]);
    }
}

// y = sum_i w_i x_i.
static void combine(const Attention *a, size_t row, const float *w, const float *rows, size_t step, float *y) {
    for (size_t j = 0; j < a->dim; j++) y[j] = 0;
    for (size_t i = a->depths[row] + (size_t)1; i-- > 0; row = a->parents[row])
        for (size_t j = 0; j < a->dim; j++) y[j] = fused(w[i], rows[row * step + j], y[j]);
}

// dx_i += w_i y, where the row's own starts from 0.
static void spread(const Attention *a, size_t row, const float *w, const float *y, float *rows) {
    size_t i = a->depths[row];
    for (size_t j = 0; j < a->dim; j++) rows[row * a->grad_step + j] = w[i] * y[j];
    while (i-- > 0) {
        row = a->parents[row];
        float *dx = rows + row * a->grad_step;
        for (size_t j = 0; j < a->dim; j++) dx[j] = fused(w[i], y[j], dx[j]);
    }
}

void FOR_ISA(attention)(const Attention *a, size_t h, size_t n) {
    for (const size_t end = h + n; h < end; h++) {
        Head s = head_of(a, h);
        for (size_t row = a->first; row < a->first + a->n; row++) {
            const size_t positions = a->depths[row] + (size_t)1;
            float *p = s.p + row * s.step;
            dots(a, row, s.q + row * s.step, s.k, s.step, p);
            FOR_ISA(softmax)(positions, p, s.beta, 1, p);
            for (size_t i = positions; i % KERNEL_LANES != 0; i++) p[i] = 0;
            combine(a, row, p, s.v, s.step, a->y + (row - a->first) * s.e + s.column);
        }
    }
}

// sum_i x_i y_i in 16 lanes.
static float dot_row(size_t n, const float *x, const float *y) {
    float lanes[KERNEL_LANES] = {0};
    for (size_t i = 0; i < n; i++) lanes[i % KERNEL_LANES] = fused(x[i], y[i], lanes[i % KERNEL_LANES]);
    for (size_t half = KERNEL_LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    return lanes[0];
}

void FOR_ISA(attention_backward)(const Attention *a, size_t h, size_t n) {
    for (const size_t end = h + n; h < end; h++) {
        Head s = head_of(a, h);
        float *dz = a->scratch + h * a->positions;
        for (size_t row = 0; row < a->n; row++) {
            const size_t positions = a->depths[row] + (size_t)1;
            const float *p = s.p + row * s.step, *dy = a->dy + row * s.e + s.column;
            dots(a, row, dy, s.v, s.step, dz);
            float sum = dot_row(positions, p, dz);
            for (size_t i = 0; i < positions; i++) dz[i] = p[i] * (dz[i] - sum) * s.beta;
            combine(a, row, dz, s.k, s.step, a->dq + row * a->grad_step + s.column);
            spread(a, row, dz, s.q + row * s.step, a->dk + s.column);
            spread(a, row, p, dy, a->dv + s.column);
        }
    }
}
