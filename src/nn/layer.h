// What a layer is. A layer's own file holds an op pair, x_forward and x_backward, on plain arrays, and one LayerType
// that fits the pair to the network; the registry names the type once.
//
// Shapes are (B, T, C), row-major: B examples, T positions each, C floats a position. The first layer takes ids (B, T),
// every other floats. Parameter gradients are added to; input gradients are overwritten.
#ifndef NOMEN_NN_LAYER_H
#define NOMEN_NN_LAYER_H

#include "base/field.h"
#include "nn/init.h"
#include "nn/value.h"

#include "base/error.h"

enum { LAYER_MAX_TENSORS = 4, TENSOR_MAX_DIMS = 2 };

typedef struct Shape {
    size_t t, c; // of one example; ids have c = 1
} Shape;

typedef enum TensorRole {
    TENSOR_WEIGHT, // trained; counted by l2_mean
    TENSOR_BIAS,   // a bias or a gain: trained; not counted
    TENSOR_BUFFER, // saved, not trained (a running mean)
} TensorRole;

typedef struct TensorPlan {
    const char *name;
    TensorRole role;
    size_t n_dims, dims[TENSOR_MAX_DIMS]; // weights are (in, out)
    Init init;
    size_t fan_in;
    bool at_least_0; // whatever it is trained on: a variance
} TensorPlan;

// Filled by a type's `plan`: everything the network must provide for the layer.
typedef struct LayerPlan {
    Shape in;     // given
    size_t vocab; // given
    Shape out;
    bool is_view; // the output is the input's memory in another shape: forward and backward are not called
    size_t n_tensors;
    TensorPlan tensors[LAYER_MAX_TENSORS];
    size_t cache_floats;       // kept from forward to backward, whatever the batch
    size_t cache_row_floats;   // the same for each example
    size_t scratch_row_floats; // for each example, during one call only
    size_t min_batch;          // examples that a training batch must have at the least; 0 for no bound
} LayerPlan;

typedef enum Mode { MODE_TRAINING, MODE_EVALUATION } Mode;

// One call of forward or backward: the actual batch, and where everything lies.
typedef struct LayerCall {
    const void *config;
    size_t b;
    Shape in, out;
    Mode mode;
    const uint16_t *ids;               // (b, in.t) where the type takes ids
    const float *x;                    // (b, in.t, in.c) where it does not
    float *y;                          // (b, out.t, out.c)
    const float *dy;                   // backward: like y
    float *dx;                         // backward: like x; NULL where the type takes ids
    float *tensors[LAYER_MAX_TENSORS]; // in the plan's order
    float *grads[LAYER_MAX_TENSORS];   // NULL for buffers
    float *cache, *scratch;
} LayerCall;

// The same for the scalar autograd: every number a Value.
typedef struct ScalarCall {
    Tape *tape;
    const void *config;
    size_t b;
    Shape in, out;
    const uint16_t *ids; // (b, in.t) where the type takes ids
    const Value *x;      // (b, in.t, in.c) where it does not
    Value *y;            // (b, out.t, out.c)
    const Value *tensors[LAYER_MAX_TENSORS];
} ScalarCall;

typedef struct LayerType {
    Record record; // name, config fields, help; first, so that a Record found by name leads to its type
    bool takes_ids;
    bool mixes_rows; // an example's output depends on which others are in the batch
    // Fills the plan from its `in` and `vocab`. An error begins with the field it is about: "n: expected ...".
    bool (*plan)(const void *config, LayerPlan *plan, Error *err);
    void (*forward)(const LayerCall *call);
    void (*backward)(const LayerCall *call);
    void (*scalar)(const ScalarCall *call); // forward in training mode, over Values: what backward is checked against
    bool (*is_flat)(float y); // whether the slope where the output is y is (nearly) 0; NULL where it never is
    double most_flat;         // share of such outputs, in percent, beyond which the layer hardly learns
    // Sets the layer's running figures from its input over a whole split: n positions, their mean (in.c) and the sum of
    // squared distances from it (in.c). NULL for a layer without such figures.
    void (*calibrate)(const LayerCall *call, double n, const double *mean, const double *square);
} LayerType;

#endif
