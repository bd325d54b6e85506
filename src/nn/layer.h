// The contract of a layer. A layer's file holds an op pair on plain arrays, x_forward and x_backward, unless one
// kernel does it (tanh, relu), and a LayerType that connects the pair to the network; layers.h declares the type and
// registry.c lists it.
//
// Arrays are (B, T, C), row-major: B examples, T positions per example, C floats per position. The first layer of a
// network takes ids (B, T); every other layer takes floats. A backward pass overwrites the gradient of its input and
// adds to the gradients of its parameters.
#pragma once

#include "base/error.h"
#include "base/field.h"
#include "nn/init.h"
#include "nn/value.h"

enum { LAYER_MAX_TENSORS = 4, TENSOR_MAX_DIMS = 2 };

typedef struct Shape {
    size_t t, c; // of one example; ids have c = 1
} Shape;

typedef enum TensorRole {
    TENSOR_WEIGHT, // trained; counted by train.l2_mean
    TENSOR_BIAS,   // a bias or gain: trained; not counted by train.l2_mean
    TENSOR_BUFFER, // saved but not trained, such as a running mean
} TensorRole;

typedef struct TensorPlan {
    const char *name;
    TensorRole role;
    size_t n_dims, dims[TENSOR_MAX_DIMS]; // weights are (in, out)
    Init init;
    size_t fan_in;
    bool at_least_0; // never negative, such as a variance
} TensorPlan;

// What the network must provide for a layer.
typedef struct LayerPlan {
    Shape in;     // set before `plan` is called, as is vocab
    size_t vocab; // symbols
    Shape out;    // `in` unless `plan` changes it
    bool is_view; // the output is the input's memory in another shape; forward and backward are never called
    size_t n_tensors;
    TensorPlan tensors[LAYER_MAX_TENSORS];
    size_t cache_floats;       // kept from forward to backward
    size_t cache_row_floats;   // the same, per example
    size_t scratch_row_floats; // per example, during one call
    size_t min_batch;          // smallest training batch, in examples; 0: no bound
} LayerPlan;

typedef enum Mode { MODE_TRAINING, MODE_EVALUATION } Mode;

// The arguments of one call of forward or backward for b examples.
typedef struct LayerCall {
    const void *config;
    size_t b;
    Shape in, out;
    Mode mode;
    const uint16_t *ids;               // (b, in.t), if the type takes ids
    const float *x;                    // (b, in.t, in.c), if it does not
    float *y;                          // (b, out.t, out.c)
    const float *dy;                   // like y; backward only
    float *dx;                         // like x, or NULL if the type takes ids; backward only
    float *tensors[LAYER_MAX_TENSORS]; // in the plan's order
    float *grads[LAYER_MAX_TENSORS];   // NULL for buffers
    float *cache, *scratch;
} LayerCall;

// The arguments of a forward pass over scalar Values.
typedef struct ScalarCall {
    Tape *tape;
    const void *config;
    size_t b;
    Shape in, out;
    const uint16_t *ids; // (b, in.t), if the type takes ids
    const Value *x;      // (b, in.t, in.c), if it does not
    Value *y;            // (b, out.t, out.c)
    const Value *tensors[LAYER_MAX_TENSORS];
} ScalarCall;

typedef struct LayerType {
    Record record;   // name, config fields, help; the first member, because a Record is cast to its type
    bool takes_ids;  // comes first in a network
    bool mixes_rows; // the output of an example depends on the other examples of the batch
    // Completes the plan; may be NULL. Errors begin with the config field that they are about: "n: expected ...".
    bool (*plan)(const void *config, LayerPlan *plan, Error *err);
    void (*forward)(const LayerCall *call);
    void (*backward)(const LayerCall *call);
    void (*scalar)(const ScalarCall *call); // forward in training mode over Values, against which backward is checked
    bool (*is_flat)(float y); // true if the slope is (nearly) 0 at output y; NULL if the layer is never flat
    double most_flat;         // percentage of flat outputs above which the layer hardly learns
    // Sets the running statistics from the layer's input over a whole split: n positions, their mean (in.c) and the sum
    // of squared distances from it (in.c). NULL if the layer has none.
    void (*calibrate)(const LayerCall *call, double n, const double *mean, const double *square);
} LayerType;

// Returns the record of the i-th layer type, or NULL after the last.
const Record *layer_registry(size_t i);
