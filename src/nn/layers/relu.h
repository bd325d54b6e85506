// Relu: y = max(x, 0), element by element; dx = dy where y > 0, else 0 (Fukushima 1969).
#ifndef NOMEN_NN_LAYERS_RELU_H
#define NOMEN_NN_LAYERS_RELU_H

#include "nn/layer.h"

// n floats each; y may be x.
void relu_forward(size_t n, const float *x, float *y);

// n floats each; dx may be dy.
void relu_backward(size_t n, const float *y, const float *dy, float *dx);

extern const LayerType relu_layer;

#endif
