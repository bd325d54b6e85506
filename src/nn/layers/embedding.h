// Embedding: y_bt = C[ids_bt], a row of the table for each id (lectures part 2; Bengio et al. 2003). It is the product
// of the one-hot ids with C, so the table's fan in is the vocabulary.
#ifndef NOMEN_NN_LAYERS_EMBEDDING_H
#define NOMEN_NN_LAYERS_EMBEDDING_H

#include "nn/layer.h"

// ids (n), table (vocab, dim), y (n, dim); every id < vocab.
void embedding_forward(size_t n, size_t dim, const uint16_t *ids, const float *table, float *y);

// dtable[ids_i] += dy_i, in the order of i: dy (n, dim), dtable (vocab, dim).
void embedding_backward(size_t n, size_t dim, const uint16_t *ids, const float *dy, float *dtable);

extern const LayerType embedding_layer;

#endif
