// Lstm: a hidden state h and a cell c with gates (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000), in
// the form of torch.nn.LSTM. From h = c = 0 before the first position on,
//
//     [a_i, a_f, a_g, a_o] = x_t W_ih + b_ih + h_(t-1) W_hh + b_hh,
//     i = sigmoid a_i,    f = sigmoid a_f,    g = tanh a_g,    o = sigmoid a_o,
//     c_t = f c_(t-1) + i g,    h_t = o tanh c_t.
//
// With dh_t the gradient by h_t, of y_t = h_t and of all later positions, and dc_t that by c_t of later positions,
//
//     s = dc_t + dh_t o (1 - tanh^2 c_t),    dc_(t-1) = s f,
//     da = [s g i (1 - i), s c_(t-1) f (1 - f), s i (1 - g^2), dh_t tanh c_t o (1 - o)],
//     dx_t = da W_ih',    dh_(t-1) = dy_(t-1) + da W_hh',    dW_ih = sum_t x_t' da,    dW_hh = sum_t h_(t-1)' da,
//     db_ih = db_hh = sum_t da.
//
// x is (T, in), h, c and y (T, out), W_ih (in, 4 out), W_hh (out, 4 out), the biases (4 out).
#include "kernels/kernels.h"
#include "nn/layers/layers.h"
#include "nn/layers/recurrent.h"

#include <string.h>

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH, N_TENSORS };

enum { N_GATES = 4, KEPT = 2 + N_GATES }; // kept of each row: c, tanh c and the gates, (out) each

// The parts of `kept`, which a later pass reads by row, so a row's parts lie together.
typedef struct LstmRow {
    float *cell, *tanh_cell, *gates;
} LstmRow;

static LstmRow row_at(float *kept, size_t out, size_t row) {
    float *at = kept + row * KEPT * out;
    return (LstmRow){at, at + out, at + 2 * out};
}

// Returns the cell (out) before a row.
static const float *cell_before(float *kept, size_t out, const Rows *rows, size_t row, const float *zeros) {
    const uint32_t parent = rows->parents[row];
    return parent == ROW_NONE ? zeros : row_at(kept, out, parent).cell;
}

// Computes one row from the arguments a (4, out) of its gates' functions.
static void lstm_row_forward(size_t out, const float *a, const float *before, LstmRow row, float *y) {
    kernels->sigmoid(2 * out, a, row.gates);
    kernels->tanh(out, a + 2 * out, row.gates + 2 * out);
    kernels->sigmoid(out, a + 3 * out, row.gates + 3 * out);
    kernels->lstm_cell(out, row.gates, before, row.cell);
    kernels->tanh(out, row.cell, row.tanh_cell);
    kernels->multiply(out, row.gates + 3 * out, row.tanh_cell, y);
}

// The parameters or their gradients; the biases may be NULL. x, y and kept (KEPT, out) by row, from row 0 on; zeros
// (out). scratch (in + 5 out) per row.
static void lstm_forward(RecurrentShape s, const Rows *rows, const float *x, float *const *tensors, const float *zeros,
                         float *kept, float *scratch, float *y) {
    const size_t out = s.out, columns = N_GATES * out;
    float *xs = scratch, *hs = xs + rows->n * s.in, *a = hs + rows->n * out; // by place
    gather_rows(rows, all_levels(rows), s.in, x, xs);
    kernels->gemm_nn(rows->n, columns, s.in, xs, tensors[WEIGHT_IH], tensors[BIAS_IH], a, false);
    for (size_t i = 0; i < rows->n_levels; i++) {
        const Level level = level_at(rows, i);
        gather_parents(rows, level, out, y, zeros, hs);
        kernels->gemm_nn(level.n, columns, out, hs + level.begin * out, tensors[WEIGHT_HH], tensors[BIAS_HH],
                         a + level.begin * columns, true);
        for (size_t k = level.begin; k < level.begin + level.n; k++) {
            const uint32_t row = rows->order[k];
            lstm_row_forward(out, a + k * columns, cell_before(kept, out, rows, row, zeros), row_at(kept, out, row),
                             y + row * out);
        }
    }
}

// Computes da (n, 4, out) by place. dh by row begins as dy, dc by row as 0; d (n, out) is scratch.
static void lstm_levels_backward(RecurrentShape s, const Rows *rows, const float *w_hh, const float *zeros, float *kept,
                                 float *dh, float *dc, float *d, float *da) {
    const size_t out = s.out, columns = N_GATES * out;
    for (size_t i = rows->n_levels; i-- > 0;) {
        const Level level = level_at(rows, i);
        for (size_t k = level.begin; k < level.begin + level.n; k++) {
            const uint32_t row = rows->order[k], parent = rows->parents[row];
            const LstmRow r = row_at(kept, out, row);
            kernels->lstm_cell_backward(out, r.gates, cell_before(kept, out, rows, row, zeros), r.tanh_cell,
                                        dh + row * out, dc + row * out, da + k * columns);
            if (parent != ROW_NONE) kernels->axpy(out, 1, dc + row * out, dc + parent * out);
        }
        kernels->gemm_nt(level.n, out, columns, da + level.begin * columns, w_hh, d + level.begin * out, false);
        add_to_parents(rows, level, out, d, dh, NULL);
    }
}

// Overwrites dx; adds to grads. scratch (in + 7 out) per row.
static void lstm_backward(RecurrentShape s, const Rows *rows, const float *x, float *const *tensors, const float *zeros,
                          const float *y, float *kept, const float *dy, float *scratch, float *dx,
                          float *const *grads) {
    const size_t n = rows->n, out = s.out, columns = N_GATES * out;
    float *xs = scratch, *hs = xs + n * s.in, *da = hs + n * out; // by place
    float *dh = da + n * columns, *dc = dh + n * out;             // by row
    memcpy(dh, dy, n * out * sizeof *dh);
    memset(dc, 0, n * out * sizeof *dc);
    lstm_levels_backward(s, rows, tensors[WEIGHT_HH], zeros, kept, dh, dc, hs, da);
    gather_rows(rows, all_levels(rows), s.in, x, xs);
    gather_parents(rows, all_levels(rows), out, y, zeros, hs);
    kernels->gemm_tn(s.in, columns, n, xs, s.in, da, grads[WEIGHT_IH], true);
    kernels->gemm_tn(out, columns, n, hs, out, da, grads[WEIGHT_HH], true);
    for (size_t b = BIAS_IH; b <= BIAS_HH; b++)
        if (grads[b]) kernels->sum_rows(n, columns, da, columns, grads[b]);
    kernels->gemm_nt(n, s.in, columns, da, tensors[WEIGHT_IH], xs, false);
    scatter_rows(rows, all_levels(rows), s.in, xs, dx);
}

typedef struct Lstm {
    uint64_t out;
    Init weight, bias;
} Lstm;

static const Field FIELDS[] = {
    FIELD(Lstm, out, FIELD_WHOLE, .min = 1, .max = 1e6, .help = "floats of the hidden state"),
    FIELD(Lstm, weight, FIELD_INIT, .preset = "{\"kaiming_normal\": 1}",
          .help = "initial values of both matrices; the fan in of both is `out`, as in PyTorch"),
    FIELD(Lstm, bias, FIELD_INIT, .preset = "\"zeros\"", .word = "false",
          .help = "initial values of both biases; false: no biases"),
    {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const Lstm *lstm = config;
    const size_t in = plan->in.c, out = (size_t)lstm->out, columns = N_GATES * out;
    plan->out = (Shape){plan->in.t, out};
    plan->tensors[WEIGHT_IH] = (TensorPlan){"weight_ih", TENSOR_WEIGHT, 2, {in, columns}, lstm->weight, out, false};
    plan->tensors[WEIGHT_HH] = (TensorPlan){"weight_hh", TENSOR_WEIGHT, 2, {out, columns}, lstm->weight, out, false};
    plan->tensors[BIAS_IH] = (TensorPlan){"bias_ih", TENSOR_BIAS, 1, {columns}, lstm->bias, out, false};
    plan->tensors[BIAS_HH] = (TensorPlan){"bias_hh", TENSOR_BIAS, 1, {columns}, lstm->bias, out, false};
    plan->n_tensors = lstm->bias.kind == INIT_NONE ? BIAS_IH : N_TENSORS;
    plan->row_cache_floats = KEPT * out;
    plan->scratch_floats = out;
    plan->scratch_row_floats = in + (3 + N_GATES) * out;
    return true;
}

// Sets the first `out` floats of the scratch memory, the state before the first position, to 0.
static const float *zero_state(const LayerCall *call) {
    return memset(call->scratch, 0, call->out.c * sizeof *call->scratch);
}

static void forward(const LayerCall *call) {
    const RecurrentShape s = {call->in.c, call->out.c};
    const size_t first = call->rows->first;
    lstm_forward(s, call->rows, call->x - first * s.in, call->tensors, zero_state(call),
                 call->row_cache - first * KEPT * s.out, call->scratch + s.out, call->y - first * s.out);
}

static void backward(const LayerCall *call) {
    const RecurrentShape s = {call->in.c, call->out.c};
    lstm_backward(s, call->rows, call->x, call->tensors, zero_state(call), call->y, call->row_cache, call->dy,
                  call->scratch + s.out, call->dx, call->grads);
}

// The argument of column j's function: x (in), h (out) or NULL if it is 0.
static Value scalar_sum(const ScalarCall *call, const Value *x, const Value *h, size_t j) {
    const size_t columns = N_GATES * call->out.c;
    Value sum = value_dot(call->tape, call->in.c, x, call->tensors[WEIGHT_IH] + j, columns);
    if (h) {
        Value of_h = value_dot(call->tape, call->out.c, h, call->tensors[WEIGHT_HH] + j, columns);
        sum = value_add(call->tape, sum, of_h);
    }
    for (size_t b = BIAS_IH; b <= BIAS_HH; b++)
        if (call->tensors[b]) sum = value_add(call->tape, sum, call->tensors[b][j]);
    return sum;
}

// Returns element j of h_t and sets *c to that of c_t. `before` is that of c_(t-1).
static Value scalar_state(const ScalarCall *call, const Value *x, const Value *h, size_t j, Value before, Value *c) {
    Tape *tape = call->tape;
    const size_t out = call->out.c;
    Value i = value_sigmoid(tape, scalar_sum(call, x, h, j));
    Value f = value_sigmoid(tape, scalar_sum(call, x, h, out + j));
    Value g = value_tanh(tape, scalar_sum(call, x, h, 2 * out + j));
    Value o = value_sigmoid(tape, scalar_sum(call, x, h, 3 * out + j));
    Value kept = value_mul(tape, f, before), new = value_mul(tape, i, g);
    *c = value_add(tape, kept, new);
    return value_mul(tape, o, value_tanh(tape, *c));
}

static void scalar(const ScalarCall *call) {
    const size_t in = call->in.c, out = call->out.c;
    Value *cells = call->scratch; // (rows, out)
    for (size_t row = 0; row < call->rows->n; row++) {
        const uint32_t parent = call->rows->parents[row];
        const bool is_first = parent == ROW_NONE;
        const Value *h = is_first ? NULL : call->y + parent * out;
        for (size_t j = 0; j < out; j++) {
            Value before = is_first ? value_leaf(call->tape, 0) : cells[parent * out + j];
            call->y[row * out + j] = scalar_state(call, call->x + row * in, h, j, before, &cells[row * out + j]);
        }
    }
}

const LayerType lstm_layer = {
    .record = {"lstm", FIELDS, sizeof(Lstm), "a hidden state and a cell with gates"},
    .needs_positions = true,
    .keeps_y = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
