// A network: the layers of a config and all the memory they need, laid out once. README.md beside this file explains
// networks that predict after a context, networks that read whole names, and layers that hold layers.
#pragma once

#include "base/arena.h"
#include "data/prefixes.h"
#include "nn/layer.h"

enum { LAYER_NAME_BYTES = 64, LAYER_PLACE_BYTES = 96, TENSOR_NAME_BYTES = 96, NETWORK_PREFIX_ROWS = 512 };

// A named array of the network, such as "layers.0.weight".
typedef struct Tensor {
    char name[TENSOR_NAME_BYTES];
    const TensorPlan *plan;
    size_t n; // floats
    float *data;
    float *grad; // NULL for buffers and in a network for evaluation only
} Tensor;

#define NO_LAYER SIZE_MAX

typedef struct Layer {
    char name[LAYER_NAME_BYTES]; // "layers.2", or "layers.2.layers.0" in a layer that holds layers
    const LayerType *type;
    const void *config;
    LayerPlan plan;
    size_t depth;        // of layers that hold it
    size_t input;        // index of the layer whose output this one reads; NO_LAYER for the first
    size_t first_inner;  // index of the first layer that it holds, all of which come before it; its own index if none
    size_t first_tensor; // index of the first of plan.n_tensors in Network.tensors
    float *data[LAYER_MAX_TENSORS], *grads[LAYER_MAX_TENSORS]; // of these tensors, as in LayerCall
    float *y, *dy;    // (train_rows, positions, out.c) of training passes; NULL in a network for evaluation only
    float *evaluated; // the output in evaluation passes
    bool keeps_rows;  // `evaluated` keeps the rows of earlier passes: (max_rows, out.c), not (pass_rows, ...)
    float *cache;
    float *row_cache; // (max_rows, positions, plan.row_cache_floats)
} Layer;

typedef struct Network Network;

typedef struct NetworkUse {
    size_t max_rows;        // contexts per pass, at most; ignored by a network that reads names
    size_t batch;           // examples per training step; 0: evaluation only, without gradients
    size_t names;           // the same for a network that reads names; 0: a step may take several passes
    bool keeps_every_layer; // every layer's output and gradient will be read: no layers are fused
    const Network *shares;  // the network whose parameters and buffers this one uses; NULL: its own
} NetworkUse;

struct Network {
    size_t vocab, context;
    bool reads_names; // predicts at every position of a name
    // Contexts per pass; if the network reads names, how many prefixes the network keeps.
    size_t max_rows;
    size_t pass_rows, train_rows; // of an evaluation pass; of a training pass, 0 in a network for evaluation only
    bool uses_tables;             // training fuses the first three layers (nn/layers/embedding_linear.h)
    float *tables;                // their tables, or the gradients of these
    uint16_t *windows;            // if the second of them is a window: the ids of each row's (max_rows, n), or NULL
    size_t n_layers;
    Layer *layers; // in the order of a forward pass
    size_t n_tensors;
    Tensor *tensors;
    size_t n_parameters;   // trained numbers
    size_t n_slab;         // floats in params: the parameters, padded with zeros to whole vectors
    float *params, *grads; // (n_slab) each, so that an optimizer is one loop
    size_t n_buffers;
    float *buffers;   // (n_buffers): running statistics, which training passes update
    float *scratch;   // shared by all layers
    bool has_trained; // since the last evaluation pass, so that rows of earlier passes are gone
    bool needs_rows;
    uint32_t *parents, *depths; // of the positions of contexts, if the network needs rows
    uint32_t *order, *levels;   // of the last pass, if the network needs rows
    Rows rows;
    const uint16_t *ids; // of the first row of the last pass
    size_t first, n;     // rows of the last pass
    Rng *rng;            // of the last training pass
    size_t first_output; // first layer whose output the last pass computed
};

// What a pass reads: n contexts of a network that predicts after a context; or rows first to first + n - 1 of the
// prefixes, if the network reads names. Rows before `first` must be those of earlier passes.
typedef struct NetworkInput {
    size_t n;
    const uint16_t *ids; // (n, context)
    const Prefixes *prefixes;
    size_t first;
} NetworkInput;

// Plans the layers for examples of `context` ids below `vocab` and takes all memory from `arena`. Training fuses layers
// embedding, flatten (or, in a network that reads names, window) and linear at the start if the sizes in the config
// say that it pays; so the config alone decides the order of additions. Evaluation never fuses. Errors name the
// layer ("model.layers[2]: ..."): ids where floats are expected, a shape that does not fit, a last layer that does not
// give one logit per symbol at one or at every position. A network that needs more memory than the machine has is
// refused before it takes any.
bool network_create(Network *network, const TypedList *layers, size_t vocab, size_t context, NetworkUse use,
                    Arena *arena, Error *err);

// Lays out the memory of a planned network, whose numbers of rows and uses_tables are set. Unless it `may_share`, every
// layer has an array of its own for the gradient by its output. `shares` is that of NetworkUse.
bool network_lay_out(Network *network, bool may_share, const Network *shares, Arena *arena, Error *err);

// Returns the floats of a layer's output (or of its input shape) per row of a pass.
static inline size_t network_row_floats(const Network *network, Shape shape) {
    return network->reads_names ? shape.c : size_mul(shape.t, shape.c);
}

// Writes where the config has the layer: "model.layers[2].layers[0]". Returns `text`.
const char *layer_place(const Layer *layer, char text[LAYER_PLACE_BYTES]);

// Returns the number of trained numbers of layer i.
size_t network_layer_parameters(const Network *network, size_t i);

// Returns true if training must compute every example of a batch, because a layer mixes rows or draws random numbers.
bool layers_need_every_row(const TypedList *layers);

// Returns false, with an error that names the layer, if a training batch of b examples is too small for a layer.
bool network_check_batch(const Network *network, size_t b, Error *err);

// Draws all parameters in layer order, weight before bias.
void network_init(Network *network, RandomUse use, Rng *rng);

// Return the logits (n, vocab) of the pass's rows, valid until the next pass. network_predict evaluates, with running
// statistics, pass_rows rows at most; a network that reads names keeps the logits of earlier rows in front of them.
// network_forward trains, on all rows, and prepares network_backward; rng is for layers that draw.
const float *network_predict(Network *network, NetworkInput input);
const float *network_forward(Network *network, NetworkInput input, Rng *rng);

// Returns the input of layer i >= 1 in evaluation mode, network_row_floats per row, valid until the next pass.
const float *network_predict_input(Network *network, size_t i, NetworkInput input);

// Sets the running statistics of layer i, whose type has `calibrate`, from the moments of its input (nn/layer.h).
void network_calibrate(Network *network, size_t i, double n, const double *mean, const double *square);

// Writes the factor and the shift (in.c) of each channel of layer i, whose type has `channel_map`.
void network_channel_map(Network *network, size_t i, double *factor, double *shift);

// Returns the array for the gradient of the loss with respect to the logits of all rows of the last pass, (n, vocab),
// which network_backward reads.
float *network_logit_grads(const Network *network);

// Adds to the gradient of every parameter, after network_forward.
void network_backward(Network *network);

void network_zero_grads(Network *network);

// Makes `grads` (n_slab) the gradients of the parameters.
void network_use_grads(Network *network, float *grads);

// Returns the first tensor that holds a number that is not finite, or NULL; if `trained` is true, of the trained ones.
const Tensor *network_find_not_finite(const Network *network, bool trained);

// Returns the first layer with an output that is not finite in the last training pass, or n_layers.
size_t network_find_not_finite_layer(const Network *network);
