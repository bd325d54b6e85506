// GELU (Hendrycks and Gimpel 2016), the form with tanh, element by element, x to y of the same shape:
//
//     y = x/2 (1 + tanh w),     w = sqrt(2/pi) (x + 0.044715 x^3)
//
// Since (1 + tanh w) / 2 = 1 / (1 + e^-2w), this is y = x s with z = 2 w and
//
//     s = 1 / (1 + e^-z),       z = sqrt(8/pi) (x + 0.044715 x^3)
//     dx = dy (s + x s (1 - s) dz/dx),   dz/dx = sqrt(8/pi) (1 + 3 0.044715 x^2)
//
// which needs one exponential. Backward reads the s of forward.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

static const Field FIELDS[] = {{0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)config, (void)err;
    plan->row_cache_floats = plan->in.c;
    return true;
}

static size_t n_elements(const LayerCall *call) { return call->b * call->in.t * call->in.c; }

static void forward(const LayerCall *call) { kernels->gelu(n_elements(call), call->x, call->y, call->row_cache); }

static void backward(const LayerCall *call) {
    kernels->gelu_backward(n_elements(call), call->x, call->row_cache, call->dy, call->dx);
}

static void scalar(const ScalarCall *call) {
    Tape *tape = call->tape;
    Value half = value_leaf(tape, 0.5), one = value_leaf(tape, 1), cubic = value_leaf(tape, 0.044715);
    Value rate = value_leaf(tape, 0.7978845608028654); // sqrt(2/pi)
    for (size_t i = 0; i < call->b * call->in.t * call->in.c; i++) {
        Value x = call->x[i], inner = value_add(tape, x, value_mul(tape, cubic, value_power(tape, x, 3)));
        Value bend = value_tanh(tape, value_mul(tape, rate, inner));
        call->y[i] = value_mul(tape, value_mul(tape, half, x), value_add(tape, one, bend));
    }
}

const LayerType gelu_layer = {
    .record = {"gelu", FIELDS, 0, "Gaussian error linear unit with tanh, element by element"},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
