// The output of a window layer if its input were the symbols themselves. Layers that are computed as one
// (embedding_linear.h) use it.
#pragma once

#include "nn/layer.h"

// ids by row, from row 0 on; windows (rows, n) with `blank` for positions before the first. config is the layer's.
void window_ids(const void *config, const Rows *rows, const uint16_t *ids, uint16_t blank, uint16_t *windows);
