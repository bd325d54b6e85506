// Dropout (Srivastava et al. 2014): in training y = f x, element by element, with a random factor f that is 0 with
// probability `share` and otherwise 1 / (1 - share), so that the mean of y is x; dx = f dy. In evaluation y = x.
#include "nn/layers/layers.h"

#include <string.h>

// y_i = f_i x_i for i < n. Draws one number per element, in order, and keeps the factors f.
static void dropout_forward(size_t n, float share, Rng *rng, const float *x, float *f, float *y) {
    const float kept = 1 / (1 - share);
    for (size_t i = 0; i < n; i++) {
        f[i] = rng_float(rng) < share ? 0 : kept;
        y[i] = f[i] * x[i];
    }
}

static void dropout_backward(size_t n, const float *f, const float *dy, float *dx) {
    for (size_t i = 0; i < n; i++) dx[i] = f[i] * dy[i];
}

typedef struct Dropout {
    double share;
} Dropout;

static const Field FIELDS[] = {
    FIELD(Dropout, share, FIELD_NUMBER, .max = 0.99, .help = "probability with which training sets a float to 0"), {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)config, (void)err;
    plan->row_cache_floats = plan->in.c; // the factors
    return true;
}

static void forward(const LayerCall *call) {
    const Dropout *dropout = call->config;
    size_t n = call->b * call->in.t * call->in.c;
    if (call->mode == MODE_TRAINING)
        dropout_forward(n, (float)dropout->share, call->rng, call->x, call->row_cache, call->y);
    else
        memcpy(call->y, call->x, n * sizeof *call->y);
}

static void backward(const LayerCall *call) {
    dropout_backward(call->b * call->in.t * call->in.c, call->row_cache, call->dy, call->dx);
}

static void scalar(const ScalarCall *call) {
    for (size_t i = 0; i < call->b * call->in.t * call->in.c; i++)
        call->y[i] = value_mul(call->tape, call->x[i], value_leaf(call->tape, (double)call->row_cache[i]));
}

const LayerType dropout_layer = {
    .record = {"dropout", FIELDS, sizeof(Dropout), "sets random floats to 0 in training"},
    .draws = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
