// The layers embedding, flatten and linear computed as one, which is faster if the batch has many more rows than there
// are symbols. With C (V, D) the embedding, W (n D, H) the weights, W_p their D rows for position p and
// T_p = C W_p (V, H) what each symbol adds at position p:
//
//     y_r = T_0[id_r0] + T_1[id_r1] + ... + b                       ids (rows, n), y (rows, H)
//
// With G_p[v] the sum of dy_r over the rows r with id_rp = v:
//
//     dC += sum_p G_p W_p',    dW_p += C' G_p,    db += sum_v G_0[v]
//
// In a network that reads names a window (window.c) takes the place of the flatten: y_r has the symbols of the window
// of row r as its ids, and C has one row more, the window's blank.
//
// This takes 2 n V D H operations per pass and n H additions per row; the layers one by one take 2 n D H operations per
// row. It pays if there are more than n V rows. A window would copy each row n times, so there it pays if a batch may
// have more than 2 V rows. The sums are those of the layers in another order.
#pragma once

#include "nn/network.h"

enum { FUSED_LAYERS = 3 }; // embedding, flatten or window, linear

typedef struct EmbeddingLinear {
    size_t n, symbols, dim, out;         // n, V (with a window: and its blank), D, H
    const Tensor *table, *weight, *bias; // the blank follows the table (TensorPlan.adds_row); bias may be NULL
} EmbeddingLinear;

// Returns the first three layers of a network as one.
EmbeddingLinear embedding_linear_of(const Network *network);

// Overwrites tables (n, V, H) and y (rows, H).
void embedding_linear_forward(const EmbeddingLinear *s, size_t rows, const uint16_t *ids, float *tables, float *y);

// Adds to the gradients of the tensors; g (n, V, H) is scratch.
void embedding_linear_backward(const EmbeddingLinear *s, size_t rows, const uint16_t *ids, const float *dy, float *g);
