// Counts: the model of lectures part 1, for any length of context. With c the count of context h followed by symbol t,
// c(h) the count of h, s the smoothing and V the vocabulary's size,
//     p(t | h) = (c + s) / (c(h) + s V).
#ifndef NOMEN_NN_NGRAM_H
#define NOMEN_NN_NGRAM_H

#include "data/context_counts.h"

typedef struct Ngram {
    size_t vocab;
    double smoothing;
    ContextCounts counts; // only contexts that occur; they can be found
} Ngram;

// Takes the counts; what finds a context among them is made in memory of `arena`.
bool ngram_set_counts(Ngram *ngram, const ContextCounts *counts, Arena *arena, Error *err);

// How often `target` follows the context of counts.contexts.width ids.
uint32_t ngram_count(const Ngram *ngram, const uint16_t *context, uint16_t target);

// log p (vocab) after the context of counts.contexts.width ids. Without smoothing a context that never occurred gives
// -inf throughout, whose softmax is NaN.
void ngram_logits(const Ngram *ngram, const uint16_t *context, float *logits);

#endif
