// Merges the counts of processes. Each of them writes a stream that has its counts; the streams one after another are
// counted again.
#include "data/context_counts.h"

#include <string.h>

size_t context_counts_stream(const ContextCounts *counts, uint16_t *ids, uint32_t *weights) {
    const size_t width = counts->contexts.width, n_rows = counts->contexts.n;
    size_t at = 0;
    for (size_t row = 0; ids && row < n_rows; row++)
        for (size_t k = counts->first[row]; k < counts->first[row + 1]; k++) {
            context_counts_ids(counts, row, 1, ids + at);
            at += width;
            ids[at] = counts->targets[k];
            weights[at++] = counts->counts[k];
        }
    return counts->first[n_rows] * (width + 1);
}

// Writes the names of the span after a boundary, at which the contexts of the stream before them end.
static size_t copy_span(const uint16_t *stream, Span span, const uint32_t *span_weights, uint16_t *ids,
                        uint32_t *weights) {
    const size_t n = span.end - span.begin;
    if (ids) memcpy(ids + 1, stream + span.begin, n * sizeof *ids);
    for (size_t i = 0; ids && i < n; i++) weights[1 + i] = span_weights ? span_weights[span.begin + i] : 1;
    return 1 + n;
}

// Writes the shorter of the two streams: that of the counts is longer if most contexts occur once.
static size_t write_stream(const ContextCounts *own, Span span, const uint32_t *span_weights, uint16_t *ids,
                           uint32_t *weights) {
    const uint16_t *stream = own->contexts.stream;
    bool copies = copy_span(stream, span, NULL, NULL, NULL) < context_counts_stream(own, NULL, NULL);
    return copies ? copy_span(stream, span, span_weights, ids, weights) : context_counts_stream(own, ids, weights);
}

bool context_counts_merge(ContextCounts *out, const ContextCounts *own, Span span, const uint32_t *weights,
                          size_t vocab, World world, Arena *arena, Error *err) {
    Arena scratch = {0};
    const size_t width = own->contexts.width;
    size_t begin = 0, n = 0;
    uint16_t *ids = NULL;
    uint32_t *sums = NULL;
    size_t *sizes = arena_alloc(&scratch, world.size, sizeof *sizes, err);
    bool ok = world_agree(world, sizes != NULL, err);
    if (ok) {
        sizes[world.rank] = write_stream(own, span, weights, NULL, NULL);
        world_fill(world, sizes, world.size * sizeof *sizes);
        for (size_t rank = 0; rank < world.size; n += sizes[rank++])
            if (rank == world.rank) begin = n;
        ids = arena_alloc(arena, n, sizeof *ids, err);
        sums = ids ? arena_alloc(&scratch, n, sizeof *sums, err) : NULL;
        ok = world_agree(world, sums != NULL, err);
    }
    if (ok) {
        write_stream(own, span, weights, ids + begin, sums + begin);
        world_fill(world, ids, n * sizeof *ids);
        world_fill(world, sums, n * sizeof *sums);
        ok = context_counts_create(out, ids, (Span){0, n}, sums, width, vocab, arena, err);
    }
    arena_free(&scratch);
    return ok;
}
