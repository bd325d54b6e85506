// Model files: a model, and with it everything training needs to go on. See the README for their layout.
#ifndef NOMEN_TRAIN_CHECKPOINT_H
#define NOMEN_TRAIN_CHECKPOINT_H

#include "config/config.h"
#include "nn/optimizer/optimizer.h"
#include "train/train_state.h"

// A model file that was read and checked, not yet turned into a model.
typedef struct Checkpoint {
    const char *path;
    const char *config_text; // as config_write made it
    const char *data_sha256;
    uint64_t step;
    Vocab vocab;
    SafeTensors content;
} Checkpoint;

// A model ready to predict.
typedef struct SavedModel {
    bool is_dir; // read from the directory of a run, not from a model file that was named
    Checkpoint file;
    Config config;
    Model model;
} SavedModel;

// Replaces the file at `path`.
bool checkpoint_write(const char *path, const Config *config, const Dataset *dataset, const Model *model,
                      const Optimizer *optimizer, const TrainState *state, Error *err);

// Replaces the file at `path` by the model that was displaced.
bool checkpoint_write_displaced(const char *path, const Config *config, const Dataset *dataset,
                                const DisplacedBest *best, Error *err);

// Reads and checks a model file. Errors name the file: cut short, altered, of another version.
bool checkpoint_read(Checkpoint *checkpoint, const char *path, Arena *arena, Error *err);

// Puts the file's numbers into a model made from the same config, and into `state` where it is not NULL.
bool checkpoint_restore(const Checkpoint *checkpoint, Model *model, TrainState *state, Arena *arena, Error *err);

// Puts the optimizer's state back; an error where the file has none of its kind.
bool checkpoint_restore_optimizer(const Checkpoint *checkpoint, const Network *network, Optimizer *optimizer,
                                  Error *err);

// How far training was when the file was written.
bool checkpoint_read_state(const Checkpoint *checkpoint, TrainState *state, Arena *arena, Error *err);

// Replaces the file at `path`, which was read into `checkpoint`, with the model's numbers in place of its own; all else
// stays as it was read.
bool checkpoint_replace_model(const char *path, const Checkpoint *checkpoint, const Model *model, Error *err);

// What is to be done where a run's names file is not there, for those with an option --data and those without.
#define NAMES_MOVED "--data says where it lies now"
#define NAMES_GONE "put it back"

// False where no file is at `path`, the names file of a run; where nothing is there at all, the error ends with
// `if_gone`, unless that is NULL.
bool checkpoint_find_names(const char *path, const char *if_gone, Error *err);

// Loads the data that the run was trained on; it is an error where the file is gone, as above, or has changed since.
bool checkpoint_load_data(const Checkpoint *checkpoint, const DataConfig *config, const char *if_gone, Dataset *dataset,
                          Arena *arena, Error *err);

// Loads the model of a run, a directory or a model file, to predict with.
bool checkpoint_load_model(SavedModel *saved, const char *run, Arena *arena, Error *err);

// The same of a model file.
bool checkpoint_load_file(SavedModel *saved, const char *path, Arena *arena, Error *err);

#endif
