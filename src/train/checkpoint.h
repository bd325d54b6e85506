// Model files (model.safetensors, best.safetensors): a model with everything that training needs to continue from it.
#ifndef NOMEN_TRAIN_CHECKPOINT_H
#define NOMEN_TRAIN_CHECKPOINT_H

#include "train/state_tensors.h"

// A model file, read and checked.
typedef struct Checkpoint {
    const char *path;
    const char *config_text; // as config_write made it
    const char *data_sha256;
    uint64_t step;
    Vocab vocab;
    SafeTensors content;
} Checkpoint;

// Replaces the file at `path`.
bool checkpoint_write(const char *path, const Config *config, const Dataset *dataset, const Model *model,
                      const Optimizer *optimizer, const TrainState *state, Error *err);

// Reads a model file. Fails if it is cut short, altered or of another format version.
bool checkpoint_read(Checkpoint *checkpoint, const char *path, Arena *arena, Error *err);

// Copies the file's weights or counts into a model made from the same config, and its state to `state` unless NULL.
bool checkpoint_restore(const Checkpoint *checkpoint, Model *model, TrainState *state, Arena *arena, Error *err);

// Fails if the file has no state of this kind of optimizer.
bool checkpoint_restore_optimizer(const Checkpoint *checkpoint, const Network *network, Optimizer *optimizer,
                                  Error *err);

bool checkpoint_read_state(const Checkpoint *checkpoint, TrainState *state, Error *err);

// Replaces the file at `path` by the checkpoint with the tensors of `model` in place of its own.
bool checkpoint_replace_model(const char *path, const Checkpoint *checkpoint, const Model *model, Error *err);

#endif
