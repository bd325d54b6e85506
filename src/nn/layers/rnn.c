// Rnn: a hidden state that each position updates (Elman 1990; Mikolov et al. 2010; the form of makemore.py):
//
//     a_t = [x_t, h_(t-1)] W + b,    h_t = tanh a_t,    h_(-1) = start.
//
// With dh_t the gradient by h_t, of y_t = h_t and of all later positions,
//
//     da_t = dh_t (1 - h_t^2),    [dx_t, d] = da_t W',    dh_(t-1) = dy_(t-1) + d,
//     dW = sum_t [x_t, h_(t-1)]' da_t,    db = sum_t da_t,    dstart = d at the first positions.
//
// x is (T, in), h and y (T, out), W (in + out, out) with the rows for x first, b and start (out). The product with the
// rows for x is taken for all positions at once; only that with the rows for h goes level by level.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"
#include "nn/layers/recurrent.h"

#include <string.h>

enum { START, WEIGHT, BIAS };

// x and y by row, from row 0 on; bias or NULL. scratch (in + 2 out) per row.
static void rnn_forward(RecurrentShape s, const Rows *rows, const float *x, const float *start, const float *w,
                        const float *bias, float *scratch, float *y) {
    const size_t out = s.out;
    float *xs = scratch, *hs = xs + rows->n * s.in, *a = hs + rows->n * out; // by place
    gather_rows(rows, all_levels(rows), s.in, x, xs);
    kernels->gemm_nn(rows->n, out, s.in, xs, w, NULL, a, false);
    for (size_t i = 0; i < rows->n_levels; i++) {
        const Level level = level_at(rows, i);
        float *h_level = hs + level.begin * out, *a_level = a + level.begin * out;
        gather_parents(rows, level, out, y, start, hs);
        kernels->gemm_nn(level.n, out, out, h_level, w + s.in * out, bias, a_level, true);
        kernels->tanh(level.n * out, a_level, a_level);
        scatter_rows(rows, level, out, a, y);
    }
}

// The gradients of the parameters; bias or NULL.
typedef struct RnnGrads {
    float *start, *w, *bias;
} RnnGrads;

// Overwrites dx; adds to the gradients of the parameters. scratch (in + 3 out) per row.
static void rnn_backward(RecurrentShape s, const Rows *rows, const float *x, const float *start, const float *w,
                         const float *y, const float *dy, float *scratch, float *dx, RnnGrads grads) {
    const size_t n = rows->n, out = s.out;
    float *xs = scratch, *hs = xs + n * s.in, *da = hs + n * out; // by place
    float *dh = da + n * out;                                     // by row
    memcpy(dh, dy, n * out * sizeof *dh);
    for (size_t i = rows->n_levels; i-- > 0;) {
        const Level level = level_at(rows, i);
        float *da_level = da + level.begin * out, *d = hs;
        gather_rows(rows, level, out, y, hs);
        gather_rows(rows, level, out, dh, da);
        kernels->tanh_backward(level.n * out, hs + level.begin * out, da_level, da_level);
        kernels->gemm_nt(level.n, out, out, da_level, w + s.in * out, d + level.begin * out, false);
        add_to_parents(rows, level, out, d, dh, grads.start);
    }
    gather_rows(rows, all_levels(rows), s.in, x, xs);
    gather_parents(rows, all_levels(rows), out, y, start, hs);
    kernels->gemm_tn(s.in, out, n, xs, s.in, da, grads.w, true);
    kernels->gemm_tn(out, out, n, hs, out, da, grads.w + s.in * out, true);
    if (grads.bias) kernels->sum_rows(n, out, da, out, grads.bias);
    kernels->gemm_nt(n, s.in, out, da, w, xs, false);
    scatter_rows(rows, all_levels(rows), s.in, xs, dx);
}

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const RecurrentConfig *rnn = config;
    const size_t in = plan->in.c, out = (size_t)rnn->out, rows = in + out;
    plan->out = (Shape){plan->in.t, out};
    plan->tensors[START] = (TensorPlan){"start", TENSOR_BIAS, 1, {out}, rnn->start, rows, false};
    plan->tensors[WEIGHT] = (TensorPlan){"weight", TENSOR_WEIGHT, 2, {rows, out}, rnn->weight, rows, false};
    plan->tensors[BIAS] = (TensorPlan){"bias", TENSOR_BIAS, 1, {out}, rnn->bias, rows, false};
    plan->n_tensors = rnn->bias.kind == INIT_NONE ? BIAS : BIAS + 1;
    plan->scratch_row_floats = in + 3 * out;
    return true;
}

static void forward(const LayerCall *call) {
    const RecurrentShape s = {call->in.c, call->out.c};
    const size_t first = call->rows->first;
    rnn_forward(s, call->rows, call->x - first * s.in, call->tensors[START], call->tensors[WEIGHT], call->tensors[BIAS],
                call->scratch, call->y - first * s.out);
}

static void backward(const LayerCall *call) {
    const RecurrentShape s = {call->in.c, call->out.c};
    const RnnGrads grads = {call->grads[START], call->grads[WEIGHT], call->grads[BIAS]};
    rnn_backward(s, call->rows, call->x, call->tensors[START], call->tensors[WEIGHT], call->y, call->dy, call->scratch,
                 call->dx, grads);
}

static void scalar(const ScalarCall *call) {
    const size_t in = call->in.c, out = call->out.c;
    for (size_t row = 0; row < call->rows->n; row++) {
        const uint32_t parent = call->rows->parents[row];
        const Value *h = parent == ROW_NONE ? call->tensors[START] : call->y + parent * out;
        for (size_t j = 0; j < out; j++) {
            Value a = recurrent_sum(call->tape, in, out, call->x + row * in, h, call->tensors[WEIGHT],
                                    call->tensors[BIAS], j);
            call->y[row * out + j] = value_tanh(call->tape, a);
        }
    }
}

static bool is_flat(float y) { return tanh_layer.is_flat(y); }

const LayerType rnn_layer = {
    .record = {"rnn", recurrent_fields, sizeof(RecurrentConfig), "a hidden state h, the tanh of [x, h] W + b"},
    .needs_positions = true,
    .keeps_y = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
    .is_flat = is_flat,
    .most_flat = 25, // as for tanh
};
