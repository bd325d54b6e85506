#include "nn/softmax.h"

#include "kernels/kernels.h"

#include <math.h>
#include <stdbool.h>

// One line of n floats, `step` apart.
typedef struct Line {
    const float *x;
    float *y;
    size_t n, step;
} Line;

// Where line i begins.
static size_t line_start(size_t i, size_t n, size_t inner) { return i / inner * n * inner + i % inner; }

// Strided lines go through a buffer, as many floats at a time as a row's sum folds together.
static size_t gather(const Line *line, size_t from, float chunk[KERNEL_FOLD_FLOATS]) {
    size_t n = line->n - from < KERNEL_FOLD_FLOATS ? line->n - from : KERNEL_FOLD_FLOATS;
    for (size_t i = 0; i < n; i++) chunk[i] = line->x[(from + i) * line->step];
    return n;
}

// The statistics of a strided line, by the rules of a row's: lane i mod 16, folded in one tree, in double from chunk to
// chunk.
static RowStats strided_stats(const Line *line, float beta) {
    float chunk[KERNEL_FOLD_FLOATS], max = -INFINITY;
    double total = 0;
    for (size_t i = 0; i < line->n; i++) max = line->x[i * line->step] > max ? line->x[i * line->step] : max;
    for (size_t from = 0; from < line->n; from += KERNEL_FOLD_FLOATS) {
        float lanes[KERNEL_LANES] = {0};
        size_t n = gather(line, from, chunk);
        for (size_t i = 0; i < n; i++) chunk[i] = (chunk[i] - max) * beta;
        kernels->exp(n, chunk, chunk);
        for (size_t i = 0; i < n; i++) lanes[i % KERNEL_LANES] += chunk[i];
        for (size_t half = KERNEL_LANES / 2; half > 0; half /= 2)
            for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
        total += (double)lanes[0];
    }
    float sum = (float)total, log_sum;
    kernels->log(1, &sum, &log_sum);
    return (RowStats){max, log_sum, sum};
}

static RowStats line_stats(const Line *line, float beta) {
    return line->step == 1 ? kernels->softmax(line->n, line->x, beta, 1, NULL) : strided_stats(line, beta);
}

static void strided_softmax(const Line *line, float beta) {
    RowStats stats = strided_stats(line, beta);
    float chunk[KERNEL_FOLD_FLOATS], factor = 1 / stats.sum;
    for (size_t from = 0; from < line->n; from += KERNEL_FOLD_FLOATS) {
        size_t n = gather(line, from, chunk);
        for (size_t i = 0; i < n; i++) chunk[i] = (chunk[i] - stats.max) * beta;
        kernels->exp(n, chunk, chunk);
        for (size_t i = 0; i < n; i++) line->y[(from + i) * line->step] = chunk[i] * factor;
    }
}

void softmax(size_t outer, size_t n, size_t inner, const float *x, float temperature, float *y) {
    for (size_t i = 0; i < outer * inner; i++) {
        size_t start = line_start(i, n, inner);
        Line line = {x + start, y + start, n, inner};
        if (inner == 1)
            kernels->softmax(n, line.x, 1 / temperature, 1, line.y);
        else
            strided_softmax(&line, 1 / temperature);
    }
}

void log_softmax(size_t outer, size_t n, size_t inner, const float *x, float temperature, float *y) {
    float beta = 1 / temperature;
    for (size_t i = 0; i < outer * inner; i++) {
        size_t start = line_start(i, n, inner);
        Line line = {x + start, y + start, n, inner};
        RowStats stats = line_stats(&line, beta);
        for (size_t k = 0; k < n; k++) line.y[k * inner] = (line.x[k * inner] - stats.max) * beta - stats.log_sum;
    }
}

void logsumexp(size_t outer, size_t n, size_t inner, const float *x, float *y) {
    for (size_t i = 0; i < outer * inner; i++) {
        Line line = {x + line_start(i, n, inner), NULL, n, inner};
        RowStats stats = line_stats(&line, 1);
        y[i] = stats.max + stats.log_sum;
    }
}

void softmax_naive(size_t n, const float *x, float *y) {
    float sum = 0;
    kernels->exp(n, x, y);
    for (size_t i = 0; i < n; i++) sum += y[i];
    for (size_t i = 0; i < n; i++) y[i] /= sum;
}

void softmax_jacobian(size_t n, const float *y, float *jacobian) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) jacobian[i * n + j] = y[i] * ((i == j ? 1.0f : 0.0f) - y[j]);
}

void softmax_backward(size_t n, const float *y, const float *dy, float *dx) {
    double dot = 0;
    for (size_t i = 0; i < n; i++) dot += (double)dy[i] * (double)y[i];
    for (size_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - (float)dot);
}
