// How commands write a symbol, a shape, a split.
#ifndef NOMEN_STUDY_DESCRIBE_H
#define NOMEN_STUDY_DESCRIBE_H

#include "data/dataset.h"
#include "nn/layer.h"

enum {
    DESCRIBE_SYMBOL_BYTES = 16,
    DESCRIBE_SHAPE_BYTES = 80,
    DESCRIBE_SHAPE_DIMS = 3,
    DESCRIBE_SPLIT_BYTES = 160,
};

// A symbol as it stands, or by its code point where it would not show; the boundary, 0, as "end .", with a word that
// tells it from a full stop. Returns `text`.
const char *describe_symbol(uint32_t code_point, char text[DESCRIBE_SYMBOL_BYTES]);

// How many columns of a terminal that takes.
size_t describe_symbol_columns(uint32_t code_point);

// "3 x 10" of at most DESCRIBE_SHAPE_DIMS dimensions. Returns `text`.
const char *describe_shape(size_t n_dims, const size_t *dims, char text[DESCRIBE_SHAPE_BYTES]);

// An example's shape: "3 ids" or "3 x 10". Returns `text`.
const char *describe_example(Shape shape, bool is_ids, char text[DESCRIBE_SHAPE_BYTES]);

// "split 0.8, 0.1, 0.1, in file order", with what else the config says of it. Returns `text`.
const char *describe_split(const DataConfig *config, char text[DESCRIBE_SPLIT_BYTES]);

#endif
