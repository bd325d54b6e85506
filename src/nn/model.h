// Whatever predicts the next symbol from a context: a network or counts.
#ifndef NOMEN_NN_MODEL_H
#define NOMEN_NN_MODEL_H

#include "nn/network.h"
#include "nn/ngram.h"

// The config's "model" object: layers, or an n-gram.
typedef struct ModelConfig {
    bool is_ngram;
    uint64_t context; // network: ids an example
    TypedList layers; // network
    uint64_t ngram;   // counts: 2 is the bigram
    double smoothing; // counts
} ModelConfig;

typedef struct Model {
    size_t vocab, context; // an n-gram's context is n - 1
    size_t max_rows;       // contexts at a time
    uint16_t *ids;         // (max_rows, context), for rows of a ContextCounts on their way to the model
    bool is_ngram;
    Network network;
    Ngram ngram;
    float *ngram_logits; // (max_rows, vocab)
    const char *file;    // that it was read from, for errors; NULL: none
} Model;

enum { MODEL_EVALUATION_ROWS = 256 };

// Plans a network (network_create) or makes an n-gram without counts yet, whose `ngram.counts` the caller fills.
bool model_create(Model *model, const ModelConfig *config, size_t vocab, NetworkUse use, Arena *arena, Error *err);

// The logits (b, vocab) of b <= max_rows contexts, ids (b, context), in evaluation mode; kept until the next call.
const float *model_logits(Model *model, const uint16_t *ids, size_t b);

// Sets `err` to why a network gives no distribution, its weights being finite. False.
bool model_logits_overflow(const Model *model, Error *err);

#endif
