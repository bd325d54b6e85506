// Every layer type there is, one line each in registry.c.
#ifndef NOMEN_NN_LAYERS_REGISTRY_H
#define NOMEN_NN_LAYERS_REGISTRY_H

#include "nn/layer.h"

// The record at the head of the i-th LayerType; NULL behind the last.
const Record *layer_registry(size_t i);

#endif
