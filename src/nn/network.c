#include "nn/network.h"

#include "kernels/kernels.h"
#include "nn/layers/embedding.h"
#include "nn/layers/flatten.h"
#include "nn/layers/linear.h"
#include "nn/tables.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TABLE_LAYERS = 3 };

// Floats still to be had from one allocation, handed out in whole vectors.
typedef struct Slab {
    float *at;
    size_t n;
} Slab;

static size_t whole_vectors(size_t n) {
    size_t padded = size_add(n, KERNEL_LANES - 1);
    return padded == SIZE_MAX ? padded : padded - padded % KERNEL_LANES;
}

static float *carve(Slab *slab, size_t n) {
    float *place = slab->at + slab->n;
    slab->n += whole_vectors(n);
    return place;
}

static size_t shape_floats(Shape shape) { return size_mul(shape.t, shape.c); }

static size_t tensor_floats(const TensorPlan *plan) {
    size_t n = 1;
    for (size_t d = 0; d < plan->n_dims; d++) n = size_mul(n, plan->dims[d]);
    return n;
}

static bool plan_layer(Network *network, size_t i, const Typed *item, Shape in, Error *err) {
    Layer *layer = &network->layers[i];
    layer->type = (const LayerType *)item->record; // a LayerType begins with its record
    layer->config = item->value;
    layer->plan = (LayerPlan){.in = in, .vocab = network->vocab};
    layer->first_tensor = network->n_tensors;
    const char *name = item->record->name;
    if (i == 0 && !layer->type->takes_ids)
        return error_set(err, ": expected a layer that takes symbols (embedding) first, found \"%s\"", name);
    if (i > 0 && layer->type->takes_ids)
        return error_set(err, ": \"%s\" takes symbols, so it can only come first", name);
    if (!layer->type->plan(item->value, &layer->plan, err)) return error_prefix(err, ".");
    network->n_tensors += layer->plan.n_tensors;
    return true;
}

static bool plan_layers(Network *network, const TypedList *list, Error *err) {
    Shape shape = {network->context, 1};
    for (size_t i = 0; i < list->n; i++) {
        if (!plan_layer(network, i, &list->items[i], shape, err)) return error_prefix(err, "model.layers[%zu]", i);
        shape = network->layers[i].plan.out;
    }
    if (shape.t == 1 && shape.c == network->vocab) return true;
    return error_set(err,
                     "model.layers[%zu]: the last layer gives %zu x %zu floats an example; expected 1 x %zu, one logit "
                     "a symbol (%s)",
                     list->n - 1, shape.t, shape.c, network->vocab,
                     shape.t > 1 ? "flatten the positions first" : "\"vocab\" for its size");
}

static TableShape table_shape(const Network *network) {
    const LayerPlan *embedding = &network->layers[0].plan, *linear = &network->layers[TABLE_LAYERS - 1].plan;
    return (TableShape){embedding->out.t / linear->in.t, network->vocab, embedding->out.c, linear->out.c};
}

static size_t table_floats(const Network *network) {
    TableShape s = table_shape(network);
    return size_mul(size_mul(s.n, s.vocab), s.out);
}

// Whether a training batch has more rows at the linear layer than there are rows in the tables.
static bool tables_pay(const Network *network, size_t batch) {
    if (network->n_layers < TABLE_LAYERS) return false;
    const Layer *layers = network->layers;
    bool fits =
        layers[0].type == &embedding_layer && layers[1].type == &flatten_layer && layers[2].type == &linear_layer;
    if (!fits) return false;
    TableShape s = table_shape(network);
    return batch * layers[2].plan.in.t > s.n * s.vocab;
}

// Floats of each slab, and the sum of everything in bytes, saturated.
typedef struct Sizes {
    size_t params, buffers, activations, scratch, bytes;
} Sizes;

static Sizes measure(Network *network, bool training) {
    Sizes s = {0};
    size_t rows = network->max_rows;
    for (size_t i = 0; i < network->n_layers; i++) {
        const LayerPlan *plan = &network->layers[i].plan;
        for (size_t k = 0; k < plan->n_tensors; k++) {
            size_t n = tensor_floats(&plan->tensors[k]);
            bool is_buffer = plan->tensors[k].role == TENSOR_BUFFER;
            size_t *slab = is_buffer ? &s.buffers : &s.params;
            *slab = size_add(*slab, whole_vectors(n));
            if (!is_buffer) network->n_parameters = size_add(network->n_parameters, n);
        }
        size_t y = whole_vectors(size_mul(rows, shape_floats(plan->out)));
        size_t cache = whole_vectors(size_add(plan->cache_floats, size_mul(rows, plan->cache_row_floats)));
        size_t scratch = whole_vectors(size_mul(rows, plan->scratch_row_floats));
        if (!plan->is_view) s.activations = size_add(s.activations, size_mul(y, training ? 2 : 1));
        s.activations = size_add(s.activations, cache);
        if (scratch > s.scratch) s.scratch = scratch;
    }
    if (network->uses_tables) s.activations = size_add(s.activations, 2 * whole_vectors(table_floats(network)));
    size_t floats = size_add(size_mul(s.params, training ? 2 : 1), s.buffers);
    s.bytes = size_mul(size_add(floats, size_add(s.activations, s.scratch)), sizeof(float));
    return s;
}

static void carve_tensors(Network *network, Slab *params, Slab *buffers, bool training) {
    for (size_t i = 0; i < network->n_layers; i++) {
        Layer *layer = &network->layers[i];
        for (size_t k = 0; k < layer->plan.n_tensors; k++) {
            Tensor *tensor = &network->tensors[layer->first_tensor + k];
            tensor->plan = &layer->plan.tensors[k];
            tensor->n = tensor_floats(tensor->plan);
            snprintf(tensor->name, sizeof tensor->name, "layers.%zu.%s", i, tensor->plan->name);
            bool is_buffer = tensor->plan->role == TENSOR_BUFFER;
            if (training && !is_buffer) tensor->grad = network->grads + params->n;
            tensor->data = carve(is_buffer ? buffers : params, tensor->n);
        }
    }
}

static void carve_activations(Network *network, Slab *slab, bool training) {
    size_t rows = network->max_rows;
    for (size_t i = 0; i < network->n_layers; i++) {
        Layer *layer = &network->layers[i];
        const LayerPlan *plan = &layer->plan;
        if (plan->is_view) {
            layer->y = network->layers[i - 1].y;
            layer->dy = network->layers[i - 1].dy;
            continue;
        }
        layer->y = carve(slab, rows * shape_floats(plan->out));
        if (training) layer->dy = carve(slab, rows * shape_floats(plan->out));
        layer->cache = carve(slab, plan->cache_floats + rows * plan->cache_row_floats);
    }
}

bool network_create(Network *network, const TypedList *layers, size_t vocab, size_t context, NetworkUse use,
                    Arena *arena, Error *err) {
    const bool training = use.batch > 0;
    *network = (Network){.vocab = vocab, .context = context, .max_rows = use.max_rows, .n_layers = layers->n};
    network->layers = arena_alloc(arena, layers->n, sizeof *network->layers, err);
    if (!network->layers || !plan_layers(network, layers, err)) return false;
    network->uses_tables = !use.keeps_every_layer && tables_pay(network, use.batch);

    Sizes sizes = measure(network, training);
    if (!memory_fits(sizes.bytes, err)) return error_context(err, "model");
    network->n_slab = sizes.params;
    network->tensors = arena_alloc(arena, network->n_tensors, sizeof *network->tensors, err);
    network->params = arena_alloc(arena, sizes.params, sizeof(float), err);
    network->grads = training ? arena_alloc(arena, sizes.params, sizeof(float), err) : NULL;
    network->scratch = arena_alloc(arena, sizes.scratch, sizeof(float), err);
    network->n_buffers = sizes.buffers;
    network->buffers = arena_alloc(arena, sizes.buffers, sizeof(float), err);
    Slab params = {network->params, 0}, buffers = {network->buffers, 0}, activations = {0};
    activations.at = arena_alloc(arena, sizes.activations, sizeof(float), err);
    if (!network->tensors || !network->params || (training && !network->grads) || !network->scratch ||
        !network->buffers || !activations.at)
        return error_context(err, "model");
    carve_tensors(network, &params, &buffers, training);
    carve_activations(network, &activations, training);
    if (network->uses_tables) {
        network->tables = carve(&activations, table_floats(network));
        network->dtables = carve(&activations, table_floats(network));
    }
    return true;
}

size_t network_layer_parameters(const Network *network, size_t i) {
    const Layer *layer = &network->layers[i];
    size_t n = 0;
    for (size_t k = 0; k < layer->plan.n_tensors; k++)
        if (layer->plan.tensors[k].role != TENSOR_BUFFER) n += network->tensors[layer->first_tensor + k].n;
    return n;
}

bool layers_mix_rows(const TypedList *layers) {
    for (size_t i = 0; i < layers->n; i++)
        if (((const LayerType *)layers->items[i].record)->mixes_rows) return true;
    return false;
}

bool network_check_batch(const Network *network, size_t b, Error *err) {
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        if (b < layer->plan.min_batch)
            return error_set(err,
                             "model.layers[%zu]: %s takes its statistics over the rows of a batch, and one row has no "
                             "spread; expected a batch of %zu examples or more, found %zu",
                             i, layer->type->record.name, layer->plan.min_batch, b);
    }
    return true;
}

void network_init(Network *network, Rng *rng) {
    for (size_t i = 0; i < network->n_tensors; i++) {
        Tensor *tensor = &network->tensors[i];
        init_fill(tensor->plan->init, tensor->plan->fan_in, rng, tensor->n, tensor->data);
    }
}

static LayerCall layer_call(const Network *network, size_t i, size_t b, Mode mode) {
    const Layer *layer = &network->layers[i];
    LayerCall call = {
        .config = layer->config,
        .b = b,
        .in = layer->plan.in,
        .out = layer->plan.out,
        .mode = mode,
        .ids = layer->type->takes_ids ? network->ids : NULL,
        .y = layer->y,
        .dy = layer->dy,
        .cache = layer->cache,
        .scratch = network->scratch,
    };
    if (i > 0) {
        call.x = network->layers[i - 1].y;
        call.dx = network->layers[i - 1].dy;
    }
    for (size_t k = 0; k < layer->plan.n_tensors; k++) {
        call.tensors[k] = network->tensors[layer->first_tensor + k].data;
        call.grads[k] = network->tensors[layer->first_tensor + k].grad;
    }
    return call;
}

static void forward_tables(Network *network, size_t b) {
    const Layer *linear = &network->layers[TABLE_LAYERS - 1];
    const Tensor *tensors = network->tensors; // the embedding's, then the linear layer's
    tables_forward(table_shape(network), b * linear->plan.out.t, network->ids, tensors[0].data, tensors[1].data,
                   linear->plan.n_tensors > 1 ? tensors[2].data : NULL, network->tables, linear->y);
}

static void backward_tables(Network *network, size_t b) {
    const Layer *linear = &network->layers[TABLE_LAYERS - 1];
    const Tensor *tensors = network->tensors;
    tables_backward(table_shape(network), b * linear->plan.out.t, network->ids, tensors[0].data, tensors[1].data,
                    linear->dy, network->dtables, tensors[0].grad, tensors[1].grad,
                    linear->plan.n_tensors > 1 ? tensors[2].grad : NULL);
}

// The output of layer n - 1.
static const float *forward(Network *network, size_t n, const uint16_t *ids, size_t b, Mode mode) {
    bool by_tables = network->uses_tables && mode == MODE_TRAINING;
    network->ids = ids;
    network->first_output = by_tables ? TABLE_LAYERS - 1 : 0;
    if (by_tables) forward_tables(network, b);
    for (size_t i = by_tables ? TABLE_LAYERS : 0; i < n; i++) {
        if (network->layers[i].plan.is_view) continue;
        LayerCall call = layer_call(network, i, b, mode);
        network->layers[i].type->forward(&call);
    }
    return network->layers[n - 1].y;
}

const float *network_predict(Network *network, const uint16_t *ids, size_t b) {
    return forward(network, network->n_layers, ids, b, MODE_EVALUATION);
}

const float *network_forward(Network *network, const uint16_t *ids, size_t b) {
    return forward(network, network->n_layers, ids, b, MODE_TRAINING);
}

const float *network_predict_input(Network *network, size_t i, const uint16_t *ids, size_t b) {
    return forward(network, i, ids, b, MODE_EVALUATION);
}

void network_calibrate(Network *network, size_t i, double n, const double *mean, const double *square) {
    LayerCall call = layer_call(network, i, 0, MODE_EVALUATION);
    network->layers[i].type->calibrate(&call, n, mean, square);
}

float *network_logit_grads(const Network *network) { return network->layers[network->n_layers - 1].dy; }

void network_backward(Network *network, size_t b) {
    size_t first = network->uses_tables ? TABLE_LAYERS : 0;
    for (size_t i = network->n_layers; i-- > first;) {
        if (network->layers[i].plan.is_view) continue;
        LayerCall call = layer_call(network, i, b, MODE_TRAINING);
        network->layers[i].type->backward(&call);
    }
    if (network->uses_tables) backward_tables(network, b);
}

void network_zero_grads(Network *network) { memset(network->grads, 0, network->n_slab * sizeof *network->grads); }

static bool all_finite(size_t n, const float *x) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

const Tensor *network_find_not_finite(const Network *network, bool trained) {
    for (size_t i = 0; i < network->n_tensors; i++) {
        const Tensor *tensor = &network->tensors[i];
        if (trained && tensor->plan->role == TENSOR_BUFFER) continue;
        if (!all_finite(tensor->n, tensor->data)) return tensor;
    }
    return NULL;
}

bool network_buffers_are_finite(const Network *network) { return all_finite(network->n_buffers, network->buffers); }

size_t network_find_not_finite_layer(const Network *network, size_t b) {
    size_t i = network->first_output;
    while (i < network->n_layers && all_finite(b * shape_floats(network->layers[i].plan.out), network->layers[i].y))
        i++;
    return i;
}
