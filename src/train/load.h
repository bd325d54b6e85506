// Loads what commands need of a run: its model, and the data that it was trained on.
#ifndef NOMEN_TRAIN_LOAD_H
#define NOMEN_TRAIN_LOAD_H

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

// Loads the model in the file at `path`.
bool load_model_file(SavedModel *saved, const char *path, Arena *arena, Error *err);

// Error hint if a run's names file is missing, for commands with and without an option --data.
#define NAMES_MOVED "--data names its new place"
#define NAMES_GONE "put it back"

// Fails if a run's names file at `path` is missing, with the hint unless that is NULL, or is no regular file.
bool load_check_names(const char *path, const char *hint, Error *err);

// Loads the data that the run was trained on. Fails if the file is missing, as above, or has changed since.
bool load_dataset(const Checkpoint *checkpoint, const DataConfig *config, const char *hint, Dataset *dataset,
                  Arena *arena, Error *err);

#endif
