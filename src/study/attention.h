// What the heads of a network's attention layers look at after a prefix.
#pragma once

#include "nn/model.h"

typedef struct AttentionMap {
    const Layer *layer;
    size_t head;
    float *p; // (n, n): row t has the probabilities that position t gave the positions up to itself, then zeros
} AttentionMap;

typedef struct AttentionMaps {
    ModelView view; // its n ids are the positions
    size_t n;
    AttentionMap *items; // (n), by layer, then by head
} AttentionMaps;

// Returns the number of maps that the model has: the heads of all its attention layers.
size_t attention_count(const Model *model);

// Runs the model on a prefix of n ids and collects the maps. Fails as model_view does.
bool attention_maps(AttentionMaps *maps, Model *model, const uint16_t *prefix, size_t n, Arena *arena, Error *err);
