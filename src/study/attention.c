#include "study/attention.h"

#include "nn/layers/layers.h"

#include <string.h>

static size_t heads_of(const Layer *layer) {
    return layer->type == &attention_layer ? attention_heads(layer->config) : 0;
}

size_t attention_count(const Model *model) {
    size_t n = 0;
    for (size_t i = 0; i < model->network.n_layers; i++) n += heads_of(&model->network.layers[i]);
    return n;
}

// Copies the map of one head from the last pass, whose rows 0 to n - 1 are the positions.
static bool add_head(AttentionMaps *maps, const Network *network, const Layer *layer, size_t head, Arena *arena,
                     Error *err) {
    size_t n = maps->view.n;
    AttentionMap map = {layer, head, arena_alloc(arena, size_mul(n, n), sizeof *map.p, err)};
    for (size_t t = 0; map.p && t < n; t++) {
        const float *cache = layer->row_cache + t * layer->plan.row_cache_floats;
        memcpy(map.p + t * n, attention_probabilities(layer->plan.in, network->context, head, cache),
               (t + 1) * sizeof *map.p);
    }
    maps->items[maps->n++] = map;
    return map.p != NULL;
}

bool attention_maps(AttentionMaps *maps, Model *model, const uint16_t *prefix, size_t n, Arena *arena, Error *err) {
    const Network *network = &model->network;
    *maps = (AttentionMaps){.items = arena_alloc(arena, attention_count(model), sizeof *maps->items, err)};
    if (!maps->items || !model_view(&maps->view, model, prefix, n, arena, err)) return false;
    model_forget(model); // so that the next pass computes every position, in rows 0 to n - 1
    model_logits(model, maps->view.context, 1);
    for (size_t i = 0; i < network->n_layers; i++)
        for (size_t head = 0; head < heads_of(&network->layers[i]); head++)
            if (!add_head(maps, network, &network->layers[i], head, arena, err)) return false;
    return true;
}
