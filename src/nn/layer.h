// The contract of a layer. A layer's file holds an op pair on plain arrays, x_forward and x_backward, unless one
// kernel does it (tanh, relu), and a LayerType that connects the pair to the network; layers.h declares the type and
// registry.c lists it.
//
// Arrays are (B, T, C), row-major: B examples, T positions per example, C floats per position. The first layer of a
// network takes ids (B, T); every other layer takes floats. A backward pass overwrites the gradient of its input and
// adds to the gradients of its parameters. In a network that reads whole names an example of a call is one position,
// so T is 1 and B is the number of rows (README.md beside this file).
#pragma once

#include "base/error.h"
#include "base/field.h"
#include "data/prefixes.h"
#include "nn/init.h"
#include "nn/value.h"

enum { LAYER_MAX_TENSORS = 8, TENSOR_MAX_DIMS = 2, LAYER_MAX_DEPTH = 4 };

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
    bool is_table;   // rows are looked up, not multiplied: drawn row by row, never output by output
    bool adds_row;   // one more row of the table before it: next to it in memory; makemore.py draws both at once
} TensorPlan;

// What the network must provide for a layer.
typedef struct LayerPlan {
    Shape in;           // set before `plan` is called, as are the next three
    size_t vocab;       // symbols
    size_t context;     // positions of a network's input
    const Shape *inner; // of the last inner layer's output; NULL unless the type holds layers
    Shape out;          // `in` unless `plan` changes it
    bool is_view;       // the output is the input's memory in another shape; forward and backward are never called
    size_t n_tensors;
    TensorPlan tensors[LAYER_MAX_TENSORS];
    size_t cache_floats;       // kept from forward to backward
    size_t row_cache_floats;   // kept per position, from forward to backward and for later positions of the same name
    size_t scratch_floats;     // during one call
    size_t scratch_row_floats; // during one call, per position
    size_t min_batch;          // smallest training batch, in examples; 0: no bound
} LayerPlan;

typedef enum Mode { MODE_TRAINING, MODE_EVALUATION } Mode;

// The positions of a pass as rows, for layers that look at earlier positions. A pass computes rows first to
// first + n - 1. Earlier rows are positions that passes before it computed. A training pass has first = 0.
typedef struct Rows {
    size_t first, n;
    const uint32_t *parents; // by row: the row of the position before, which is smaller; ROW_NONE at the first position
    const uint32_t *depths;  // by row: how many positions are before it
    // The rows of the pass by depth: level l is order[levels[l]] to order[levels[l + 1] - 1]. The parents of a level's
    // rows are in earlier levels or before the pass.
    size_t n_levels;
    const uint32_t *order, *levels;
} Rows;

// The arguments of one call of forward or backward for b examples. Arrays with a row per position begin at the pass's
// first row, so x - rows->first * in.c is row 0.
typedef struct LayerCall {
    const void *config;
    size_t b;
    Shape in, out;
    size_t context; // positions of the network's input
    Mode mode;
    const Rows *rows;      // if the type needs positions; n is b * in.t
    Rng *rng;              // if the type draws, in training
    const uint16_t *ids;   // (b, in.t), if the type takes ids
    const float *x;        // (b, in.t, in.c), if it does not
    float *y;              // (b, out.t, out.c)
    const float *dy;       // like y; backward only
    float *dx;             // like x, or NULL if the type takes ids; backward only
    const float *skip;     // the input of a layer that holds layers; its x is the last inner layer's output
    float *dskip;          // its gradient, which holds the first inner layer's dx; add to it
    float *const *tensors; // (LAYER_MAX_TENSORS), in the plan's order, NULL behind its last
    float *const *grads;   // likewise; NULL for buffers
    float *cache;          // (cache_floats)
    float *row_cache;      // (b, in.t, row_cache_floats)
    float *scratch;        // (scratch_floats), then (b, in.t, scratch_row_floats)
} LayerCall;

// The arguments of a forward pass over scalar Values.
typedef struct ScalarCall {
    Tape *tape;
    const void *config;
    size_t b;
    Shape in, out;
    size_t context;
    const uint16_t *ids;    // (b, in.t), if the type takes ids
    const Value *x;         // (b, in.t, in.c), if it does not
    Value *y;               // (b, out.t, out.c)
    const Value *skip;      // as in LayerCall
    const Rows *rows;       // if the type needs positions; first is 0
    const float *row_cache; // of the float pass: a dropout needs the factors that it drew
    Value *scratch;         // as in LayerCall
    const Value *tensors[LAYER_MAX_TENSORS];
} ScalarCall;

typedef struct LayerType {
    Record record;         // name, config fields, help; the first member, because a Record is cast to its type
    bool takes_ids;        // comes first in a network
    bool mixes_rows;       // the output of an example depends on the other examples of the batch
    bool needs_positions;  // looks at earlier positions, or at how many there are; comes before any flatten
    bool draws;            // draws random numbers in training, so equal examples cannot share a row
    bool keeps_x, keeps_y; // later positions of a name read the input, or the output, of this one
    bool only_once;        // a network has one at most
    const TypedList *(*inner)(const void *config); // the layers that it holds; NULL: none. Then `in` equals `out`.
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
    // Writes what the layer does to each channel in evaluation mode, y = factor x + shift (in.c). NULL if it does
    // anything else.
    void (*channel_map)(const LayerCall *call, double *factor, double *shift);
} LayerType;

// Returns the record of the i-th layer type, or NULL after the last.
const Record *layer_registry(size_t i);
