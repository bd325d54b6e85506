#include "nn/network.h"

#include "kernels/kernels.h"
#include "nn/layers/embedding_linear.h"
#include "nn/layers/layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FUSED_LAYERS = 3 }; // embedding, flatten, linear (nn/layers/embedding_linear.h)

typedef enum SlabKind { PARAMS, GRADS, BUFFERS, ACTIVATIONS, SCRATCH, N_SLABS } SlabKind;

// A run of floats that hands out its arrays in order, in whole vectors. Without memory it only counts them.
typedef struct Slab {
    float *memory;
    size_t n;
} Slab;

static size_t whole_vectors(size_t n) {
    size_t padded = size_add(n, KERNEL_LANES - 1);
    return padded == SIZE_MAX ? padded : padded - padded % KERNEL_LANES;
}

static float *take(Slab *slab, size_t n) {
    float *array = slab->memory ? slab->memory + slab->n : NULL;
    slab->n = size_add(slab->n, whole_vectors(n));
    return array;
}

static size_t shape_floats(Shape shape) { return size_mul(shape.t, shape.c); }

static void plan_tensor(Network *network, size_t layer, const TensorPlan *plan) {
    Tensor *tensor = &network->tensors[network->n_tensors++];
    *tensor = (Tensor){.plan = plan, .n = 1};
    for (size_t d = 0; d < plan->n_dims; d++) tensor->n = size_mul(tensor->n, plan->dims[d]);
    snprintf(tensor->name, sizeof tensor->name, "layers.%zu.%s", layer, plan->name);
    if (plan->role != TENSOR_BUFFER) network->n_parameters = size_add(network->n_parameters, tensor->n);
}

static bool plan_layer(Network *network, size_t i, const Typed *item, Shape in, Error *err) {
    Layer *layer = &network->layers[i];
    layer->type = (const LayerType *)item->record; // a LayerType begins with its record
    layer->config = item->value;
    layer->plan = (LayerPlan){.in = in, .vocab = network->vocab, .out = in};
    layer->first_tensor = network->n_tensors;
    const char *name = item->record->name;
    if (i == 0 && !layer->type->takes_ids)
        return error_set(err, ": expected a layer that takes symbols (embedding) first, found \"%s\"", name);
    if (i > 0 && layer->type->takes_ids)
        return error_set(err, ": \"%s\" takes symbols, so it can only come first", name);
    if (layer->type->plan && !layer->type->plan(item->value, &layer->plan, err)) return error_prefix(err, ".");
    for (size_t k = 0; k < layer->plan.n_tensors; k++) plan_tensor(network, i, &layer->plan.tensors[k]);
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
                     "model.layers[%zu]: the last layer gives %zu x %zu floats per example; expected 1 x %zu, one "
                     "logit per symbol (%s)",
                     list->n - 1, shape.t, shape.c, network->vocab,
                     shape.t > 1 ? "flatten the positions first" : "\"vocab\" for its size");
}

static EmbeddingLinear fused_shape(const Network *network) {
    const LayerPlan *embedding = &network->layers[0].plan, *linear = &network->layers[FUSED_LAYERS - 1].plan;
    return (EmbeddingLinear){embedding->out.t / linear->in.t, network->vocab, embedding->out.c, linear->out.c};
}

static bool fusing_pays(const Network *network, size_t batch) {
    static const LayerType *const types[FUSED_LAYERS] = {&embedding_layer, &flatten_layer, &linear_layer};
    if (network->n_layers < FUSED_LAYERS) return false;
    for (size_t i = 0; i < FUSED_LAYERS; i++)
        if (network->layers[i].type != types[i]) return false;
    EmbeddingLinear s = fused_shape(network);
    return batch * network->layers[FUSED_LAYERS - 1].plan.in.t > s.n * s.vocab;
}

static void lay_out_layer(Network *network, size_t i, bool training, Slab slabs[N_SLABS]) {
    Layer *layer = &network->layers[i];
    const LayerPlan *plan = &layer->plan;
    const size_t rows = network->max_rows, y = size_mul(rows, shape_floats(plan->out));
    for (size_t k = 0; k < plan->n_tensors; k++) {
        Tensor *tensor = &network->tensors[layer->first_tensor + k];
        bool is_buffer = tensor->plan->role == TENSOR_BUFFER;
        tensor->data = take(&slabs[is_buffer ? BUFFERS : PARAMS], tensor->n);
        if (training && !is_buffer) tensor->grad = take(&slabs[GRADS], tensor->n);
    }
    layer->y = plan->is_view ? layer[-1].y : take(&slabs[ACTIVATIONS], y);
    if (training) layer->dy = plan->is_view ? layer[-1].dy : take(&slabs[ACTIVATIONS], y);
    layer->cache = take(&slabs[ACTIVATIONS], size_add(plan->cache_floats, size_mul(rows, plan->row_cache_floats)));
    size_t scratch = whole_vectors(size_mul(rows, plan->scratch_row_floats));
    if (scratch > slabs[SCRATCH].n) slabs[SCRATCH].n = scratch;
}

static void lay_out(Network *network, bool training, Slab slabs[N_SLABS]) {
    for (size_t i = 0; i < network->n_layers; i++) lay_out_layer(network, i, training, slabs);
    if (!network->uses_tables) return;
    EmbeddingLinear s = fused_shape(network);
    size_t n = size_mul(size_mul(s.n, s.vocab), s.out);
    network->tables = take(&slabs[ACTIVATIONS], n);
    network->dtables = take(&slabs[ACTIVATIONS], n);
}

// Lays the network out twice: to learn how much memory it takes, and in that memory.
static bool allocate(Network *network, bool training, Arena *arena, Error *err) {
    Slab slabs[N_SLABS] = {0};
    size_t n = 0;
    lay_out(network, training, slabs);
    for (size_t s = 0; s < N_SLABS; s++) n = size_add(n, slabs[s].n);
    float *memory = memory_fits(size_mul(n, sizeof *memory), err) ? arena_alloc(arena, n, sizeof *memory, err) : NULL;
    if (!memory) return false;
    for (size_t s = 0; s < N_SLABS; s++) {
        size_t slab_floats = slabs[s].n;
        slabs[s] = (Slab){.memory = memory};
        memory += slab_floats;
    }
    lay_out(network, training, slabs);
    network->n_slab = slabs[PARAMS].n;
    network->params = slabs[PARAMS].memory;
    network->grads = training ? slabs[GRADS].memory : NULL;
    network->n_buffers = slabs[BUFFERS].n;
    network->buffers = slabs[BUFFERS].memory;
    network->scratch = slabs[SCRATCH].memory;
    return true;
}

bool network_create(Network *network, const TypedList *layers, size_t vocab, size_t context, NetworkUse use,
                    Arena *arena, Error *err) {
    *network = (Network){.vocab = vocab, .context = context, .max_rows = use.max_rows, .n_layers = layers->n};
    network->layers = arena_alloc(arena, layers->n, sizeof *network->layers, err);
    network->tensors = arena_alloc(arena, size_mul(layers->n, LAYER_MAX_TENSORS), sizeof *network->tensors, err);
    if (!network->layers || !network->tensors || !plan_layers(network, layers, err)) return false;
    network->uses_tables = !use.keeps_every_layer && fusing_pays(network, use.batch);
    return allocate(network, use.batch > 0, arena, err) || error_context(err, "model");
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
            return error_set(
                err,
                "model.layers[%zu]: %s computes statistics over the rows of a batch, which needs two rows; "
                "expected a batch of %zu examples or more, found %zu",
                i, layer->type->record.name, layer->plan.min_batch, b);
    }
    return true;
}

static void init_layer(const Network *network, size_t i, RandomUse use, Rng *rng) {
    const Layer *layer = &network->layers[i];
    bool by_symbol = layer->type->takes_ids || i + 1 == network->n_layers; // a table of ids, or the logits
    for (size_t k = 0; k < layer->plan.n_tensors; k++) {
        const TensorPlan *plan = &layer->plan.tensors[k];
        bool is_matrix = plan->n_dims == 2 && !plan->is_table;
        InitShape shape = {plan->dims[0], plan->n_dims == 2 ? plan->dims[1] : 1, is_matrix, by_symbol};
        init_fill(plan->init, plan->fan_in, shape, use, rng, network->tensors[layer->first_tensor + k].data);
    }
}

void network_init(Network *network, RandomUse use, Rng *rng) {
    for (size_t i = 0; i < network->n_layers; i++) init_layer(network, i, use, rng);
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

static void forward_fused(Network *network, size_t b) {
    const Layer *linear = &network->layers[FUSED_LAYERS - 1];
    const Tensor *table = &network->tensors[0], *weight = &network->tensors[1], *bias = &network->tensors[2];
    embedding_linear_forward(fused_shape(network), b * linear->plan.out.t, network->ids, table->data, weight->data,
                             linear->plan.n_tensors > 1 ? bias->data : NULL, network->tables, linear->y);
}

static void backward_fused(Network *network, size_t b) {
    const Layer *linear = &network->layers[FUSED_LAYERS - 1];
    const Tensor *table = &network->tensors[0], *weight = &network->tensors[1], *bias = &network->tensors[2];
    embedding_linear_backward(fused_shape(network), b * linear->plan.out.t, network->ids, table->data, weight->data,
                              linear->dy, network->dtables, table->grad, weight->grad,
                              linear->plan.n_tensors > 1 ? bias->grad : NULL);
}

// Returns the output of layer n - 1.
static const float *forward(Network *network, size_t n, const uint16_t *ids, size_t b, Mode mode) {
    bool is_fused = network->uses_tables && mode == MODE_TRAINING;
    network->ids = ids;
    network->first_output = is_fused ? FUSED_LAYERS - 1 : 0;
    if (is_fused) forward_fused(network, b);
    for (size_t i = is_fused ? FUSED_LAYERS : 0; i < n; i++) {
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
    size_t first = network->uses_tables ? FUSED_LAYERS : 0;
    for (size_t i = network->n_layers; i-- > first;) {
        if (network->layers[i].plan.is_view) continue;
        LayerCall call = layer_call(network, i, b, MODE_TRAINING);
        network->layers[i].type->backward(&call);
    }
    if (network->uses_tables) backward_fused(network, b);
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

size_t network_find_not_finite_layer(const Network *network, size_t b) {
    size_t i = network->first_output;
    while (i < network->n_layers && all_finite(b * shape_floats(network->layers[i].plan.out), network->layers[i].y))
        i++;
    return i;
}
