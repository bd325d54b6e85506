// Gru: a hidden state with gates (Cho et al. 2014) in the form of makemore.py, in which z is the share of the new state
// and r multiplies the state before its product with Wc. In torch.nn.GRU z is the share of the old state, and r
// multiplies the product. With h = h_(t-1), and h_(-1) = start,
//
//     az = [x_t, h] Wz + bz,    ar = [x_t, h] Wr + br,    ac = [x_t, r h] Wc + bc,
//     z = sigmoid az,           r = sigmoid ar,           c = tanh ac,           h_t = (1 - z) h + z c.
//
// With dh_t the gradient by h_t, of y_t = h_t and of all later positions,
//
//     daz = dh_t (c - h) z (1 - z),      dac = dh_t z (1 - c^2),       [dx_c, e] = dac Wc',
//     dar = e h r (1 - r),               [dx_z, dh_z] = daz Wz',       [dx_r, dh_r] = dar Wr',
//     dx_t = dx_z + dx_r + dx_c,         d = dh_t (1 - z) + e r + dh_z + dh_r,
//     dh_(t-1) = dy_(t-1) + d,           dstart = d at the first positions,
//     dWz = sum_t [x_t, h]' daz,         dWr = sum_t [x_t, h]' dar,    dWc = sum_t [x_t, r h]' dac,
//
// and the gradient of each bias is the sum of its da.
//
// x is (T, in), all others (T, out), each W (in + out, out) with the rows for x first, the biases and start (out). The
// products with the rows for x are taken for all positions at once; the others go level by level.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"
#include "nn/layers/recurrent.h"

#include <string.h>

// The gates, in the order in which makemore.py draws them. `UPDATE` is z, `CANDIDATE` c.
enum { UPDATE, RESET, CANDIDATE, N_GATES };

// The parameters or their gradients; each bias may be NULL.
typedef struct GruTensors {
    float *start, *w[N_GATES], *bias[N_GATES];
} GruTensors;

// Continues the sums of a gate at the places of `level` with h W (the rows for h) + b.
static void add_state(RecurrentShape s, const GruTensors *p, size_t gate, Level level, const float *h, float *sums) {
    const size_t at = level.begin * s.out;
    kernels->gemm_nn(level.n, s.out, s.out, h + at, p->w[gate] + s.in * s.out, p->bias[gate], sums + at, true);
}

// x and y by row, from row 0 on; gates (N_GATES, n, out) by place. scratch (in + 2 out) per row.
static void gru_forward(RecurrentShape s, const Rows *rows, const float *x, const GruTensors *p, float *gates,
                        float *scratch, float *y) {
    const size_t out = s.out, all = rows->n * out;
    float *xs = scratch, *hs = xs + rows->n * s.in, *rh = hs + all; // by place
    float *z = gates + UPDATE * all, *r = gates + RESET * all, *c = gates + CANDIDATE * all;
    gather_rows(rows, all_levels(rows), s.in, x, xs);
    for (size_t g = 0; g < N_GATES; g++)
        kernels->gemm_nn(rows->n, out, s.in, xs, p->w[g], NULL, gates + g * all, false);
    for (size_t i = 0; i < rows->n_levels; i++) {
        const Level level = level_at(rows, i);
        const size_t at = level.begin * out, n = level.n * out;
        gather_parents(rows, level, out, y, p->start, hs);
        add_state(s, p, UPDATE, level, hs, z);
        add_state(s, p, RESET, level, hs, r);
        kernels->sigmoid(n, z + at, z + at);
        kernels->sigmoid(n, r + at, r + at);
        kernels->multiply(n, r + at, hs + at, rh + at);
        add_state(s, p, CANDIDATE, level, rh, c);
        kernels->tanh(n, c + at, c + at);
        kernels->gru_state(n, z + at, c + at, hs + at, rh + at);
        scatter_rows(rows, level, out, rh, y);
    }
}

// d = [d +] da W' over the rows for h, at the places of `level`.
static void state_gradient(RecurrentShape s, const GruTensors *p, size_t gate, Level level, const float *da, float *d,
                           bool add) {
    const size_t at = level.begin * s.out;
    kernels->gemm_nt(level.n, s.out, s.out, da + at, p->w[gate] + s.in * s.out, d + at, add);
}

// Computes da (N_GATES, n, out) by place, and dstart. hs by place; dh by row begins as dy; d (n, out) is scratch.
static void gru_levels_backward(RecurrentShape s, const Rows *rows, const GruTensors *p, const float *gates,
                                const float *hs, float *dh, float *d, float *da, float *dstart) {
    const size_t out = s.out, all = rows->n * out;
    const float *z = gates + UPDATE * all, *r = gates + RESET * all, *c = gates + CANDIDATE * all;
    float *daz = da + UPDATE * all, *dar = da + RESET * all, *dac = da + CANDIDATE * all;
    for (size_t i = rows->n_levels; i-- > 0;) {
        const Level level = level_at(rows, i);
        const size_t at = level.begin * out, n = level.n * out;
        gather_rows(rows, level, out, dh, d);
        kernels->gru_state_backward(n, z + at, c + at, hs + at, d + at, daz + at, dac + at, d + at);
        state_gradient(s, p, CANDIDATE, level, dac, dar, false);
        kernels->gru_reset_backward(n, r + at, hs + at, dar + at, dar + at, d + at);
        state_gradient(s, p, UPDATE, level, daz, d, true);
        state_gradient(s, p, RESET, level, dar, d, true);
        add_to_parents(rows, level, out, d, dh, dstart);
    }
}

// Overwrites dx; adds to the gradients of the parameters. scratch (in + 6 out) per row.
static void gru_backward(RecurrentShape s, const Rows *rows, const float *x, const GruTensors *p, const float *y,
                         const float *gates, const float *dy, float *scratch, float *dx, const GruTensors *grads) {
    const size_t n = rows->n, out = s.out, all = n * out;
    float *xs = scratch, *hs = xs + n * s.in, *d = hs + all, *da = d + all; // by place
    float *dh = da + N_GATES * all;                                         // by row
    memcpy(dh, dy, all * sizeof *dh);
    gather_rows(rows, all_levels(rows), s.in, x, xs);
    gather_parents(rows, all_levels(rows), out, y, p->start, hs);
    gru_levels_backward(s, rows, p, gates, hs, dh, d, da, grads->start);
    float *rh = d;
    kernels->multiply(all, gates + RESET * all, hs, rh);
    for (size_t g = 0; g < N_GATES; g++) {
        const float *da_g = da + g * all, *state = g == CANDIDATE ? rh : hs;
        kernels->gemm_tn(s.in, out, n, xs, s.in, da_g, grads->w[g], true);
        kernels->gemm_tn(out, out, n, state, out, da_g, grads->w[g] + s.in * out, true);
        if (grads->bias[g]) kernels->sum_rows(n, out, da_g, out, grads->bias[g]);
    }
    for (size_t g = 0; g < N_GATES; g++) kernels->gemm_nt(n, s.in, out, da + g * all, p->w[g], xs, g > 0);
    scatter_rows(rows, all_levels(rows), s.in, xs, dx);
}

static bool has_bias(const void *config) { return ((const RecurrentConfig *)config)->bias.kind != INIT_NONE; }

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    static const char *const WEIGHTS[] = {"update", "reset", "candidate"};
    static const char *const BIASES[] = {"update_bias", "reset_bias", "candidate_bias"};
    (void)err;
    const RecurrentConfig *gru = config;
    const size_t in = plan->in.c, out = (size_t)gru->out, rows = in + out;
    TensorPlan *tensor = plan->tensors;
    *tensor++ = (TensorPlan){"start", TENSOR_BIAS, 1, {out}, gru->start, rows, false};
    for (size_t g = 0; g < N_GATES; g++) {
        *tensor++ = (TensorPlan){WEIGHTS[g], TENSOR_WEIGHT, 2, {rows, out}, gru->weight, rows, false};
        if (has_bias(config)) *tensor++ = (TensorPlan){BIASES[g], TENSOR_BIAS, 1, {out}, gru->bias, rows, false};
    }
    plan->n_tensors = (size_t)(tensor - plan->tensors);
    plan->out = (Shape){plan->in.t, out};
    plan->row_cache_floats = N_GATES * out;
    plan->scratch_row_floats = in + (3 + N_GATES) * out;
    return true;
}

// Where a gate's weight and bias are among the tensors of the plan.
static size_t weight_at(const void *config, size_t gate) { return 1 + gate * (has_bias(config) ? 2 : 1); }
static size_t bias_at(const void *config, size_t gate) { return weight_at(config, gate) + 1; }

static GruTensors tensors(const void *config, float *const *from) {
    GruTensors t = {.start = from[0]};
    for (size_t g = 0; g < N_GATES; g++) {
        t.w[g] = from[weight_at(config, g)];
        t.bias[g] = has_bias(config) ? from[bias_at(config, g)] : NULL;
    }
    return t;
}

static void forward(const LayerCall *call) {
    const RecurrentShape s = {call->in.c, call->out.c};
    const GruTensors p = tensors(call->config, call->tensors);
    const size_t first = call->rows->first;
    gru_forward(s, call->rows, call->x - first * s.in, &p, call->row_cache, call->scratch, call->y - first * s.out);
}

static void backward(const LayerCall *call) {
    const RecurrentShape s = {call->in.c, call->out.c};
    const GruTensors p = tensors(call->config, call->tensors), grads = tensors(call->config, call->grads);
    gru_backward(s, call->rows, call->x, &p, call->y, call->row_cache, call->dy, call->scratch, call->dx, &grads);
}

// The argument of a gate's function, column j.
static Value scalar_sum(const ScalarCall *call, size_t gate, const Value *x, const Value *h, size_t j) {
    const Value *bias = has_bias(call->config) ? call->tensors[bias_at(call->config, gate)] : NULL;
    return recurrent_sum(call->tape, call->in.c, call->out.c, x, h, call->tensors[weight_at(call->config, gate)], bias,
                         j);
}

// y first holds the sums of the candidate, so that each r h is computed once.
static void scalar_row(const ScalarCall *call, const Value *x, const Value *h, Value *y) {
    Tape *tape = call->tape;
    const size_t in = call->in.c, out = call->out.c;
    const Value *w = call->tensors[weight_at(call->config, CANDIDATE)];
    for (size_t j = 0; j < out; j++) y[j] = value_dot(tape, in, x, w + j, out);
    for (size_t k = 0; k < out; k++) {
        Value rh = value_mul(tape, value_sigmoid(tape, scalar_sum(call, RESET, x, h, k)), h[k]);
        for (size_t j = 0; j < out; j++) y[j] = value_add(tape, y[j], value_mul(tape, rh, w[(in + k) * out + j]));
    }
    for (size_t j = 0; j < out; j++) {
        if (has_bias(call->config)) y[j] = value_add(tape, y[j], call->tensors[bias_at(call->config, CANDIDATE)][j]);
        Value z = value_sigmoid(tape, scalar_sum(call, UPDATE, x, h, j)), c = value_tanh(tape, y[j]);
        y[j] = value_add(tape, h[j], value_mul(tape, z, value_sub(tape, c, h[j])));
    }
}

static void scalar(const ScalarCall *call) {
    const size_t in = call->in.c, out = call->out.c;
    for (size_t row = 0; row < call->rows->n; row++) {
        const uint32_t parent = call->rows->parents[row];
        const Value *h = parent == ROW_NONE ? call->tensors[0] : call->y + parent * out;
        scalar_row(call, call->x + row * in, h, call->y + row * out);
    }
}

const LayerType gru_layer = {
    .record = {"gru", recurrent_fields, sizeof(RecurrentConfig),
               "a hidden state with gates that set how much of it is new"},
    .needs_positions = true,
    .keeps_y = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
