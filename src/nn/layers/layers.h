// The layer types, one file each; registry.c lists them for configs.
#ifndef NOMEN_NN_LAYERS_LAYERS_H
#define NOMEN_NN_LAYERS_LAYERS_H

#include "nn/layer.h"

extern const LayerType embedding_layer, flatten_layer, linear_layer, tanh_layer, relu_layer, batchnorm_layer;

#endif
