#include "nn/init.h"

#include <math.h>

static void fill_normal(float mean, float deviation, Rng *rng, size_t n, float *out) {
    rng_normals(rng, n, out);
    for (size_t i = 0; i < n; i++) out[i] = out[i] * deviation + mean;
}

// Returns the place of the k-th value that is drawn.
static size_t place(InitShape shape, size_t k) {
    size_t n_lines = shape.cols_are_outputs ? shape.cols : shape.rows, length = shape.rows * shape.cols / n_lines;
    size_t line = (k / length + shape.has_boundary) % n_lines, i = k % length;
    return shape.cols_are_outputs ? i * shape.cols + line : line * shape.cols + i;
}

static void fill_uniform(float bound, Rng *rng, size_t n, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = rng_float(rng) * (2 * bound) - bound;
}

// PyTorch's Tensor.uniform_ rounds once.
static void fill_torch(float bound, InitShape shape, Rng *rng, float *out) {
    shape.has_boundary = false;
    for (size_t k = 0; k < shape.rows * shape.cols; k++) out[place(shape, k)] = fmaf(rng_float(rng), 2 * bound, -bound);
}

static void fill_python(bool is_normal, double mean, double factor, InitShape shape, Rng *rng, float *out) {
    for (size_t k = 0; k < shape.rows * shape.cols; k++) {
        double x = is_normal ? mean + factor * rng_gauss(rng) : -factor + 2 * factor * rng_double_python(rng);
        out[place(shape, k)] = (float)x;
    }
}

void init_fill(Init init, size_t fan_in, InitShape shape, RandomUse use, Rng *rng, float *out) {
    size_t n = shape.rows * shape.cols;
    bool is_normal = false;
    double factor = init.value; // the standard deviation or the bound
    switch (init.kind) {
    case INIT_NONE: return;
    case INIT_CONSTANT:
        for (size_t i = 0; i < n; i++) out[i] = (float)init.value;
        return;
    case INIT_NORMAL: is_normal = true; break;
    case INIT_UNIFORM: break;
    case INIT_KAIMING_NORMAL:
        is_normal = true;
        factor = init.value / sqrt((double)fan_in);
        break;
    case INIT_KAIMING_UNIFORM: factor = init.value * sqrt(3 / (double)fan_in); break;
    case INIT_TORCH: factor = 1 / sqrt((double)fan_in); break;
    }
    if (use == RANDOM_MICROGPT)
        fill_python(is_normal, init.mean, factor, shape, rng, out);
    else if (is_normal)
        fill_normal((float)init.mean, (float)factor, rng, n, out);
    else if (init.kind == INIT_TORCH)
        fill_torch((float)factor, shape, rng, out);
    else
        fill_uniform((float)factor, rng, n, out);
}
