// Position: y_t = x_t + P_t, a row of a learned table for each position (Gehring et al. 2017; makemore.py; microgpt).
//     dx = dy,   dP_t = sum of dy over the rows at position t.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

#include <string.h>

// x, y (n, dim), positions (n), table (positions, dim).
static void position_forward(size_t n, size_t dim, const float *x, const uint32_t *positions, const float *table,
                             float *y) {
    memcpy(y, x, n * dim * sizeof *y);
    for (size_t i = 0; i < n; i++) kernels->axpy(dim, 1, table + positions[i] * dim, y + i * dim);
}

// Adds to dtable in the order of rows.
static void position_backward(size_t n, size_t dim, const uint32_t *positions, const float *dy, float *dx,
                              float *dtable) {
    memcpy(dx, dy, n * dim * sizeof *dx);
    for (size_t i = 0; i < n; i++) kernels->axpy(dim, 1, dy + i * dim, dtable + positions[i] * dim);
}

typedef struct Position {
    Init weight;
} Position;

static const Field FIELDS[] = {
    FIELD(Position, weight, FIELD_INIT, .preset = "{\"normal\": 1}", .help = "initial values of the table"), {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const Position *position = config;
    plan->tensors[plan->n_tensors++] = (TensorPlan){.name = "weight",
                                                    .role = TENSOR_WEIGHT,
                                                    .n_dims = 2,
                                                    .dims = {plan->context, plan->in.c},
                                                    .init = position->weight,
                                                    .fan_in = plan->context,
                                                    .is_table = true};
    return true;
}

static const uint32_t *positions_of(const LayerCall *call) { return call->rows->depths + call->rows->first; }

static void forward(const LayerCall *call) {
    position_forward(call->rows->n, call->in.c, call->x, positions_of(call), call->tensors[0], call->y);
}

static void backward(const LayerCall *call) {
    position_backward(call->rows->n, call->in.c, positions_of(call), call->dy, call->dx, call->grads[0]);
}

static void scalar(const ScalarCall *call) {
    size_t c = call->in.c;
    for (size_t i = 0; i < call->rows->n * c; i++) {
        Value learned = call->tensors[0][call->rows->depths[i / c] * c + i % c];
        call->y[i] = value_add(call->tape, call->x[i], learned);
    }
}

const LayerType position_layer = {
    .record = {"position", FIELDS, sizeof(Position), "adds a learned row for each position"},
    .needs_positions = true,
    .only_once = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
