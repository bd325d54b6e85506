// Window: the last n positions side by side, the input of an MLP at every position (Bengio et al. 2003; makemore.py).
// With the newest first
//
//     y_t = [x_t, x_(t-1), ..., x_(t-n+1)],    dx_t = sum_k (dy_(t+k))_k,
//
// where x_t is the learned vector `blank` if t < 0. x is (T, C), blank (C), y (T, n C).
#include "nn/layers/window.h"
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

#include <string.h>

typedef struct WindowShape {
    size_t n, c;
    bool newest_first;
} WindowShape;

// Where y has the position k before the newest one.
static size_t place(WindowShape s, size_t k) { return (s.newest_first ? k : s.n - 1 - k) * s.c; }

static uint32_t row_before(const Rows *rows, uint32_t row) { return row == ROW_NONE ? row : rows->parents[row]; }

// x (rows, c), blank (c) and y (rows, n, c) in bytes, from row 0 on: floats or Values.
static void window_forward(WindowShape s, const Rows *rows, const void *x, const void *blank, void *y) {
    for (size_t row = rows->first; row < rows->first + rows->n; row++) {
        uint32_t from = (uint32_t)row;
        for (size_t k = 0; k < s.n; k++) {
            const char *x_from = from == ROW_NONE ? blank : (const char *)x + from * s.c;
            memcpy((char *)y + row * s.n * s.c + place(s, k), x_from, s.c);
            from = row_before(rows, from);
        }
    }
}

// Overwrites dx (rows, c); adds to dblank (c).
static void window_backward(WindowShape s, const Rows *rows, const float *dy, float *dx, float *dblank) {
    memset(dx, 0, rows->n * s.c * sizeof *dx);
    for (size_t row = 0; row < rows->n; row++) {
        uint32_t from = (uint32_t)row;
        for (size_t k = 0; k < s.n; k++) {
            float *dx_from = from == ROW_NONE ? dblank : dx + from * s.c;
            kernels->axpy(s.c, 1, dy + row * s.n * s.c + place(s, k), dx_from);
            from = row_before(rows, from);
        }
    }
}

typedef struct Window {
    uint64_t n;
    const char *order; // one of ORDERS
    Init blank;
} Window;

static const char *const ORDERS[] = {"oldest", "newest", NULL};

static const Field FIELDS[] = {
    FIELD(Window, n, FIELD_WHOLE, .min = 1, .max = 1e6, .help = "positions side by side, the current one included"),
    FIELD(Window, order, FIELD_CHOICE, .preset = "\"oldest\"", .choices = ORDERS, .help = "which position comes first"),
    FIELD(Window, blank, FIELD_INIT, .preset = "{\"normal\": 1}",
          .help = "initial values of the vector for positions before the first"),
    {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    const Window *window = config;
    const size_t n = (size_t)window->n, c = plan->in.c;
    if (n > plan->context) return error_set(err, "n: expected at most the context, %zu, found %zu", plan->context, n);
    plan->out = (Shape){plan->in.t, n * c};
    plan->n_tensors = 1;
    plan->tensors[0] = (TensorPlan){"blank", TENSOR_WEIGHT, 1, {c}, window->blank, plan->vocab, .adds_row = true};
    return true;
}

static WindowShape window_shape(const void *config, size_t c) {
    const Window *window = config;
    return (WindowShape){(size_t)window->n, c, strcmp(window->order, "newest") == 0};
}

static void forward(const LayerCall *call) {
    const size_t first = call->rows->first;
    window_forward(window_shape(call->config, call->in.c * sizeof *call->x), call->rows, call->x - first * call->in.c,
                   call->tensors[0], call->y - first * call->out.c);
}

static void backward(const LayerCall *call) {
    window_backward(window_shape(call->config, call->in.c), call->rows, call->dy, call->dx, call->grads[0]);
}

void window_ids(const void *config, const Rows *rows, const uint16_t *ids, uint16_t blank, uint16_t *windows) {
    const WindowShape s = window_shape(config, 1);
    for (size_t row = 0; row < rows->n; row++) {
        uint32_t from = (uint32_t)row;
        for (size_t k = 0; k < s.n; k++) {
            windows[row * s.n + place(s, k)] = from == ROW_NONE ? blank : ids[from];
            from = row_before(rows, from);
        }
    }
}

static void scalar(const ScalarCall *call) {
    window_forward(window_shape(call->config, call->in.c * sizeof *call->x), call->rows, call->x, call->tensors[0],
                   call->y);
}

const LayerType window_layer = {
    .record = {"window", FIELDS, sizeof(Window), "the last n positions side by side"},
    .needs_positions = true,
    .keeps_x = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
