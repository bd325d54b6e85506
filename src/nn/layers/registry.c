#include "nn/layers/layers.h"

static const LayerType *const TYPES[] = {
    &embedding_layer, &flatten_layer,  &linear_layer,      &tanh_layer,      &sigmoid_layer,
    &relu_layer,      &gelu_layer,     &batchnorm_layer,   &layernorm_layer, &rmsnorm_layer,
    &dropout_layer,   &residual_layer, &causal_mean_layer, &window_layer,    &rnn_layer,
    &gru_layer,       &lstm_layer,     &position_layer,    &attention_layer,
};

const Record *layer_registry(size_t i) { return i < sizeof TYPES / sizeof *TYPES ? &TYPES[i]->record : NULL; }
