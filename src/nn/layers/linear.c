// Linear: y = x W + b at each position (lectures part 2). With dy the gradient of the loss by y,
//     dx = dy W',   dW = x' dy,   db = sum of dy over rows.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

// x (n, in), w (in, out), bias (out) or NULL, y (n, out).
static void linear_forward(size_t n, size_t in, size_t out, const float *x, const float *w, const float *bias,
                           float *y) {
    kernels->gemm_nn(n, out, in, x, w, bias, y, false);
}

// Adds to dw (in, out) and dbias (out) or NULL; overwrites dx (n, in) unless it is NULL.
static void linear_backward(size_t n, size_t in, size_t out, const float *x, const float *w, const float *dy, float *dx,
                            float *dw, float *dbias) {
    kernels->gemm_tn(in, out, n, x, in, dy, dw, true);
    if (dbias) kernels->sum_rows(n, out, dy, out, dbias);
    if (dx) kernels->gemm_nt(n, in, out, dy, w, dx, false);
}

typedef struct Linear {
    uint64_t out;
    Init weight, bias;
} Linear;

static const Field FIELDS[] = {
    FIELD(Linear, out, FIELD_WHOLE, .min = 1, .max = 1e6, .word = "vocab",
          .help = "floats per position; \"vocab\": one logit per symbol"),
    FIELD(Linear, weight, FIELD_INIT, .preset = "{\"kaiming_normal\": 1}", .help = "initial values of W"),
    FIELD(Linear, bias, FIELD_INIT, .preset = "\"zeros\"", .word = "false",
          .help = "initial values of b; false: no bias"),
    {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const Linear *linear = config;
    size_t in = plan->in.c, out = linear->out == FIELD_WORD ? plan->vocab : (size_t)linear->out;
    plan->out = (Shape){plan->in.t, out};
    plan->tensors[plan->n_tensors++] = (TensorPlan){"weight", TENSOR_WEIGHT, 2, {in, out}, linear->weight, in, false};
    if (linear->bias.kind != INIT_NONE)
        plan->tensors[plan->n_tensors++] = (TensorPlan){"bias", TENSOR_BIAS, 1, {out}, linear->bias, in, false};
    return true;
}

void linear_add_bias(void *config) {
    Linear *linear = config;
    if (linear->bias.kind == INIT_NONE) linear->bias = (Init){.kind = INIT_CONSTANT};
}

static void forward(const LayerCall *call) {
    linear_forward(call->b * call->in.t, call->in.c, call->out.c, call->x, call->tensors[0], call->tensors[1], call->y);
}

static void backward(const LayerCall *call) {
    linear_backward(call->b * call->in.t, call->in.c, call->out.c, call->x, call->tensors[0], call->dy, call->dx,
                    call->grads[0], call->grads[1]);
}

static void scalar(const ScalarCall *call) {
    size_t in = call->in.c, out = call->out.c;
    for (size_t i = 0; i < call->b * call->in.t * out; i++) {
        Value sum = value_dot(call->tape, in, call->x + i / out * in, call->tensors[0] + i % out, out);
        call->y[i] = call->tensors[1] ? value_add(call->tape, sum, call->tensors[1][i % out]) : sum;
    }
}

const LayerType linear_layer = {
    .record = {"linear", FIELDS, sizeof(Linear), "x W + b at each position"},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
