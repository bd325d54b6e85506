// Making up names: a symbol at a time, from the model's distribution after the context so far.
#ifndef NOMEN_STUDY_SAMPLER_H
#define NOMEN_STUDY_SAMPLER_H

#include "base/rng.h"
#include "data/idtable.h"
#include "nn/model.h"
#include "study/ranking.h"

enum { SAMPLE_MAX_SYMBOLS = 100 };

typedef enum DrawMethod {
    DRAW_RACE,    // torch.multinomial(p, 1): the largest p_i / e_i, one exponential e_i a symbol
    DRAW_INVERSE, // torch.multinomial(p, 1, replacement=True): the first i whose running sum of p exceeds a uniform
} DrawMethod;

typedef struct SampleSettings {
    double temperature; // p = softmax(logits / temperature); 0 takes the most likely symbol and draws nothing
    size_t top_k;       // keep only the k most likely symbols; 0 keeps all
    DrawMethod method;
    const uint16_t *prefix; // what every name begins with: fewer than SAMPLE_MAX_SYMBOLS ids
    size_t n_prefix;
} SampleSettings;

typedef struct Sampler {
    Model *model;
    SampleSettings settings;
    Rng rng;
    IdTable known; // contexts met, and for each (capacity, vocab) its distribution
    float *probs;
    uint16_t *context;
    RankedSymbol *ranked; // (vocab), where top_k needs it
} Sampler;

// A name: ids without the boundary.
typedef struct SampledName {
    size_t n;
    bool is_cut; // it had no end within SAMPLE_MAX_SYMBOLS symbols
    uint16_t ids[SAMPLE_MAX_SYMBOLS];
} SampledName;

// Names come from one stream of the generator seeded by `seed`, one after another.
bool sampler_create(Sampler *sampler, Model *model, const SampleSettings *settings, uint64_t seed, Arena *arena,
                    Error *err);

// The next name. An error where the model gives no distribution (counts without smoothing, a context never seen).
bool sampler_next(Sampler *sampler, SampledName *name, Error *err);

#endif
