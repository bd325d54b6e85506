// Scores names by their likelihood under a model: nll = -log p(name) = -sum_i log p(symbol i | the symbols before it),
// in nats, over the symbols of the name and the boundary that ends it. The loss of a split is the sum of nll over its
// names, divided by their symbols and boundaries.
#pragma once

#include "data/vocab.h"
#include "nn/model.h"
#include "world/world.h"

typedef struct NameScore {
    size_t n;    // examples: symbols and the boundary; 0 if score_encode refuses the name, which is not scored
    double nll;  // infinity if the name has probability 0
    size_t rank; // 1 + the number of scored names with a lower nll / n; equal ones share a rank
} NameScore;

typedef struct Scores {
    size_t n;          // names
    NameScore *items;  // (n), in rank 0
    size_t n_scored;   // scored names,
    size_t n_examples; // their examples
    double nll;        // and the sum of their nll
} Scores;

// Writes the name with these n bytes and its boundary as *n_ids <= n + 1 ids. Returns false and sets `err` if the name
// cannot be scored: the vocabulary lacks a symbol, or the model reads no name of this length.
bool score_encode(const Model *model, const Vocab *vocab, const char *bytes, size_t n, uint16_t *ids, size_t *n_ids,
                  Error *err);

// Scores and ranks all names of a list, which the processes of the world share out. The results take 24 bytes per name
// in `arena`, the ranking 16 more meanwhile. Fails if the logits of a network overflow. Rank 0 has all results; the
// other processes have no items.
bool score_names(Scores *scores, Model *model, const Vocab *vocab, const NameList *list, World world, Arena *arena,
                 Error *err);

// losses_i = -log p(stream_i | the ids before it, back to the last boundary), i < n, for a stream that begins with a
// name and has a boundary after each name, all of them names that the model reads. Infinity if p is 0; NaN if the model
// gives no distribution (counts without smoothing, after a new context).
void score_stream(Model *model, const uint16_t *stream, size_t n, float *losses);

// The nll of one name from its n losses. Infinity wins over NaN: counts give NaN only after a symbol of probability 0.
double score_sum(size_t n, const float *losses);
