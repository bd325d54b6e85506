#include "nn/layers/tanh.h"

#include "kernels/kernels.h"

void tanh_forward(size_t n, const float *x, float *y) { kernels->tanh(n, x, y); }

void tanh_backward(size_t n, const float *y, const float *dy, float *dx) { kernels->tanh_backward(n, y, dy, dx); }

static const Field FIELDS[] = {{0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)config, (void)err;
    plan->out = plan->in;
    return true;
}

static void forward(const LayerCall *call) { tanh_forward(call->b * call->out.t * call->out.c, call->x, call->y); }

static void backward(const LayerCall *call) {
    tanh_backward(call->b * call->out.t * call->out.c, call->y, call->dy, call->dx);
}

static void scalar(const ScalarCall *call) {
    for (size_t i = 0; i < call->b * call->out.t * call->out.c; i++) call->y[i] = value_tanh(call->tape, call->x[i]);
}

// The lecture's bound (part 3): the slope there is below 0.06.
static bool is_flat(float y) { return y > 0.97f || y < -0.97f; }

const LayerType tanh_layer = {
    .record = {"tanh", FIELDS, 0, "hyperbolic tangent, element by element"},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
    .is_flat = is_flat,
    .most_flat = 25, // the lecture lets a fifth of a first layer pass, and calls close to half too much
};
