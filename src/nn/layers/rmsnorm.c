// RMS norm (Zhang and Sennrich 2019): divides each row of x (n, C), that is each position, by its root mean square.
// Layer norm without the mean and the bias. Per row:
//
//     s = (1/C sum_c x_c^2 + eps)^(-1/2)      u_c = x_c s      y_c = gain_c u_c
//
// Over the rows dgain = sum of dy u. With du_c = gain_c dy_c and ds/dx_c = -s^3 x_c / C = -s^2 u_c / C:
//
//     dx_c = s du_c + ds/dx_c sum_k du_k x_k = s (du_c - u_c 1/C sum_k du_k u_k)
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

typedef struct RmsNorm {
    double eps;
    Init gain;
} RmsNorm;

static const Field FIELDS[] = {FIELD(RmsNorm, eps, FIELD_NUMBER, .preset = "1e-5", .max = 1e30,
                                     .help = "added to the mean of squares before the square root"),
                               FIELD(RmsNorm, gain, FIELD_INIT, .preset = "\"ones\"", .word = "false",
                                     .help = "initial values of the gain; false: no gain"),
                               {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const RmsNorm *norm = config;
    size_t c = plan->in.c;
    if (norm->gain.kind != INIT_NONE)
        plan->tensors[plan->n_tensors++] = (TensorPlan){"gain", TENSOR_BIAS, 1, {c}, norm->gain, c, false};
    plan->row_cache_floats = sizeof(RowNorm) / sizeof(float);
    return true;
}

// The s of each row; its mean is 0.
static RowNorm *norms_of(const LayerCall *call) { return (RowNorm *)(void *)call->row_cache; }

static void forward(const LayerCall *call) {
    const RmsNorm *norm = call->config;
    kernels->norm_rows(call->b * call->in.t, call->in.c, call->x, false, (float)norm->eps, call->tensors[0], NULL,
                       call->y, norms_of(call));
}

static void backward(const LayerCall *call) {
    size_t n = call->b * call->in.t, c = call->in.c;
    if (call->grads[0]) kernels->norm_rows_sums(n, c, call->x, c, norms_of(call), call->dy, call->grads[0]);
    kernels->norm_rows_backward(n, c, call->x, false, norms_of(call), call->tensors[0], call->dy, call->dx);
}

static void scalar_row(const ScalarCall *call, const Value *x, Value *y) {
    const RmsNorm *norm = call->config;
    Tape *tape = call->tape;
    size_t c = call->in.c;
    Value squares = value_power(tape, x[0], 2);
    for (size_t i = 1; i < c; i++) squares = value_add(tape, squares, value_power(tape, x[i], 2));
    Value mean = value_div(tape, squares, value_leaf(tape, (double)c));
    Value scale = value_power(tape, value_add(tape, mean, value_leaf(tape, norm->eps)), -0.5);
    for (size_t i = 0; i < c; i++) {
        y[i] = value_mul(tape, x[i], scale);
        if (call->tensors[0]) y[i] = value_mul(tape, y[i], call->tensors[0][i]);
    }
}

static void scalar(const ScalarCall *call) {
    for (size_t r = 0; r < call->b * call->in.t; r++)
        scalar_row(call, call->x + r * call->in.c, call->y + r * call->in.c);
}

const LayerType rmsnorm_layer = {
    .record = {"rmsnorm", FIELDS, sizeof(RmsNorm), "divides each position by its root mean square"},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
