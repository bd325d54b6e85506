// A network, its data and its trainer, ready for commands that train in memory and write nothing.
#ifndef NOMEN_STUDY_SETUP_H
#define NOMEN_STUDY_SETUP_H

#include "train/trainer.h"

typedef struct NetworkSetup {
    const char *path; // of the config's or the model's file
    Config config;
    Dataset dataset;
    Trainer trainer;
} NetworkSetup;

typedef struct SetupOptions {
    const char *data; // another names file, from the current directory, or NULL
    uint64_t batch;   // instead of train.batch_size, or 0
    bool by_rows;     // as trainer_create
} SetupOptions;

// From the config that the operand means. Counts are an error, as nothing here is for them. The setup must stay where
// it is while it is used.
bool setup_network(NetworkSetup *setup, const char *operand, const SetupOptions *options, Arena *arena, Error *err);

// From a run, a directory or a model file: its weights, and its generator, so that the next minibatch is the one
// training would draw. `data` is where its names file lies now, NULL for where its config says; it must be the one it
// was trained on.
bool setup_run(NetworkSetup *setup, const char *run, const char *data, bool by_rows, Arena *arena, Error *err);

#endif
