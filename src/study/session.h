// A network with its data and its trainer, for commands that train in memory and write nothing.
#pragma once

#include "train/trainer.h"

// Do not copy or move it: the trainer points to the config and the dataset.
typedef struct Session {
    const char *path; // of the config or the model file
    Config config;
    Dataset dataset;
    Trainer trainer;
} Session;

// Starts from the initial weights of a model file's config, or of the config that config_open finds. `batch` replaces
// train.batch_size, unless 0; `by_rows` as trainer_create. A config of counts is an error.
bool session_from_config(Session *session, const char *operand, const ConfigChanges *changes, uint64_t batch,
                         bool by_rows, Arena *arena, Error *err);

// Restores a run directory or model file, by rows: the weights, the optimizer and the generator, so that the next
// minibatch is the one that training would draw. `data` is the path of the run's names file now, or NULL.
bool session_from_run(Session *session, const char *run, const char *data, Arena *arena, Error *err);
