#include "study/fold.h"

#include "nn/layers/layers.h"

#include <string.h>

static bool is_folded(const Layer *layer) { return layer->type->channel_map != NULL; }

// Counts the layers to fold, each of which must follow a linear layer of the same list, or another one to fold.
static bool check_layers(const Network *network, size_t *n, Error *err) {
    *n = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i], *before = i > 0 ? layer - 1 : NULL;
        char place[LAYER_PLACE_BYTES];
        if (!is_folded(layer)) continue;
        bool same_list = before && before->depth == layer->depth && layer->input == i - 1;
        if (!same_list || (before->type != &linear_layer && !is_folded(before)))
            return error_set(err, "%s: %s: expected a linear layer directly before it, found %s",
                             layer_place(layer, place), layer->type->record.name,
                             same_list ? before->type->record.name : "none");
        ++*n;
    }
    return *n > 0 || error_set(err, "expected batchnorm layers to fold, found none");
}

static void *copy_config(Typed *layer, Arena *arena, Error *err) {
    void *copy = arena_alloc(arena, 1, layer->record->size, err);
    if (copy) layer->value = memcpy(copy, layer->value, layer->record->size);
    return copy;
}

static bool fold_list(const TypedList *list, TypedList *out, Arena *arena, Error *err) {
    *out = (TypedList){.items = arena_alloc(arena, list->n, sizeof *out->items, err)};
    if (!out->items) return false;
    for (size_t i = 0; i < list->n; i++) {
        const LayerType *type = (const LayerType *)list->items[i].record;
        if (type->channel_map) {
            Typed *linear = &out->items[out->n - 1];
            if (!copy_config(linear, arena, err)) return false;
            linear_add_bias(linear->value);
            continue;
        }
        Typed *layer = &out->items[out->n++];
        *layer = list->items[i];
        if (!type->inner) continue;
        const TypedList *inner = type->inner(layer->value);
        ptrdiff_t offset = (const char *)inner - (const char *)layer->value;
        char *copy = copy_config(layer, arena, err);
        if (!copy || !fold_list(inner, (TypedList *)(void *)(copy + offset), arena, err)) return false;
    }
    return true;
}

// Applies layer i of `network` to what the linear layer computes.
static bool fold_into(Network *network, size_t i, float *weight, float *bias, size_t n_in, Arena *arena, Error *err) {
    size_t c = network->layers[i].plan.in.c;
    double *factor = arena_alloc(arena, c, sizeof *factor, err), *shift = arena_alloc(arena, c, sizeof *shift, err);
    if (!factor || !shift) return false;
    network_channel_map(network, i, factor, shift);
    for (size_t k = 0; k < n_in * c; k++) weight[k] = (float)(weight[k] * factor[k % c]);
    for (size_t k = 0; k < c; k++) bias[k] = (float)(bias[k] * factor[k] + shift[k]);
    return true;
}

// Copies the tensors layer by layer. A bias that a linear layer lacked before is 0.
static bool fold_tensors(Network *network, const Network *folded, Arena *arena, Error *err) {
    const Layer *to = folded->layers;
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *from = &network->layers[i];
        if (is_folded(from)) {
            const Tensor *tensors = &folded->tensors[to[-1].first_tensor];
            if (!fold_into(network, i, tensors[0].data, tensors[1].data, to[-1].plan.in.c, arena, err)) return false;
            continue;
        }
        const Tensor *in = &network->tensors[from->first_tensor], *out = &folded->tensors[to++->first_tensor];
        for (size_t k = 0; k < from->plan.n_tensors; k++) memcpy(out[k].data, in[k].data, in[k].n * sizeof *in->data);
    }
    return true;
}

bool fold(Folded *folded, SavedModel *model, Arena *arena, Error *err) {
    const NetworkUse use = {.max_rows = MODEL_EVALUATION_ROWS};
    Network *network = &model->model.network;
    folded->config = model->config;
    if (model->model.is_ngram) return error_set(err, "expected a network with batchnorm layers, found counts");
    if (!check_layers(network, &folded->n_layers, err) ||
        !fold_list(&model->config.model.layers, &folded->config.model.layers, arena, err) ||
        !model_create(&folded->model, &folded->config.model, model->file.vocab.n, use, arena, err) ||
        !fold_tensors(network, &folded->model.network, arena, err))
        return false;
    const Tensor *overflowed = network_find_not_finite(&folded->model.network, false);
    return !overflowed || error_set(err, "the folded %s is not finite", overflowed->name);
}

bool fold_write(const char *path, const Folded *folded, const SavedModel *model, Error *err) {
    Arena scratch = {0};
    Optimizer optimizer;
    Dataset dataset = {.vocab = model->file.vocab};
    memcpy(dataset.sha256, model->file.data_sha256, sizeof dataset.sha256);
    bool ok =
        optimizer_create(&optimizer, &folded->config.train.optimizer, folded->model.network.n_slab, &scratch, err) &&
        checkpoint_write(path, &folded->config, &dataset, &folded->model, &optimizer, &model->file.state, err);
    arena_free(&scratch);
    return ok;
}
