// The n-gram model of lectures part 1: counts of each context h of n - 1 symbols followed by symbol t. With c(h, t) and
// c(h) these counts, s the smoothing and V the vocabulary size,
//     p(t | h) = (c(h, t) + s) / (c(h) + s V).
#pragma once

#include "data/context_counts.h"

typedef struct Ngram {
    size_t vocab;
    double smoothing;
    ContextCounts counts; // of the contexts that occur
} Ngram;

// Sets the counts and indexes their contexts in memory from `arena`.
bool ngram_set_counts(Ngram *ngram, const ContextCounts *counts, Arena *arena, Error *err);

// Returns how often `target` follows the context of counts.contexts.width ids.
uint32_t ngram_count(const Ngram *ngram, const uint16_t *context, uint16_t target);

// Computes log p (vocab) after the context. Without smoothing, a context that never occurred gives -inf for all
// symbols; the softmax of that is NaN.
void ngram_logits(const Ngram *ngram, const uint16_t *context, float *logits);
