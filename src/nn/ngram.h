// Counts: the model of lectures part 1, for any length of context. With c the count of context h followed by symbol t,
// c(h) the count of h, s the smoothing and V the vocabulary's size,
//     p(t | h) = (c + s) / (c(h) + s V).
#ifndef NOMEN_NN_NGRAM_H
#define NOMEN_NN_NGRAM_H

#include "base/contexts.h"

typedef struct Ngram {
    size_t vocab;
    double smoothing;
    ContextCounts counts; // only contexts that occur
} Ngram;

// log p (vocab) after the context of counts.contexts.width ids. Without smoothing a context that never occurred gives
// -inf throughout, whose softmax is NaN.
void ngram_logits(const Ngram *ngram, const uint16_t *context, float *logits);

#endif
