#include "nn/init.h"

#include <math.h>

static void fill_normal(float mean, float deviation, Rng *rng, size_t n, float *out) {
    rng_normals(rng, n, out);
    for (size_t i = 0; i < n; i++) out[i] = out[i] * deviation + mean;
}

static void fill_uniform(float bound, Rng *rng, size_t n, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = rng_float(rng) * (2 * bound) - bound;
}

void init_fill(Init init, size_t fan_in, Rng *rng, size_t n, float *out) {
    switch (init.kind) {
    case INIT_NONE: return;
    case INIT_CONSTANT:
        for (size_t i = 0; i < n; i++) out[i] = (float)init.value;
        return;
    case INIT_NORMAL: fill_normal((float)init.mean, (float)init.value, rng, n, out); return;
    case INIT_UNIFORM: fill_uniform((float)init.value, rng, n, out); return;
    case INIT_KAIMING_NORMAL: fill_normal(0, (float)(init.value / sqrt((double)fan_in)), rng, n, out); return;
    case INIT_KAIMING_UNIFORM: fill_uniform((float)(init.value * sqrt(3 / (double)fan_in)), rng, n, out); return;
    }
}
