#include "data/context_counts.h"

bool context_counts_place(ContextCounts *out, const CountedPairs *pairs, Arena *arena, Error *err) {
    size_t n_rows = out->contexts.n;
    out->total = 0;
    out->first = arena_alloc(arena, n_rows + 2, sizeof *out->first, err);
    out->targets = arena_alloc(arena, pairs->n, sizeof *out->targets, err);
    out->counts = arena_alloc(arena, pairs->n, sizeof *out->counts, err);
    if (!out->first || !out->targets || !out->counts) return false;
    // Counting sort: first[r + 1] runs from row r's start to its end while the pairs are placed.
    for (size_t i = 0; i < pairs->n; i++) out->first[pairs->rows[i] + 2]++;
    for (size_t r = 0; r < n_rows; r++) out->first[r + 2] += out->first[r + 1];
    for (size_t i = 0; i < pairs->n; i++) {
        uint32_t place = out->first[pairs->rows[i] + 1]++;
        out->targets[place] = out->contexts.stream[pairs->places[i]];
        out->counts[place] = pairs->counts[i];
        out->total += pairs->counts[i];
    }
    return true;
}

const uint16_t *context_counts_ids(const ContextCounts *counts, size_t row, size_t n, uint16_t *ids) {
    const ContextIndex *contexts = &counts->contexts;
    for (size_t i = 0; i < n; i++)
        stream_window(contexts->stream, contexts->places[row + i], contexts->width, ids + i * contexts->width);
    return ids;
}

bool context_counter_create(ContextCounter *counter, const uint16_t *stream, size_t context, size_t capacity,
                            Arena *arena, Error *err) {
    *counter = (ContextCounter){.arena = arena};
    counter->counts = arena_alloc(arena, capacity, sizeof *counter->counts, err);
    return counter->counts &&
           context_index_create(&counter->tuples, stream, context, true, capacity, arena, &counter->slot_arena, err);
}

void context_counter_free(ContextCounter *counter) { arena_free(&counter->slot_arena); }

bool context_counter_add(ContextCounter *counter, size_t n, const uint32_t *places, const uint32_t *counts,
                         Error *err) {
    uint32_t numbers[CONTEXTS_AT_ONCE];
    if (!context_index_add(&counter->tuples, n, places, numbers, err)) return false;
    for (size_t k = 0; k < n; k++) __builtin_prefetch(&counter->counts[numbers[k]], 1);
    for (size_t k = 0; k < n; k++) {
        uint32_t *sum = &counter->counts[numbers[k]];
        if (__builtin_add_overflow(*sum, counts ? counts[k] : 1, sum))
            return error_set(err, "a count above %u", UINT32_MAX);
    }
    return true;
}

bool context_counts_create(ContextCounts *out, ContextCounter *counter, Arena *arena, Error *err) {
    const ContextIndex *tuples = &counter->tuples;
    arena_free(&counter->slot_arena); // before the next table is made
    *out = (ContextCounts){0};
    uint32_t *rows = arena_alloc(counter->arena, tuples->n, sizeof *rows, err);
    bool ok = rows && context_index_create(&out->contexts, tuples->stream, tuples->width, false, tuples->n, arena,
                                           &counter->slot_arena, err);
    for (size_t i = 0; ok && i < tuples->n; i += CONTEXTS_AT_ONCE) {
        size_t left = tuples->n - i, n = left < CONTEXTS_AT_ONCE ? left : CONTEXTS_AT_ONCE;
        ok = context_index_add(&out->contexts, n, tuples->places + i, rows + i, err);
    }
    arena_free(&counter->slot_arena);
    out->contexts.slots = NULL;
    CountedPairs pairs = {tuples->n, tuples->places, rows, counter->counts};
    return ok && context_counts_place(out, &pairs, arena, err);
}
