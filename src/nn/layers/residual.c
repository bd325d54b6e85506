// Residual: y = x + f(x), where f is a list of layers that keeps the shape (He et al. 2015; the blocks of makemore.py's
// transformer and of microgpt). The gradient by f's output is dy itself, so
//     dx = dy + (the gradient that f's first layer gives).
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

#include <string.h>

typedef struct Residual {
    TypedList layers;
} Residual;

static const Field FIELDS[] = {FIELD(Residual, layers, FIELD_LIST, .registry = layer_registry,
                                     .help = "the layers of f; their output has the shape of their input"),
                               {0}};

static const TypedList *inner(const void *config) { return &((const Residual *)config)->layers; }

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)config;
    Shape in = plan->in, out = *plan->inner;
    return (in.t == out.t && in.c == out.c) ||
           error_set(err, "layers: expected layers that keep the shape %zu x %zu, found %zu x %zu at their end", in.t,
                     in.c, out.t, out.c);
}

static void forward(const LayerCall *call) {
    size_t n = call->b * call->in.t * call->in.c;
    memcpy(call->y, call->skip, n * sizeof *call->y);
    kernels->axpy(n, 1, call->x, call->y);
}

static void backward(const LayerCall *call) {
    kernels->axpy(call->b * call->in.t * call->in.c, 1, call->dy, call->dskip);
}

static void scalar(const ScalarCall *call) {
    for (size_t i = 0; i < call->b * call->in.t * call->in.c; i++)
        call->y[i] = value_add(call->tape, call->skip[i], call->x[i]);
}

const LayerType residual_layer = {
    .record = {"residual", FIELDS, sizeof(Residual), "adds its input to the output of a list of layers"},
    .inner = inner,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
