// Counts how often each symbol follows each context. Counting models, exact losses and full-batch training use it.
#pragma once

#include "data/context_index.h"
#include "world/world.h"

typedef struct Span {
    size_t begin, end; // stream positions [begin, end)
} Span;

// Row r is the r-th context of `contexts`, which points into the stream. Its targets and their counts are
// [first[r], first[r + 1]). Rows, and targets within a row, are in the order of their first appearance.
typedef struct ContextCounts {
    ContextIndex contexts; // searchable after context_index_make_slots
    uint32_t *first;       // (contexts.n + 1)
    uint16_t *targets;     // (first[contexts.n])
    uint32_t *counts;      // (first[contexts.n])
    uint64_t total;        // the sum of all counts
} ContextCounts;

// Counts the targets in a span of a stream with `vocab` symbols after contexts of `width` ids. weights[i] is how often
// position i counts; if it is NULL, each counts once. The stream must outlive `out`.
bool context_counts_create(ContextCounts *out, const uint16_t *stream, Span span, const uint32_t *weights, size_t width,
                           size_t vocab, Arena *arena, Error *err);

// Writes a stream with weights, zero before, that has the same counts in the same order: each context of `width` ids
// with one of its targets, of which only the target counts. Returns its length; `ids` and `weights` may be NULL.
size_t context_counts_stream(const ContextCounts *counts, uint16_t *ids, uint32_t *weights);

// Sets `out` to what one process would count in the spans of all processes, one after another in the order of their
// ranks. `own` has the counts of this process's span, which begins and ends with a name.
bool context_counts_merge(ContextCounts *out, const ContextCounts *own, Span span, const uint32_t *weights,
                          size_t vocab, World world, Arena *arena, Error *err);

// Does the same as context_counts_create for names read whole. Leaves out targets that more than `context` symbols of
// their name precede. The span begins and ends with a name. The contexts are in depth-first order: each comes after its
// own beginnings.
bool prefix_counts_create(ContextCounts *out, const uint16_t *stream, Span span, const uint32_t *weights,
                          size_t context, size_t vocab, Arena *arena, Error *err);

// Writes the contexts (n, width) of the n rows from `row` on, and returns them.
const uint16_t *context_counts_ids(const ContextCounts *counts, size_t row, size_t n, uint16_t *ids);
