// Tanh: y = tanh x, element by element; dx = dy (1 - y^2) (lectures parts 2 and 4).
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

static const Field FIELDS[] = {{0}};

static void forward(const LayerCall *call) { kernels->tanh(call->b * call->out.t * call->out.c, call->x, call->y); }

static void backward(const LayerCall *call) {
    kernels->tanh_backward(call->b * call->out.t * call->out.c, call->y, call->dy, call->dx);
}

static void scalar(const ScalarCall *call) {
    for (size_t i = 0; i < call->b * call->out.t * call->out.c; i++) call->y[i] = value_tanh(call->tape, call->x[i]);
}

// The bound of lectures part 3; the slope there is below 0.06.
static bool is_flat(float y) { return y > 0.97f || y < -0.97f; }

const LayerType tanh_layer = {
    .record = {"tanh", FIELDS, 0, "hyperbolic tangent, element by element"},
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
    .is_flat = is_flat,
    .most_flat = 25, // the lecture accepts a fifth in a first layer, and calls close to half too much
};
