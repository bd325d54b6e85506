#include "nn/softmax.h"

#include "kernels/kernels.h"

void softmax(size_t n, const float *x, float temperature, float *y) { kernels->softmax(n, x, 1 / temperature, 1, y); }

void log_softmax(size_t n, const float *x, float temperature, float *y) {
    float beta = 1 / temperature;
    RowStats stats = kernels->softmax(n, x, beta, 1, NULL);
    for (size_t i = 0; i < n; i++) y[i] = (x[i] - stats.max) * beta - stats.log_sum;
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
