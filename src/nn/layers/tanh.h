// Tanh: y = tanh x, element by element; dx = dy (1 - y^2) (lectures parts 2 and 4).
#ifndef NOMEN_NN_LAYERS_TANH_H
#define NOMEN_NN_LAYERS_TANH_H

#include "nn/layer.h"

// n floats each; y may be x.
void tanh_forward(size_t n, const float *x, float *y);

// n floats each; dx may be dy.
void tanh_backward(size_t n, const float *y, const float *dy, float *dx);

extern const LayerType tanh_layer;

#endif
