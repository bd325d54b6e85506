// A model predicts the next symbol from a context: a network or an n-gram.
#pragma once

#include "nn/network.h"
#include "nn/ngram.h"

// The config's "model" object.
typedef struct ModelConfig {
    bool is_ngram;
    uint64_t context; // network: positions that it reads
    TypedList layers; // network
    uint64_t ngram;   // n-gram: n; 2 is the bigram
    double smoothing; // n-gram
} ModelConfig;

typedef struct Model {
    // The symbols before the one to predict: n - 1 for an n-gram; one less than its positions for a network that reads
    // names, whose first position has the boundary.
    size_t vocab, context;
    size_t max_rows; // contexts per call
    uint16_t *ids;   // (max_rows, context): room for the contexts of a call
    bool is_ngram;
    Network network;
    Ngram ngram;
    float *logits;     // (max_rows, vocab), if a call gathers them: of an n-gram or a network that reads names
    Prefixes prefixes; // the prefixes that the network has computed, if it reads names
    uint32_t *rows;    // (max_rows) of each context of a call of a network: its row in the pass, or in `prefixes`
    const char *file;  // the file it was read from, for errors, or NULL
} Model;

enum { MODEL_EVALUATION_ROWS = 256 };

static inline bool model_reads_names(const Model *model) { return !model->is_ngram && model->network.reads_names; }

// Creates a network (network_create), or an n-gram whose `ngram.counts` the caller sets.
bool model_create(Model *model, const ModelConfig *config, size_t vocab, NetworkUse use, Arena *arena, Error *err);

// Returns the logits (b, vocab) of b <= max_rows contexts, ids (b, context), oldest first and padded with boundaries in
// front, in evaluation mode, valid until the next call. A model that reads names takes each context as the beginning of
// a name and computes only the prefixes that it did not compute before.
const float *model_logits(Model *model, const uint16_t *ids, size_t b);

// Returns true if the model predicts every symbol and the end of a name of n symbols. Otherwise sets `err`: a network
// that reads names has no positions for a longer one.
bool model_check_length(const Model *model, size_t n, Error *err);

// What a model sees of a prefix: its last symbols, after boundaries if it is shorter; or a boundary and the whole of
// it, if the model reads names.
typedef struct ModelView {
    const uint16_t *context; // (context) for model_logits
    const uint16_t *ids;     // (n), the same memory
    size_t n;
} ModelView;

// Fails if the model reads names and the prefix of n ids is too long, or if memory runs out.
bool model_view(ModelView *view, const Model *model, const uint16_t *prefix, size_t n, Arena *arena, Error *err);

// Forgets what model_logits has computed. Call it after the weights have changed. After a training pass, which
// overwrites the keys, values and states of the rows that the network keeps, model_logits does so itself.
void model_forget(Model *model);

// The first n of some contexts, as many as one pass of a network takes, and what it reads. model->rows has their rows.
typedef struct ModelPass {
    size_t n;
    NetworkInput input;
} ModelPass;

// Begins a pass over b <= max_rows contexts. A network that reads names computes only the prefixes that it did not
// compute before; after model_forget n is at least 1 and the rows begin with row 0.
ModelPass model_pass(Model *model, const uint16_t *ids, size_t b);

// Sets `err` to the reason why a network with finite weights gives no distribution. Returns false.
bool model_logits_overflow(const Model *model, Error *err);
