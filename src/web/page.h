// What the page asks of the program: train, sample, look inside, in memory. Exported to WebAssembly; worker.js calls
// it.
//
// Each function answers with JSON, valid until the next call: an object with the answer or, if the call failed, with
// "error" alone.
#pragma once

#include "train/trainer.h"

typedef struct Page {
    Arena arena; // of the model and its data
    Config config;
    Dataset dataset;
    Trainer trainer;
    bool is_ready;     // there is a model
    uint64_t row_from; // the step of the latest row
    double row_sum;    // of the minibatch losses since then
    Arena scratch;     // of the answer
    Buffer out;
    Error err;
} Page;

// Returns NULL if memory runs out.
Page *page_create(void);

// Makes the file `name` from n bytes at `bytes`, which malloc made and this function frees. The list of names is the
// file "names.txt", a model to open is "model.safetensors".
const char *page_put(Page *page, const char *name, char *bytes, size_t n);

// Writes the model with everything that training needs into the file "model.safetensors", and answers with the complete
// config.
const char *page_save(Page *page);

// Starts on the list of names: from the config with this text or, if `config` is NULL, from the file
// "model.safetensors". A config without a name has the name of the file `path`. After a failure there is no model.
const char *page_open(Page *page, const char *path, const char *config);

// Trains up to n steps, but not beyond a step at which the program evaluates. Answers with the minibatch losses of
// every step that is a multiple of `every`, and whether the program evaluates now; then call page_measure.
const char *page_train(Page *page, double n, double every);

// Measures the exact losses now, and answers whether training has finished. Call it also before training goes on with a
// model from a file: the program evaluates a step that it resumes at.
const char *page_measure(Page *page);

// Samples names as `nomen sample -n COUNT -t TEMPERATURE` does.
const char *page_sample(Page *page, double count, double temperature);

// The distribution of the next symbol after a prefix, and the attention maps of the model, if it has any.
const char *page_next(Page *page, const char *prefix, double temperature);

// The embedding's two dimensions or, of more, its two principal components.
const char *page_embedding(Page *page);
