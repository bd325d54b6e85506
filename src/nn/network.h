// A network: a list of layers, straight from the config, and all the memory they need, laid out once.
#ifndef NOMEN_NN_NETWORK_H
#define NOMEN_NN_NETWORK_H

#include "base/arena.h"
#include "nn/layer.h"

enum { TENSOR_NAME_BYTES = 48 };

// A named array of the network: "layers.0.weight".
typedef struct Tensor {
    char name[TENSOR_NAME_BYTES];
    const TensorPlan *plan;
    size_t n; // floats
    float *data;
    float *grad; // NULL for buffers, and in a network made for evaluation alone
} Tensor;

typedef struct Layer {
    const LayerType *type;
    const void *config;
    LayerPlan plan;
    size_t first_tensor; // of plan.n_tensors in the network's list
    float *y, *dy;       // (max_rows, out.t, out.c); dy is NULL in a network made for evaluation alone
    float *cache;
} Layer;

// What a network is made for.
typedef struct NetworkUse {
    size_t max_rows;        // examples at a time
    size_t batch;           // of a training step; 0: for evaluation alone, without gradients
    bool keeps_every_layer; // all outputs and their gradients are to be seen: no layers are taken together
} NetworkUse;

typedef struct Network {
    size_t vocab, context, max_rows;
    bool uses_tables;        // training takes the first three layers together (nn/tables.h)
    float *tables, *dtables; // (flatten's n, vocab, linear's out) each, where it does
    size_t n_layers;
    Layer *layers;
    size_t n_tensors;
    Tensor *tensors;
    size_t n_parameters;   // trained numbers
    size_t n_slab;         // the same with each tensor rounded up to whole vectors; the rest stays 0
    float *params, *grads; // (n_slab) each: the optimizer is one loop over them
    size_t n_buffers;
    float *buffers; // (n_buffers): the layers' running figures, which a training pass moves
    float *scratch;
    const uint16_t *ids; // of the last forward pass
    size_t first_output; // of that pass: the layers before it were taken together with it
} Network;

// Plans the layers for examples of `context` ids out of `vocab` symbols and carves all memory from `arena`. Where the
// network begins with embedding, flatten and linear and its training batch has more rows there than the tables,
// training goes by tables: a matter of the config alone, as the order of additions has to be. Evaluation never does.
// Errors name the layer ("model.layers[2]: ..."): ids where floats are due, a shape that does not fit, a last layer
// that does not give one logit a symbol at one position, more memory than the machine has (refused before any is
// taken).
bool network_create(Network *network, const TypedList *layers, size_t vocab, size_t context, NetworkUse use,
                    Arena *arena, Error *err);

// How many trained numbers layer i has.
size_t network_layer_parameters(const Network *network, size_t i);

// True where a layer of the list mixes the rows of a batch.
bool layers_mix_rows(const TypedList *layers);

// An error, naming the layer, where a training batch of b examples is too small for it.
bool network_check_batch(const Network *network, size_t b, Error *err);

// Draws all parameters, in layer order, weight before bias.
void network_init(Network *network, Rng *rng);

// The logits (b, vocab) of b <= max_rows contexts, ids (b, context), kept until the next pass. Two functions, so that
// the modes cannot be mixed up: network_predict evaluates, with running figures where a layer has them; network_forward
// trains, needs a network made for training, and is what network_backward follows.
const float *network_predict(Network *network, const uint16_t *ids, size_t b);
const float *network_forward(Network *network, const uint16_t *ids, size_t b);

// The input (b, in.t, in.c) of layer i >= 1 (the first one's are ids), in evaluation mode; kept until the next pass.
const float *network_predict_input(Network *network, size_t i, const uint16_t *ids, size_t b);

// Sets the running figures of layer i, whose type has `calibrate`, from the moments of its input (nn/layer.h).
void network_calibrate(Network *network, size_t i, double n, const double *mean, const double *square);

// Where the loss's gradient by the logits, (b, vocab), goes before network_backward.
float *network_logit_grads(const Network *network);

// After network_forward of the same b, with network_logit_grads filled: adds to the gradient of every parameter.
void network_backward(Network *network, size_t b);

void network_zero_grads(Network *network);

// The first tensor that holds a number that is not finite, or NULL; with `trained` among the trained ones only.
const Tensor *network_find_not_finite(const Network *network, bool trained);

// Whether the layers' running figures are all finite: a look at each step costs next to nothing.
bool network_buffers_are_finite(const Network *network);

// The first layer whose output for the b examples of the last pass holds one; n_layers where none does. A training pass
// by tables leaves the first two layers' outputs as an earlier pass left them, so they are passed over after it.
size_t network_find_not_finite_layer(const Network *network, size_t b);

#endif
