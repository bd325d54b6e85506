// network_create: plans the layers of a network. network_memory.c lays them out.
#include "nn/layers/embedding_linear.h"
#include "nn/layers/layers.h"
#include "nn/network.h"

#include <stdio.h>
#include <string.h>

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
    layer->depth = place.depth;
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
    char names[96] = "";
    if (network->context > 1)
        snprintf(names, sizeof names, ", or %zu x %zu to predict at every position", network->context, network->vocab);
    return error_set(err,
                     "model.layers[%zu]: the last layer gives %zu x %zu floats per example; expected 1 x %zu, one "
                     "logit per symbol%s (%s)",
                     list->n - 1, shape.t, shape.c, network->vocab, names,
                     shape.c == network->vocab ? "flatten the positions first" : "\"vocab\" for its size");
}

static bool fusing_pays(const Network *network, const TypedList *layers, size_t batch) {
    const LayerType *second = network->reads_names ? &window_layer : &flatten_layer;
    const LayerType *const types[FUSED_LAYERS] = {&embedding_layer, second, &linear_layer};
    if (layers->n < FUSED_LAYERS) return false;
    for (size_t i = 0; i < FUSED_LAYERS; i++)
        if (layers->items[i].record != &types[i]->record) return false;
    const EmbeddingLinear fused = embedding_linear_of(network);
    return batch * network->layers[FUSED_LAYERS - 1].plan.in.t > (network->reads_names ? 2 : fused.n) * fused.symbols;
}

// Each position of a context is the parent of the next.
static bool allocate_rows(Network *network, Arena *arena, Error *err) {
    size_t t = network->context,
           n = network->pass_rows > network->train_rows ? network->pass_rows : network->train_rows;
    if (!network->reads_names) n = size_mul(n, t);
    if (network->uses_tables && network->reads_names) {
        size_t windows = size_mul(n, embedding_linear_of(network).n);
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

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

// A batch of names has at most one row per position.
static void set_rows(Network *network, NetworkUse use) {
    bool trains = use.batch > 0;
    network->max_rows = network->pass_rows = use.max_rows;
    network->train_rows = trains ? use.max_rows : 0;
    if (!network->reads_names) return;
    network->pass_rows = larger(NETWORK_PREFIX_ROWS, network->context);
    network->train_rows = trains ? larger(network->pass_rows, size_mul(use.names, network->context)) : 0;
    network->max_rows = larger(network->train_rows, network->pass_rows);
}

bool network_create(Network *network, const TypedList *layers, size_t vocab, size_t context, NetworkUse use,
                    Arena *arena, Error *err) {
    size_t n = count_layers(layers);
    *network = (Network){.vocab = vocab, .context = context};
    network->layers = arena_alloc(arena, n, sizeof *network->layers, err);
    network->tensors = arena_alloc(arena, size_mul(n, LAYER_MAX_TENSORS), sizeof *network->tensors, err);
    if (!network->layers || !network->tensors || !plan_layers(network, layers, err)) return false;
    set_rows(network, use);
    network->uses_tables = !use.keeps_every_layer && fusing_pays(network, layers, use.batch);
    return (network_lay_out(network, !use.keeps_every_layer, use.shares, arena, err) &&
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
    for (const char *at = layer->name; *at != '\0' && n < LAYER_PLACE_BYTES;) {
        at += strlen("layers.");
        size_t digits = strspn(at, "0123456789");
        n += (size_t)snprintf(text + n, LAYER_PLACE_BYTES - n, ".layers[%.*s]", (int)digits, at);
        at += at[digits] == '.' ? digits + 1 : digits;
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
