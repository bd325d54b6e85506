// How commands, pictures and the report page write a symbol, a shape, a split and a loss above uniform guessing.
#pragma once

#include "base/buffer.h"
#include "data/dataset.h"
#include "nn/network.h"

enum {
    DESCRIBE_SYMBOL_BYTES = 16,
    DESCRIBE_SHAPE_BYTES = 80,
    DESCRIBE_SPLIT_BYTES = 160,
    DESCRIBE_NOISE_BYTES = 200,
};

// Each function that takes `text` writes into it and returns it.

// The symbol itself; "space"; its code point, such as U+200B, if it is invisible; "end ." for the boundary, where "end"
// distinguishes it from a full stop.
const char *describe_symbol(uint32_t code_point, char text[DESCRIBE_SYMBOL_BYTES]);

// The symbol as a JSON string; "" for the boundary.
void json_symbol(Buffer *out, uint32_t code_point);

// "3 x 10", of at most three dimensions.
const char *describe_shape(size_t n_dims, const size_t *dims, char text[DESCRIBE_SHAPE_BYTES]);

// The shape of an example: "3 ids" or "3 x 10".
const char *describe_example(Shape shape, bool is_ids, char text[DESCRIBE_SHAPE_BYTES]);

// "2 linear"; "2.0 layernorm" for a layer inside layer 2.
const char *describe_layer(const Layer *layer, char text[DESCRIBE_SHAPE_BYTES]);

// "split 0.8, 0.1, 0.1, in file order", or the like.
const char *describe_split(const DataConfig *config, char text[DESCRIBE_SPLIT_BYTES]);

// Returns true if a train loss is finite and above log(symbols), the loss of uniform guessing. Then `text` is a
// sentence about it, without full stop. A dev loss can be as large in a model that has learned its names by heart.
bool describe_noise(double train_loss, size_t symbols, char text[DESCRIBE_NOISE_BYTES]);
