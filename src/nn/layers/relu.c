#include "nn/layers/relu.h"

#include "kernels/kernels.h"

void relu_forward(size_t n, const float *x, float *y) { kernels->relu(n, x, y); }

void relu_backward(size_t n, const float *y, const float *dy, float *dx) { kernels->relu_backward(n, y, dy, dx); }

static const Field FIELDS[] = {{0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)config, (void)err;
    plan->out = plan->in;
    return true;
}

static void forward(const LayerCall *call) { relu_forward(call->b * call->out.t * call->out.c, call->x, call->y); }

static void backward(const LayerCall *call) {
    relu_backward(call->b * call->out.t * call->out.c, call->y, call->dy, call->dx);
}

static void scalar(const ScalarCall *call) {
    for (size_t i = 0; i < call->b * call->out.t * call->out.c; i++) call->y[i] = value_relu(call->tape, call->x[i]);
}

static bool is_flat(float y) { return !(y > 0); }

const LayerType relu_layer = {
    .record = {"relu", FIELDS, 0, "max(x, 0), element by element"},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
    .is_flat = is_flat,
    .most_flat = 90, // half of them are at 0 in the best of networks
};
