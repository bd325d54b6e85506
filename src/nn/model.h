// A model predicts the next symbol from a context: a network or an n-gram.
#pragma once

#include "nn/network.h"
#include "nn/ngram.h"

// The config's "model" object.
typedef struct ModelConfig {
    bool is_ngram;
    uint64_t context; // network: ids per example
    TypedList layers; // network
    uint64_t ngram;   // n-gram: n; 2 is the bigram
    double smoothing; // n-gram
} ModelConfig;

typedef struct Model {
    size_t vocab, context; // an n-gram's context is n - 1
    size_t max_rows;       // contexts per call
    uint16_t *ids;         // (max_rows, context): room for the contexts of a call
    bool is_ngram;
    Network network;
    Ngram ngram;
    float *ngram_logits; // (max_rows, vocab)
    const char *file;    // the file it was read from, for errors, or NULL
} Model;

enum { MODEL_EVALUATION_ROWS = 256 };

// Creates a network (network_create), or an n-gram whose `ngram.counts` the caller sets.
bool model_create(Model *model, const ModelConfig *config, size_t vocab, NetworkUse use, Arena *arena, Error *err);

// Returns the logits (b, vocab) of b <= max_rows contexts, ids (b, context), in evaluation mode, valid until the next
// call.
const float *model_logits(Model *model, const uint16_t *ids, size_t b);

// Sets `err` to the reason why a network with finite weights gives no distribution. Returns false.
bool model_logits_overflow(const Model *model, Error *err);
