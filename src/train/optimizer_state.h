// An optimizer's state in a model file: the number of updates, and of each slab every parameter's part, as
// state.optimizer.momentum.layers.0.weight. An optimizer without slabs leaves nothing there.
#ifndef NOMEN_TRAIN_OPTIMIZER_STATE_H
#define NOMEN_TRAIN_OPTIMIZER_STATE_H

#include "nn/network.h"
#include "nn/optimizer/optimizer.h"
#include "train/safetensors.h"

// The tensor as a file has it, its numbers where they lie.
FileTensor tensor_in_file(const Tensor *tensor);

// How many tensors a file needs for it, at most.
size_t optimizer_state_tensors(const Optimizer *optimizer, const Network *network);

// Each adds to content->tensors, which has the room: numbers of 8 bytes, and those of 4, which come after all others.
bool optimizer_state_add(SafeTensors *content, const Optimizer *optimizer, Arena *arena, Error *err);
bool optimizer_state_add_floats(SafeTensors *content, const Optimizer *optimizer, const Network *network, Arena *arena,
                                Error *err);

// Whether a file has the state of any optimizer.
bool optimizer_state_is_in(const SafeTensors *content);

// Back from a file; an error where it has no such state for these parameters.
bool optimizer_state_restore(const SafeTensors *content, const Network *network, Optimizer *optimizer, Error *err);

#endif
