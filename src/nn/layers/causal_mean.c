// Causal mean: the mean of all positions so far, the bag of words of makemore.py. Position t = 0, 1, ... has
//
//     s_t = s_(t-1) + x_t,    y_t = s_t / (t + 1),    ds_t = dy_t / (t + 1) + ds_(t+1),    dx_t = ds_t.
//
// x, s and y are (T, C). Attention (Vaswani et al. 2017) with equal scores gives the same.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

#include <string.h>

static float weight(const Rows *rows, size_t row) { return 1 / (float)(rows->depths[row] + 1); }

// x, sum and y (rows, c) from row 0 on. Rows before the pass keep their sums.
static void causal_mean_forward(const Rows *rows, size_t c, const float *x, float *sum, float *y) {
    for (size_t row = rows->first; row < rows->first + rows->n; row++) {
        const uint32_t parent = rows->parents[row];
        float *sum_row = sum + row * c;
        memcpy(sum_row, x + row * c, c * sizeof *sum_row);
        if (parent != ROW_NONE) kernels->axpy(c, 1, sum + parent * c, sum_row);
        for (size_t i = 0; i < c; i++) y[row * c + i] = sum_row[i] * weight(rows, row);
    }
}

// Overwrites dx (rows, c), which holds ds. A row's children come after it.
static void causal_mean_backward(const Rows *rows, size_t c, const float *dy, float *dx) {
    memset(dx, 0, rows->n * c * sizeof *dx);
    for (size_t row = rows->n; row-- > 0;) {
        const uint32_t parent = rows->parents[row];
        kernels->axpy(c, weight(rows, row), dy + row * c, dx + row * c);
        if (parent != ROW_NONE) kernels->axpy(c, 1, dx + row * c, dx + parent * c);
    }
}

static const Field FIELDS[] = {{0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)config, (void)err;
    plan->row_cache_floats = plan->in.c;
    return true;
}

static void forward(const LayerCall *call) {
    const size_t c = call->in.c, before = call->rows->first * c;
    causal_mean_forward(call->rows, c, call->x - before, call->row_cache - before, call->y - before);
}

static void backward(const LayerCall *call) { causal_mean_backward(call->rows, call->in.c, call->dy, call->dx); }

static void scalar(const ScalarCall *call) {
    const Rows *rows = call->rows;
    const size_t c = call->in.c;
    for (size_t i = 0; i < rows->n * c; i++) {
        const size_t row = i / c;
        Value sum = call->x[i];
        for (uint32_t from = rows->parents[row]; from != ROW_NONE; from = rows->parents[from])
            sum = value_add(call->tape, sum, call->x[from * c + i % c]);
        call->y[i] = value_div(call->tape, sum, value_leaf(call->tape, rows->depths[row] + 1));
    }
}

const LayerType causal_mean_layer = {
    .record = {"causal_mean", FIELDS, 0, "the mean of each position and all earlier positions"},
    .needs_positions = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
