// A network: the layers of a config and all the memory they need, laid out once.
#pragma once

#include "base/arena.h"
#include "nn/layer.h"

enum { TENSOR_NAME_BYTES = 48 };

// A named array of the network, such as "layers.0.weight".
typedef struct Tensor {
    char name[TENSOR_NAME_BYTES];
    const TensorPlan *plan;
    size_t n; // floats
    float *data;
    float *grad; // NULL for buffers and in a network for evaluation only
} Tensor;

typedef struct Layer {
    const LayerType *type;
    const void *config;
    LayerPlan plan;
    size_t first_tensor; // index of the first of plan.n_tensors in Network.tensors
    float *y, *dy;       // (max_rows, out.t, out.c); dy is NULL in a network for evaluation only
    float *cache;
} Layer;

typedef struct NetworkUse {
    size_t max_rows;        // examples per pass, at most
    size_t batch;           // examples per training step; 0: evaluation only, without gradients
    bool keeps_every_layer; // every layer's output and gradient will be read: no layers are fused
} NetworkUse;

typedef struct Network {
    size_t vocab, context, max_rows;
    bool uses_tables;        // training fuses the first three layers (nn/layers/embedding_linear.h)
    float *tables, *dtables; // their tables, if uses_tables
    size_t n_layers;
    Layer *layers;
    size_t n_tensors;
    Tensor *tensors;
    size_t n_parameters;   // trained numbers
    size_t n_slab;         // floats in params: the parameters, each tensor padded with zeros to whole vectors
    float *params, *grads; // (n_slab) each, so that an optimizer is one loop
    size_t n_buffers;
    float *buffers;      // (n_buffers): running statistics, which training passes update
    float *scratch;      // shared by all layers
    const uint16_t *ids; // ids of the last forward pass
    size_t first_output; // first layer whose output the last pass computed
} Network;

// Plans the layers for examples of `context` ids below `vocab` and takes all memory from `arena`. Training fuses layers
// embedding, flatten and linear at the start if its batch has more rows there than the tables; so the config alone
// decides the order of additions. Evaluation never fuses.
// Errors name the layer ("model.layers[2]: ..."): ids where floats are expected, a shape that does not fit, a last
// layer that does not give one logit per symbol at one position. A network that needs more memory than the machine has
// is refused before it takes any.
bool network_create(Network *network, const TypedList *layers, size_t vocab, size_t context, NetworkUse use,
                    Arena *arena, Error *err);

// Returns the number of trained numbers of layer i.
size_t network_layer_parameters(const Network *network, size_t i);

// Returns true if a layer of the list mixes the rows of a batch.
bool layers_mix_rows(const TypedList *layers);

// Returns false, with an error that names the layer, if a training batch of b examples is too small for a layer.
bool network_check_batch(const Network *network, size_t b, Error *err);

// Draws all parameters in layer order, weight before bias.
void network_init(Network *network, RandomUse use, Rng *rng);

// Return the logits (b, vocab) of b <= max_rows contexts, ids (b, context), valid until the next pass. network_predict
// evaluates, with running statistics. network_forward trains and prepares network_backward.
const float *network_predict(Network *network, const uint16_t *ids, size_t b);
const float *network_forward(Network *network, const uint16_t *ids, size_t b);

// Returns the input (b, in.t, in.c) of layer i >= 1 in evaluation mode, valid until the next pass.
const float *network_predict_input(Network *network, size_t i, const uint16_t *ids, size_t b);

// Sets the running statistics of layer i, whose type has `calibrate`, from the moments of its input (nn/layer.h).
void network_calibrate(Network *network, size_t i, double n, const double *mean, const double *square);

// Returns the array for the gradient of the loss with respect to the logits, (b, vocab), which network_backward reads.
float *network_logit_grads(const Network *network);

// Adds to the gradient of every parameter, after network_forward of the same b.
void network_backward(Network *network, size_t b);

void network_zero_grads(Network *network);

// Returns the first tensor that holds a number that is not finite, or NULL; if `trained` is true, of the trained ones.
const Tensor *network_find_not_finite(const Network *network, bool trained);

// Returns the first layer with an output that is not finite in the last pass, of b examples, or n_layers.
size_t network_find_not_finite_layer(const Network *network, size_t b);
