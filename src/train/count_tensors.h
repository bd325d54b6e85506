// An n-gram's counts as two tensors of a model file: ngram.tuples (n, context + 1), the ids of each context and target
// that occur together, and ngram.counts (n), how often each does.
#ifndef NOMEN_TRAIN_COUNT_TENSORS_H
#define NOMEN_TRAIN_COUNT_TENSORS_H

#include "nn/model.h"
#include "train/safetensors.h"

enum { COUNT_TENSORS = 2 };

// Appends both to content->tensors, which has room.
bool count_tensors_add(SafeTensors *content, const ContextCounts *counts, Arena *arena, Error *err);

// Reads them into the model's n-gram.
bool count_tensors_restore(const SafeTensors *content, Model *model, Arena *arena, Error *err);

#endif
