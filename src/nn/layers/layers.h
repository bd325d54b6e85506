// The layer types, one file each; registry.c lists them for configs.
#pragma once

#include "nn/layer.h"

extern const LayerType embedding_layer, flatten_layer, linear_layer, tanh_layer, sigmoid_layer, relu_layer, gelu_layer,
    batchnorm_layer, layernorm_layer, rmsnorm_layer, dropout_layer, residual_layer, causal_mean_layer, window_layer,
    rnn_layer, gru_layer, lstm_layer, position_layer, attention_layer;

// Gives a linear layer with this config a bias of zeros unless it has a bias.
void linear_add_bias(void *config);

// Returns the heads of an attention layer with this config.
size_t attention_heads(const void *config);

// Returns the probabilities that a head of an attention layer gave the positions of a row, by position, from the row's
// part of row_cache. `in` is the layer's, `context` the network's.
const float *attention_probabilities(Shape in, size_t context, size_t head, const float *row_cache);
