// network_create: plans the layers of a network and lays out its memory.
#include "kernels/kernels.h"
#include "nn/layers/embedding_linear.h"
#include "nn/layers/layers.h"
#include "nn/network.h"

#include <stdio.h>
#include <string.h>

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

static const TypedList *inner_layers(const Typed *item) {
    const LayerType *type = (const LayerType *)item->record; // a LayerType begins with its record
    return type->inner ? type->inner(item->value) : NULL;
}

static size_t count_layers(const TypedList *list) {
    size_t n = list->n;
    for (size_t i = 0; i < list->n; i++) {
        const TypedList *inner = inner_layers(&list->items[i]);
        if (inner) n += count_layers(inner);
    }
    return n;
}

bool layers_need_every_row(const TypedList *layers) {
    for (size_t i = 0; i < layers->n; i++) {
        const LayerType *type = (const LayerType *)layers->items[i].record;
        const TypedList *inner = inner_layers(&layers->items[i]);
        if (type->mixes_rows || type->draws || (inner && layers_need_every_row(inner))) return true;
    }
    return false;
}

static void plan_tensor(Network *network, const Layer *layer, const TensorPlan *plan) {
    Tensor *tensor = &network->tensors[network->n_tensors++];
    *tensor = (Tensor){.plan = plan, .n = 1};
    for (size_t d = 0; d < plan->n_dims; d++) tensor->n = size_mul(tensor->n, plan->dims[d]);
    snprintf(tensor->name, sizeof tensor->name, "%s.%s", layer->name, plan->name);
    if (plan->role != TENSOR_BUFFER) network->n_parameters = size_add(network->n_parameters, tensor->n);
}

// Checks that a layer of this type may come after the layers planned so far, with this input.
static bool check_place(const Network *network, const LayerType *type, Shape in, Error *err) {
    const char *name = type->record.name;
    if (network->n_layers == 0 && !type->takes_ids)
        return error_set(err, ": expected a layer that takes symbols (embedding) first, found \"%s\"", name);
    if (network->n_layers > 0 && type->takes_ids)
        return error_set(err, ": \"%s\" takes symbols, so it can only come first", name);
    if (type->needs_positions && in.t != network->context)
        return error_set(err,
                         ": \"%s\" needs every position, but a flatten before it leaves %zu of %zu; put it before the "
                         "flatten",
                         name, in.t, network->context);
    for (size_t i = 0; type->only_once && i < network->n_layers; i++)
        if (network->layers[i].type == type) return error_set(err, ": a second \"%s\"; expected one at most", name);
    return true;
}

// Where a list of layers is in the network.
typedef struct Place {
    const char *prefix; // of the layers' names: "" or "layers.2."
    size_t depth;
    size_t input; // the layer whose output the first of the list reads
    Shape in;
} Place;

static bool plan_list(Network *network, const TypedList *list, Place place, Shape *out, Error *err);

static bool plan_layer(Network *network, const Typed *item, const char *name, Place place, Shape *out, Error *err) {
    const LayerType *type = (const LayerType *)item->record;
    const TypedList *inner = inner_layers(item);
    size_t first_inner = network->n_layers;
    Shape inner_out;
    if (!check_place(network, type, place.in, err)) return false;
    if (inner) {
        char prefix[LAYER_NAME_BYTES + 1];
        if (place.depth == LAYER_MAX_DEPTH)
            return error_set(err, ": expected layers nested at most %d deep", LAYER_MAX_DEPTH);
        snprintf(prefix, sizeof prefix, "%s.", name);
        if (!plan_list(network, inner, (Place){prefix, place.depth + 1, place.input, place.in}, &inner_out, err))
            return error_prefix(err, ".");
    }
    Layer *layer = &network->layers[network->n_layers++];
    layer->type = type;
    layer->config = item->value;
    layer->plan = (LayerPlan){.in = place.in, .vocab = network->vocab, .context = network->context, .out = place.in};
    layer->plan.inner = inner ? &inner_out : NULL;
    layer->input = place.input;
    layer->first_inner = first_inner;
    layer->first_tensor = network->n_tensors;
    snprintf(layer->name, sizeof layer->name, "%s", name);
    if (type->plan && !type->plan(item->value, &layer->plan, err)) return error_prefix(err, ".");
    layer->plan.inner = NULL; // it was for `plan` only
    network->needs_rows |= type->needs_positions;
    for (size_t k = 0; k < layer->plan.n_tensors; k++) plan_tensor(network, layer, &layer->plan.tensors[k]);
    *out = layer->plan.out;
    return true;
}

static bool plan_list(Network *network, const TypedList *list, Place place, Shape *out, Error *err) {
    for (size_t i = 0; i < list->n; i++) {
        char name[LAYER_NAME_BYTES];
        snprintf(name, sizeof name, "%slayers.%zu", place.prefix, i);
        if (!plan_layer(network, &list->items[i], name, place, out, err)) return error_prefix(err, "layers[%zu]", i);
        place.input = network->n_layers - 1;
        place.in = *out;
    }
    return true;
}

static bool plan_layers(Network *network, const TypedList *list, Error *err) {
    Shape shape = {network->context, 1};
    const Place top = {"", 0, NO_LAYER, shape};
    if (!plan_list(network, list, top, &shape, err)) return error_prefix(err, "model.");
    network->reads_names = shape.t > 1 && shape.t == network->context;
    if ((shape.t == 1 || network->reads_names) && shape.c == network->vocab) return true;
    char names[48] = "";
    if (network->context > 1)
        snprintf(names, sizeof names, ", or %zu x %zu to predict at every position", network->context, network->vocab);
    return error_set(err,
                     "model.layers[%zu]: the last layer gives %zu x %zu floats per example; expected 1 x %zu, one "
                     "logit per symbol%s (%s)",
                     list->n - 1, shape.t, shape.c, network->vocab, names,
                     shape.c == network->vocab ? "flatten the positions first" : "\"vocab\" for its size");
}

size_t network_row_floats(const Network *network, Shape shape) {
    return network->reads_names ? shape.c : size_mul(shape.t, shape.c);
}

static bool fusing_pays(const Network *network, const TypedList *layers, size_t batch) {
    const LayerType *second = network->reads_names ? &window_layer : &flatten_layer;
    const LayerType *const types[FUSED_LAYERS] = {&embedding_layer, second, &linear_layer};
    if (layers->n < FUSED_LAYERS) return false;
    for (size_t i = 0; i < FUSED_LAYERS; i++)
        if (layers->items[i].record != &types[i]->record) return false;
    EmbeddingLinear s = network_fused_shape(network);
    return batch * network->layers[FUSED_LAYERS - 1].plan.in.t > (network->reads_names ? 2 : s.n) * s.vocab;
}

// The gradient by the output of a layer that holds layers is that by the output of its last inner layer.
static float *output_gradient(const Network *network, size_t i, Slab *slab, size_t n) {
    const Layer *layer = &network->layers[i];
    if (layer->plan.is_view) return network->layers[layer->input].dy;
    return layer->first_inner < i ? network->layers[i - 1].dy : take(slab, n);
}

static void lay_out_layer(Network *network, size_t i, bool training, Slab slabs[N_SLABS]) {
    Layer *layer = &network->layers[i];
    const LayerPlan *plan = &layer->plan;
    const size_t rows = network->max_rows, y = size_mul(rows, network_row_floats(network, plan->out));
    const size_t positions = size_mul(rows, network->reads_names ? 1 : plan->in.t);
    for (size_t k = 0; k < plan->n_tensors; k++) {
        Tensor *tensor = &network->tensors[layer->first_tensor + k];
        bool is_buffer = tensor->plan->role == TENSOR_BUFFER;
        tensor->data = take(&slabs[is_buffer ? BUFFERS : PARAMS], tensor->n);
        if (training && !is_buffer) tensor->grad = take(&slabs[GRADS], tensor->n);
    }
    layer->y = plan->is_view ? network->layers[layer->input].y : take(&slabs[ACTIVATIONS], y);
    if (training) layer->dy = output_gradient(network, i, &slabs[ACTIVATIONS], y);
    layer->cache = take(&slabs[ACTIVATIONS], plan->cache_floats);
    layer->row_cache = take(&slabs[ACTIVATIONS], size_mul(positions, plan->row_cache_floats));
    size_t scratch = size_add(plan->scratch_floats, size_mul(positions, plan->scratch_row_floats));
    scratch = whole_vectors(scratch);
    if (scratch > slabs[SCRATCH].n) slabs[SCRATCH].n = scratch;
}

static void lay_out(Network *network, bool training, Slab slabs[N_SLABS]) {
    for (size_t i = 0; i < network->n_layers; i++) lay_out_layer(network, i, training, slabs);
    if (!network->uses_tables) return;
    EmbeddingLinear s = network_fused_shape(network);
    size_t n = size_mul(size_mul(s.n, s.vocab), s.out);
    network->tables = take(&slabs[ACTIVATIONS], n);
    network->dtables = take(&slabs[ACTIVATIONS], n);
    if (!network->reads_names) return;
    network->symbols = take(&slabs[ACTIVATIONS], size_mul(s.vocab, s.dim));
    network->dsymbols = take(&slabs[ACTIVATIONS], size_mul(s.vocab, s.dim));
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

// Each position of a context is the parent of the next.
static bool allocate_rows(Network *network, Arena *arena, Error *err) {
    size_t t = network->context, n = network->reads_names ? network->max_rows : size_mul(network->max_rows, t);
    if (network->uses_tables && network->reads_names) {
        size_t windows = size_mul(n, network_fused_shape(network).n);
        network->windows = arena_alloc(arena, windows, sizeof *network->windows, err);
        if (!network->windows) return false;
    }
    network->order = arena_alloc(arena, n, sizeof *network->order, err);
    network->levels = arena_alloc(arena, t + 1, sizeof *network->levels, err);
    if (!network->order || !network->levels || network->reads_names) return network->order && network->levels;
    network->parents = arena_alloc(arena, n, sizeof *network->parents, err);
    network->depths = arena_alloc(arena, n, sizeof *network->depths, err);
    if (!network->parents || !network->depths) return false;
    for (size_t i = 0; i < n; i++) {
        network->depths[i] = (uint32_t)(i % t);
        network->parents[i] = i % t > 0 ? (uint32_t)i - 1 : ROW_NONE;
    }
    return true;
}

// A batch of names has at most one row per position.
static size_t prefix_rows(const Network *network, size_t names) {
    size_t rows = size_mul(names, network->context);
    return rows > NETWORK_PREFIX_ROWS ? rows : NETWORK_PREFIX_ROWS;
}

bool network_create(Network *network, const TypedList *layers, size_t vocab, size_t context, NetworkUse use,
                    Arena *arena, Error *err) {
    size_t n = count_layers(layers);
    *network = (Network){.vocab = vocab, .context = context, .max_rows = use.max_rows};
    network->layers = arena_alloc(arena, n, sizeof *network->layers, err);
    network->tensors = arena_alloc(arena, size_mul(n, LAYER_MAX_TENSORS), sizeof *network->tensors, err);
    if (!network->layers || !network->tensors || !plan_layers(network, layers, err)) return false;
    if (network->reads_names) network->max_rows = prefix_rows(network, use.names);
    network->uses_tables = !use.keeps_every_layer && fusing_pays(network, layers, use.batch);
    return (allocate(network, use.batch > 0, arena, err) &&
            (!network->needs_rows || allocate_rows(network, arena, err))) ||
           error_context(err, "model");
}

size_t network_layer_parameters(const Network *network, size_t i) {
    const Layer *layer = &network->layers[i];
    size_t n = 0;
    for (size_t k = 0; k < layer->plan.n_tensors; k++)
        if (layer->plan.tensors[k].role != TENSOR_BUFFER) n += network->tensors[layer->first_tensor + k].n;
    return n;
}

const char *layer_place(const Layer *layer, char text[LAYER_PLACE_BYTES]) {
    size_t n = (size_t)snprintf(text, LAYER_PLACE_BYTES, "model");
    const char *at = layer->name;
    for (unsigned index; n < LAYER_PLACE_BYTES && sscanf(at, "layers.%u", &index) == 1;) {
        n += (size_t)snprintf(text + n, LAYER_PLACE_BYTES - n, ".layers[%u]", index);
        at += strcspn(at, ".") + 1;
        at += strspn(at, "0123456789.");
    }
    return text;
}

bool network_check_batch(const Network *network, size_t b, Error *err) {
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        char place[LAYER_PLACE_BYTES];
        if (b < layer->plan.min_batch)
            return error_set(err,
                             "%s: %s computes statistics over the rows of a batch, which needs two rows; "
                             "expected a batch of %zu examples or more, found %zu",
                             layer_place(layer, place), layer->type->record.name, layer->plan.min_batch, b);
    }
    return true;
}
