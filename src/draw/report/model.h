// The model as the report page runs it: one JSON object,
//     {"symbols": ["", "a", ...], "labels": {"0": "end .", ...}, "config": {...}, "seed": ..., and
//      of a network  "out": [[t, c] of each layer], "tensors": {"layers.0.weight": {"f32": base64}}
//      of counts     "contexts", "first", "targets": base64 of unsigned 16, 32, 16 bits, "counts": of 32
// all little-endian, the arrays of ContextCounts (data/context_counts.h). The page finds types and settings of the
// layers in the config, so that a new layer needs nothing here.
#ifndef NOMEN_DRAW_REPORT_MODEL_H
#define NOMEN_DRAW_REPORT_MODEL_H

#include "train/load.h"

// Numbers above which the model stays out of the page: 4 bytes each, a third more in base64.
enum { REPORT_MODEL_NUMBERS = 1 << 22 };

// How many numbers the model has: all tensors of a network; of counts, their contexts, targets and counts.
size_t report_model_numbers(const Model *model);

// Adds the object. False, with `err`, where memory runs out.
bool report_model_add(Buffer *out, const SavedModel *saved, Arena *arena, Error *err);

#endif
