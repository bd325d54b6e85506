// Sigmoid: y = 1 / (1 + e^-x), element by element; dx = dy y (1 - y) (Rumelhart, Hinton and Williams 1986).
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

static const Field FIELDS[] = {{0}};

static void forward(const LayerCall *call) { kernels->sigmoid(call->b * call->out.t * call->out.c, call->x, call->y); }

static void backward(const LayerCall *call) {
    kernels->sigmoid_backward(call->b * call->out.t * call->out.c, call->y, call->dy, call->dx);
}

static void scalar(const ScalarCall *call) {
    for (size_t i = 0; i < call->b * call->out.t * call->out.c; i++) call->y[i] = value_sigmoid(call->tape, call->x[i]);
}

// The slope is below 0.03 there, an eighth of the slope at 0.
static bool is_flat(float y) { return y < 0.03f || y > 0.97f; }

const LayerType sigmoid_layer = {
    .record = {"sigmoid", FIELDS, 0, "1 / (1 + e^-x), element by element"},
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
    .is_flat = is_flat,
    .most_flat = 25, // as for tanh
};
