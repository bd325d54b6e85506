// Samples names symbol by symbol from the distribution that the model gives for the context so far.
#pragma once

#include "base/rng.h"
#include "base/text.h"
#include "data/context_index.h"
#include "data/vocab.h"
#include "nn/model.h"

enum { SAMPLE_MAX_SYMBOLS = 100, SAMPLE_MAX_BYTES = SAMPLE_MAX_SYMBOLS * UTF8_MAX_BYTES * NFC_GROWTH };

typedef enum DrawMethod {
    DRAW_RACE,    // torch.multinomial(p, 1): the largest p_i / e_i, with one exponential variate e_i per symbol
    DRAW_INVERSE, // torch.multinomial(p, 1, replacement=True): the first i whose cumulative p exceeds a uniform
    // makemore.py: all names of a group advance together by a race per symbol, even those that have ended, so the names
    // depend on the group's size. A name has context - 1 symbols at most. top_k also keeps symbols equal to the k-th.
    DRAW_LOCKSTEP,
    DRAW_CHOICES, // Python's random.choices: like inverse, with Python's uniform, the boundary last
} DrawMethod;

typedef struct RankedSymbol {
    float logit;
    uint16_t id;
} RankedSymbol;

// Sorts the n symbols by their logits, the largest first; among equal logits, the smallest id first.
void rank_symbols(size_t n, const float *logits, RankedSymbol *ranked);

typedef struct SampleSettings {
    double temperature; // p = softmax(logits / temperature); 0 takes the most likely symbol
    size_t top_k;       // only the k most likely symbols are drawn; 0: all
    DrawMethod method;
    size_t group; // DRAW_LOCKSTEP: names drawn together; the sampler makes it smaller if they need much memory
    const uint16_t *prefix; // the beginning of every name: fewer ids than sample_max_symbols
    size_t n_prefix;
} SampleSettings;

typedef struct Sampler {
    Model *model;
    SampleSettings settings;
    size_t most_symbols; // of a name
    Rng rng;
    ContextIndex known; // contexts whose distribution is known
    size_t capacity;    // of `known`
    uint16_t *stream;   // (capacity, context + 1) the known contexts, a boundary after each
    float *probs;       // (capacity, vocab) their distributions
    uint16_t *context;
    RankedSymbol *ranked; // (vocab), for top_k
    size_t member;        // DRAW_LOCKSTEP: which name of the group is next
    float *exponentials;  // (most_symbols, group, vocab) of the group; (vocab) of one symbol for DRAW_RACE
} Sampler;

// The ids of a name, without the boundary.
typedef struct SampledName {
    size_t n;
    bool is_cut; // it did not end within sample_max_symbols
    uint16_t ids[SAMPLE_MAX_SYMBOLS];
} SampledName;

// Returns the most symbols that a name can have: those that a model that reads names predicts, or SAMPLE_MAX_SYMBOLS.
size_t sample_max_symbols(const Model *model);

// All names come from one generator, which starts as `rng`.
bool sampler_create(Sampler *sampler, Model *model, const SampleSettings *settings, const Rng *rng, Arena *arena,
                    Error *err);

// Samples the next name. Fails if the model gives no distribution: counts without smoothing, after a new context.
bool sampler_next(Sampler *sampler, SampledName *name, Error *err);

// Trims the name as names_read trims a line, so that it reads back as it is, and writes its text. Returns the text's
// length in bytes: 0 for a blank name.
size_t sampled_name_trim(SampledName *name, const Vocab *vocab, char text[SAMPLE_MAX_BYTES]);
