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
    size_t n, vocab, dim, out; // n, V (with a window: and its blank), D, H
} EmbeddingLinear;

// Returns the sizes of the first three layers of a network.
static inline EmbeddingLinear network_fused_shape(const Network *network) {
    const LayerPlan *embedding = &network->layers[0].plan, *linear = &network->layers[FUSED_LAYERS - 1].plan;
    return (EmbeddingLinear){linear->in.c / embedding->out.c, network->vocab + network->reads_names, embedding->out.c,
                             linear->out.c};
}

// Overwrites tables (n, V, H) and y; bias may be NULL.
void embedding_linear_forward(EmbeddingLinear s, size_t rows, const uint16_t *ids, const float *c, const float *w,
                              const float *bias, float *tables, float *y);

// Overwrites dtables (n, V, H); adds to dc, dw and dbias (NULL without a bias).
void embedding_linear_backward(EmbeddingLinear s, size_t rows, const uint16_t *ids, const float *c, const float *w,
                               const float *dy, float *dtables, float *dc, float *dw, float *dbias);
