#include "data/context_counts.h"

// Numbers the distinct tuples of a context and a target in the order of their first appearance, and adds up how often
// each occurs: counts (tuples->n).
static bool count_tuples(ContextIndex *tuples, Span span, const uint32_t *weights, uint32_t *counts, Error *err) {
    for (size_t i = span.begin; i < span.end; i++) {
        if (weights && !weights[i]) continue;
        uint32_t *sum = &counts[context_index_add(tuples, i)];
        if (__builtin_add_overflow(*sum, weights ? weights[i] : 1, sum))
            return error_set(err, "a count above %u", UINT32_MAX);
    }
    return true;
}

// Numbers the contexts of the tuples: rows (tuples->n). Sorts the tuples by row.
static bool sort_by_row(ContextCounts *out, const ContextIndex *tuples, const uint32_t *counts, uint32_t *rows,
                        Arena *arena, Error *err) {
    for (size_t i = 0; i < tuples->n; i++) rows[i] = context_index_add(&out->contexts, tuples->positions[i]);
    size_t n_rows = out->contexts.n;
    out->first = arena_alloc(arena, n_rows + 2, sizeof *out->first, err);
    out->targets = arena_alloc(arena, tuples->n, sizeof *out->targets, err);
    out->counts = arena_alloc(arena, tuples->n, sizeof *out->counts, err);
    if (!out->first || !out->targets || !out->counts) return false;
    // Counting sort: first[r + 1] runs from row r's begin to its end while the tuples are placed.
    for (size_t i = 0; i < tuples->n; i++) out->first[rows[i] + 2]++;
    for (size_t r = 0; r < n_rows; r++) out->first[r + 2] += out->first[r + 1];
    for (size_t i = 0; i < tuples->n; i++) {
        uint32_t place = out->first[rows[i] + 1]++;
        out->targets[place] = tuples->stream[tuples->positions[i]];
        out->counts[place] = counts[i];
        out->total += counts[i];
    }
    return true;
}

bool context_counts_create(ContextCounts *out, const uint16_t *stream, Span span, const uint32_t *weights, size_t width,
                           Arena *arena, Error *err) {
    Arena scratch = {0};
    ContextIndex tuples;
    size_t most = span.end - span.begin;
    *out = (ContextCounts){0};
    if (span.end >= CONTEXT_NONE) return error_set(err, "more than %u examples cannot be counted", CONTEXT_NONE - 1);
    uint32_t *counts = arena_alloc(&scratch, most, sizeof *counts, err), *rows = NULL;
    bool ok = counts && context_index_create(&tuples, stream, width, true, most, &scratch, err) &&
              count_tuples(&tuples, span, weights, counts, err) &&
              (rows = arena_alloc(&scratch, tuples.n, sizeof *rows, err)) &&
              context_index_create(&out->contexts, stream, width, false, tuples.n, arena, err) &&
              sort_by_row(out, &tuples, counts, rows, arena, err);
    arena_free(&scratch);
    return ok;
}

const uint16_t *context_counts_ids(const ContextCounts *counts, size_t row, size_t n, uint16_t *ids) {
    const ContextIndex *contexts = &counts->contexts;
    for (size_t i = 0; i < n; i++)
        context_at(contexts->stream, contexts->positions[row + i], contexts->width, ids + i * contexts->width);
    return ids;
}
