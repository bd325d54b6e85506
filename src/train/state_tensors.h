// The training state and the optimizer as tensors of a model file: state.rng.words, state.optimizer.updates,
// state.optimizer.momentum.layers.0.weight and so on. The add functions append to content->tensors, which has room.
#ifndef NOMEN_TRAIN_STATE_TENSORS_H
#define NOMEN_TRAIN_STATE_TENSORS_H

#include "nn/network.h"
#include "nn/optimizer/optimizer.h"
#include "train/safetensors.h"
#include "train/train_state.h"

enum { STATE_TENSORS = 7 }; // that state_tensors_add adds at most

bool state_tensors_add(SafeTensors *content, const TrainState *state, Arena *arena, Error *err);

// Reads the state from a file that was written at `step`.
bool state_tensors_restore(const SafeTensors *content, uint64_t step, TrainState *state, Error *err);

// Adds the number of updates and, for every slab, a tensor per parameter. An optimizer without slabs adds nothing.
bool optimizer_tensors_add(SafeTensors *content, const Optimizer *optimizer, const Network *network, Arena *arena,
                           Error *err);

// Reads them back. Fails if the file holds no such state for these parameters.
bool optimizer_tensors_restore(const SafeTensors *content, const Network *network, Optimizer *optimizer, Error *err);

// Returns true if the file holds the state of some optimizer.
bool optimizer_tensors_exist(const SafeTensors *content);

// The network's tensor as a file tensor with the same data.
FileTensor file_tensor_of(const Tensor *tensor);

#endif
