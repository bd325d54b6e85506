// Folds batch norm into the linear layers before it: a network with the same logits and without batch norm.
#pragma once

#include "train/load.h"

typedef struct Folded {
    size_t n_layers; // batch norm layers that are gone
    Config config;   // of the folded network
    Model model;
} Folded;

// In evaluation mode, batch norm with mean m, variance v, gain g and bias b maps each channel x to
// g s (x - m) + b, s = 1 / sqrt(v + eps). After y = x W + c it is part of the linear layer
//
//     W' = W diag(g s),   c' = (c - m) g s + b.
//
// `model` is not modified. It is an error if it has no batch norm, or one that does not follow a linear layer directly.
bool fold(Folded *folded, SavedModel *model, Arena *arena, Error *err);

// Writes a model file with the state of the training of `model`. The optimizer has made no update.
bool fold_write(const char *path, const Folded *folded, const SavedModel *model, Error *err);
