// What a model file holds besides a network's own tensors: the training state and the optimizer's (state.rng.words,
// state.optimizer.updates, state.optimizer.momentum.layers.0.weight and so on), or an n-gram's counts. The add
// functions append to content->tensors, which has room.
#pragma once

#include "nn/model.h"
#include "nn/optimizer/optimizer.h"
#include "train/safetensors.h"
#include "train/train_state.h"

enum { STATE_TENSORS = 10, COUNT_TENSORS = 2 }; // that the two add functions below add at most

bool state_tensors_add(SafeTensors *content, const TrainState *state, Arena *arena, Error *err);

// Reads the state from a file that was written at `step`.
bool state_tensors_restore(const SafeTensors *content, uint64_t step, TrainState *state, Error *err);

// Adds ngram.tuples (n, context + 1), the ids of each context and target that occur together, and ngram.counts (n), how
// often each does.
bool count_tensors_add(SafeTensors *content, const ContextCounts *counts, Arena *arena, Error *err);

// Reads them into the model's n-gram.
bool count_tensors_restore(const SafeTensors *content, Model *model, Arena *arena, Error *err);

// Adds the number of updates and, for every slab, a tensor per parameter. An optimizer without slabs adds nothing.
bool optimizer_tensors_add(SafeTensors *content, const Optimizer *optimizer, const Network *network, Arena *arena,
                           Error *err);

// Reads them back. Fails if the file holds no such state for these parameters.
bool optimizer_tensors_restore(const SafeTensors *content, const Network *network, Optimizer *optimizer, Error *err);

// The network's tensor as a file tensor with the same data.
FileTensor file_tensor_of(const Tensor *tensor);
