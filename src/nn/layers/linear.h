// Linear: y = x W + b (lectures part 2). With dy the gradient of the loss by y,
//     dx = dy W',   dW = x' dy,   db = sum of dy over rows.
#ifndef NOMEN_NN_LAYERS_LINEAR_H
#define NOMEN_NN_LAYERS_LINEAR_H

#include "nn/layer.h"

// x (n, in), w (in, out), bias (out) or NULL, y (n, out).
void linear_forward(size_t n, size_t in, size_t out, const float *x, const float *w, const float *bias, float *y);

// dy (n, out); dx (n, in) is overwritten, or NULL where nobody needs it; dw (in, out) and dbias (out), NULL without a
// bias, are added to.
void linear_backward(size_t n, size_t in, size_t out, const float *x, const float *w, const float *dy, float *dx,
                     float *dw, float *dbias);

extern const LayerType linear_layer;

#endif
