// Flatten: joins n neighbouring positions into one, (B, T, C) to (B, T / n, n C); without n, all of them. In row-major
// order the floats stay where they are, so the output is a view of the input and there is nothing to compute.
// Lectures part 2 (emb.view(-1, 30)) and part 5 (FlattenConsecutive).
#ifndef NOMEN_NN_LAYERS_FLATTEN_H
#define NOMEN_NN_LAYERS_FLATTEN_H

#include "nn/layer.h"

extern const LayerType flatten_layer;

#endif
