#include "nn/layer.h"

#include "nn/layers/batchnorm.h"
#include "nn/layers/embedding.h"
#include "nn/layers/flatten.h"
#include "nn/layers/linear.h"
#include "nn/layers/relu.h"
#include "nn/layers/tanh.h"

static const LayerType *const TYPES[] = {
    &embedding_layer, &flatten_layer, &linear_layer, &tanh_layer, &relu_layer, &batchnorm_layer,
};

const Record *layer_registry(size_t i) { return i < sizeof TYPES / sizeof *TYPES ? &TYPES[i]->record : NULL; }
