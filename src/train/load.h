// Loads what commands need of a run: its model, and the data that it was trained on.
#pragma once

#include "train/checkpoint.h"

// A model ready to predict.
typedef struct SavedModel {
    bool is_dir; // read from a run directory, not from a model file
    Checkpoint file;
    Config config;
    Model model;
} SavedModel;

// Loads the model of RUN, a run directory or a model file.
bool load_model(SavedModel *saved, const char *run, Arena *arena, Error *err);

// Does the same in all processes of the world, and fails if their models differ.
bool load_model_in(SavedModel *saved, const char *run, World world, Arena *arena, Error *err);

// Loads the model in the file at `path`.
bool load_model_file(SavedModel *saved, const char *path, Arena *arena, Error *err);

// Writes the ids of a prefix, normalized as the names are. The error begins with "--prefix".
bool load_prefix(const SavedModel *saved, const char *prefix, uint16_t **ids, size_t *n, Arena *arena, Error *err);

// Returns the train loss that metrics.csv, beside the model file, has for the model or for the last one measured before
// it; NaN if there is none.
double load_train_loss(const SavedModel *saved);

// Checks that the names file of a run is there. The remedy in `err` is --data only if the command `takes_data`.
bool load_check_names(const char *path, bool takes_data, Error *err);

// Loads the data that the run was trained on. Fails if the file is missing or has changed since.
bool load_dataset(const Checkpoint *checkpoint, const DataConfig *config, World world, bool takes_data,
                  Dataset *dataset, Arena *arena, Error *err);
