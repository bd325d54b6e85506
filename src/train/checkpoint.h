// Model files (model.safetensors, best.safetensors): a model with everything that training needs to continue from it.
#pragma once

#include "train/state_tensors.h"

// A model file, read and checked.
typedef struct Checkpoint {
    const char *path;
    const char *config_text; // as config_write made it
    const char *data_sha256;
    TrainState state;
    Vocab vocab;
    SafeTensors content;
} Checkpoint;

// Replaces the file at `path`.
bool checkpoint_write(const char *path, const Config *config, const Dataset *dataset, const Model *model,
                      const Optimizer *optimizer, const TrainState *state, Error *err);

// Reads a model file. Fails if it is cut short, altered or of another format version.
bool checkpoint_read(Checkpoint *checkpoint, const char *path, Arena *arena, Error *err);

// Copies the file's weights or counts into a model made from the same config.
bool checkpoint_restore(const Checkpoint *checkpoint, Model *model, Arena *arena, Error *err);

// Replaces the file at `path` by the checkpoint, which takes over the tensors of `network`.
bool checkpoint_replace_network(const char *path, Checkpoint *checkpoint, const Network *network, Error *err);
