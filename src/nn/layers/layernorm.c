// Layer norm (Ba, Kiros and Hinton 2016): standardizes each row of x (n, C), that is each position, over its C floats,
// then scales and shifts each channel. Per row:
//
//     m = 1/C sum_c x_c          v = 1/C sum_c (x_c - m)^2
//     s = 1 / sqrt(v + eps)      u_c = (x_c - m) s            y_c = gain_c u_c + bias_c
//
// Over the rows dbias = sum of dy, dgain = sum of dy u. With du_c = gain_c dy_c, x_c acts on every u of its row through
// v and m, as in batch norm:
//
//     dx_c = s (du_c - 1/C sum_k du_k - u_c 1/C sum_k du_k u_k)
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

typedef struct LayerNorm {
    double eps;
    Init gain, bias;
} LayerNorm;

static const Field FIELDS[] = {
    FIELD(LayerNorm, eps, FIELD_NUMBER, .preset = "1e-5", .max = 1e30,
          .help = "added to the variance before the square root"),
    FIELD(LayerNorm, gain, FIELD_INIT, .preset = "\"ones\"", .help = "initial values of the gain"),
    FIELD(LayerNorm, bias, FIELD_INIT, .preset = "\"zeros\"", .word = "false",
          .help = "initial values of the bias; false: no bias"),
    {0}};

enum { GAIN, BIAS };

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const LayerNorm *norm = config;
    size_t c = plan->in.c;
    plan->tensors[plan->n_tensors++] = (TensorPlan){"gain", TENSOR_BIAS, 1, {c}, norm->gain, c, false};
    if (norm->bias.kind != INIT_NONE)
        plan->tensors[plan->n_tensors++] = (TensorPlan){"bias", TENSOR_BIAS, 1, {c}, norm->bias, c, false};
    plan->row_cache_floats = sizeof(RowNorm) / sizeof(float);
    return true;
}

// The m and s of each row.
static RowNorm *norms_of(const LayerCall *call) { return (RowNorm *)(void *)call->row_cache; }

static void forward(const LayerCall *call) {
    const LayerNorm *norm = call->config;
    kernels->norm_rows(call->b * call->in.t, call->in.c, call->x, true, (float)norm->eps, call->tensors[GAIN],
                       call->tensors[BIAS], call->y, norms_of(call));
}

static void backward(const LayerCall *call) {
    size_t n = call->b * call->in.t, c = call->in.c;
    kernels->norm_rows_sums(n, c, call->x, c, norms_of(call), call->dy, call->grads[GAIN]);
    if (call->grads[BIAS]) kernels->sum_rows(n, c, call->dy, c, call->grads[BIAS]);
    kernels->norm_rows_backward(n, c, call->x, true, norms_of(call), call->tensors[GAIN], call->dy, call->dx);
}

static void scalar_row(const ScalarCall *call, const Value *x, Value *y) {
    const LayerNorm *norm = call->config;
    Tape *tape = call->tape;
    size_t c = call->in.c;
    Value n = value_leaf(tape, (double)c), sum = x[0], squares = value_leaf(tape, 0);
    for (size_t i = 1; i < c; i++) sum = value_add(tape, sum, x[i]);
    Value mean = value_div(tape, sum, n);
    for (size_t i = 0; i < c; i++) {
        y[i] = value_sub(tape, x[i], mean);
        squares = value_add(tape, squares, value_power(tape, y[i], 2));
    }
    Value variance = value_div(tape, squares, n);
    Value scale = value_power(tape, value_add(tape, variance, value_leaf(tape, norm->eps)), -0.5);
    for (size_t i = 0; i < c; i++) {
        y[i] = value_mul(tape, value_mul(tape, y[i], scale), call->tensors[GAIN][i]);
        if (call->tensors[BIAS]) y[i] = value_add(tape, y[i], call->tensors[BIAS][i]);
    }
}

static void scalar(const ScalarCall *call) {
    for (size_t r = 0; r < call->b * call->in.t; r++)
        scalar_row(call, call->x + r * call->in.c, call->y + r * call->in.c);
}

const LayerType layernorm_layer = {
    .record = {"layernorm", FIELDS, sizeof(LayerNorm), "standardizes each position over its channels"},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
