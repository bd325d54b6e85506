// The contexts of a text and how often each symbol follows them. Counting models, exact losses and full-batch training
// all stand on it.
#ifndef NOMEN_DATA_CONTEXT_COUNTS_H
#define NOMEN_DATA_CONTEXT_COUNTS_H

#include "data/context_index.h"

// Distinct contexts and, for row r, the pairs [first[r], first[r + 1]) of a target and its count. Rows, and pairs
// within a row, stand in the order of their first appearance. Row r's context is window r of `contexts`: its ids stay
// in the stream, which must live as long.
typedef struct ContextCounts {
    ContextIndex contexts; // without slots until context_index_index
    uint32_t *first;       // (contexts.n + 1)
    uint16_t *targets;     // (first[contexts.n])
    uint32_t *counts;      // (first[contexts.n])
    uint64_t total;        // the sum of all counts
} ContextCounts;

// Pairs of a context and a target that are all different, in the order of their first appearance.
typedef struct CountedPairs {
    size_t n;
    const uint32_t *places; // of the targets: what stands before one is its context
    const uint32_t *rows;   // of the contexts, numbered in the order of their first appearance
    const uint32_t *counts;
} CountedPairs;

// Fills all but out->contexts, which holds the rows already, in memory of `arena`.
bool context_counts_place(ContextCounts *out, const CountedPairs *pairs, Arena *arena, Error *err);

// Writes the contexts (n, width) of the n rows from `row` on, and returns them.
const uint16_t *context_counts_ids(const ContextCounts *counts, size_t row, size_t n, uint16_t *ids);

// Counts contexts with their targets on their way to a ContextCounts.
typedef struct ContextCounter {
    ContextIndex tuples; // contexts with their targets
    uint32_t *counts;    // (tuples.n)
    Arena *arena, slot_arena;
} ContextCounter;

// For contexts of `context` ids at no more than `capacity` < 2^32 places of the stream; working memory comes from
// `arena` until context_counter_free.
bool context_counter_create(ContextCounter *counter, const uint16_t *stream, size_t context, size_t capacity,
                            Arena *arena, Error *err);

// Adds counts[k] (1 where it is NULL) to the target at places[k] after its context, for n <= CONTEXTS_AT_ONCE places.
// False where a sum leaves 32 bits.
bool context_counter_add(ContextCounter *counter, size_t n, const uint32_t *places, const uint32_t *counts, Error *err);

// What was counted, in memory of `arena`; the counter can only be freed then.
bool context_counts_create(ContextCounts *out, ContextCounter *counter, Arena *arena, Error *err);

void context_counter_free(ContextCounter *counter);

#endif
