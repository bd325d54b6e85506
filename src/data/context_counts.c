#include "data/context_counts.h"

enum { TABLE_TUPLES = 1 << 20 }; // the most that count_by_table takes: 4 MiB of counters

// Distinct tuples of a context and a target, in the order of their first appearance.
typedef struct Tuples {
    size_t n;
    uint32_t *positions; // of the targets
    uint32_t *rows;      // of the contexts
    uint32_t *counts;
} Tuples;

static bool sort_by_row(ContextCounts *out, const Tuples *tuples, Arena *arena, Error *err) {
    size_t n_rows = out->contexts.n;
    out->first = arena_alloc(arena, n_rows + 2, sizeof *out->first, err);
    out->targets = arena_alloc(arena, tuples->n, sizeof *out->targets, err);
    out->counts = arena_alloc(arena, tuples->n, sizeof *out->counts, err);
    if (!out->first || !out->targets || !out->counts) return false;
    // Counting sort: first[r + 1] runs from row r's begin to its end while the tuples are placed.
    for (size_t i = 0; i < tuples->n; i++) out->first[tuples->rows[i] + 2]++;
    for (size_t r = 0; r < n_rows; r++) out->first[r + 2] += out->first[r + 1];
    for (size_t i = 0; i < tuples->n; i++) {
        uint32_t place = out->first[tuples->rows[i] + 1]++;
        out->targets[place] = out->contexts.stream[tuples->positions[i]];
        out->counts[place] = tuples->counts[i];
        out->total += tuples->counts[i];
    }
    return true;
}

// Returns vocab^(width + 1), or 0 if it exceeds TABLE_TUPLES.
static size_t possible_tuples(size_t vocab, size_t width) {
    size_t n = 1;
    for (size_t k = 0; k <= width; k++) {
        if (n > TABLE_TUPLES / vocab) return 0;
        n *= vocab;
    }
    return n;
}

// A counter for every possible tuple. A context's number is its ids read as digits to the base of the vocabulary.
typedef struct CounterTable {
    uint32_t vocab, n_contexts; // possible ones
    uint32_t *row_of;           // (n_contexts) row + 1, or 0
    uint32_t *counters;         // (rows, vocab)
} CounterTable;

static void fill_table(const CounterTable *table, Span span, ContextIndex *contexts, Tuples *tuples) {
    const uint16_t *stream = contexts->stream;
    uint32_t vocab = table->vocab, number = 0;
    size_t width = contexts->width, run = 0; // ids since the last boundary, or `width`
    while (run < width && run < span.begin && stream[span.begin - run - 1]) run++;
    for (size_t k = run; k > 0; k--) number = number * vocab + stream[span.begin - k];
    for (size_t i = span.begin; i < span.end; i++) {
        uint16_t target = stream[i];
        uint32_t *row = &table->row_of[number];
        if (*row == 0) {
            // A write, because fresh memory that is read before it is written faults twice.
            table->counters[contexts->n * vocab] = 0;
            contexts->positions[contexts->n++] = (uint32_t)i;
            *row = (uint32_t)contexts->n;
        }
        if (table->counters[(*row - 1) * vocab + target]++ == 0) {
            tuples->rows[tuples->n] = *row - 1;
            tuples->positions[tuples->n++] = (uint32_t)i;
        }
        // The oldest id leaves unless it is padding. Masks, because no CPU can predict where a name ends, and no
        // remainder, whose division each step would wait for.
        size_t is_full = (size_t)0 - (run >= width), goes_on = (size_t)0 - (target != 0);
        uint32_t oldest = stream[i - (width & is_full)] & (uint32_t)is_full;
        number = (number * vocab + target - oldest * table->n_contexts) & (uint32_t)goes_on;
        run = (run + 1) & goes_on;
    }
}

static bool count_by_table(ContextCounts *out, Span span, size_t vocab, size_t n_tuples, Arena *arena, Arena *scratch,
                           Error *err) {
    size_t n_contexts = n_tuples / vocab, n_examples = span.end - span.begin;
    size_t room = n_examples < n_tuples ? n_examples : n_tuples;
    CounterTable table = {.vocab = (uint32_t)vocab, .n_contexts = (uint32_t)n_contexts};
    Tuples tuples = {.positions = arena_alloc(scratch, room, sizeof *tuples.positions, err)};
    out->contexts.positions = arena_alloc(arena, n_contexts, sizeof *out->contexts.positions, err);
    table.row_of = arena_alloc(scratch, n_contexts, sizeof *table.row_of, err);
    table.counters = arena_alloc(scratch, n_tuples, sizeof *table.counters, err);
    tuples.rows = arena_alloc(scratch, room, sizeof *tuples.rows, err);
    tuples.counts = arena_alloc(scratch, room, sizeof *tuples.counts, err);
    if (!tuples.positions || !out->contexts.positions || !table.row_of || !table.counters || !tuples.rows ||
        !tuples.counts)
        return false;
    fill_table(&table, span, &out->contexts, &tuples);
    for (size_t i = 0; i < tuples.n; i++)
        tuples.counts[i] = table.counters[tuples.rows[i] * vocab + out->contexts.stream[tuples.positions[i]]];
    return sort_by_row(out, &tuples, arena, err);
}

static bool add_tuples(ContextIndex *index, size_t n, const uint32_t *positions, const uint32_t *weights,
                       uint32_t *counts, Error *err) {
    uint32_t numbers[CONTEXTS_AT_ONCE];
    if (!context_index_add(index, n, positions, numbers, err)) return false;
    for (size_t k = 0; k < n; k++) __builtin_prefetch(&counts[numbers[k]], 1);
    for (size_t k = 0; k < n; k++) {
        uint32_t *sum = &counts[numbers[k]];
        if (__builtin_add_overflow(*sum, weights ? weights[positions[k]] : 1, sum))
            return error_set(err, "a count above %u", UINT32_MAX);
    }
    return true;
}

// Numbers the tuples first, then their contexts.
static bool count_by_hash(ContextCounts *out, Span span, const uint32_t *weights, Arena *arena, Arena *scratch,
                          Arena *slots, Error *err) {
    const ContextIndex *contexts = &out->contexts;
    size_t capacity = span.end - span.begin;
    ContextIndex index;
    uint32_t *counts = arena_alloc(scratch, capacity, sizeof *counts, err);
    bool ok =
        counts && context_index_create(&index, contexts->stream, contexts->width, true, capacity, scratch, slots, err);
    for (size_t i = span.begin; ok && i < span.end;) {
        uint32_t positions[CONTEXTS_AT_ONCE];
        size_t n = 0;
        for (; n < CONTEXTS_AT_ONCE && i < span.end; i++)
            if (!weights || weights[i]) positions[n++] = (uint32_t)i;
        ok = add_tuples(&index, n, positions, weights, counts, err);
    }
    arena_free(slots);
    if (!ok) return false;
    Tuples tuples = {index.n, index.positions, arena_alloc(scratch, index.n, sizeof *tuples.rows, err), counts};
    ok = tuples.rows &&
         context_index_create(&out->contexts, index.stream, index.width, false, index.n, arena, slots, err);
    for (size_t i = 0; ok && i < index.n; i += CONTEXTS_AT_ONCE) {
        size_t left = index.n - i, n = left < CONTEXTS_AT_ONCE ? left : CONTEXTS_AT_ONCE;
        ok = context_index_add(&out->contexts, n, index.positions + i, tuples.rows + i, err);
    }
    return ok && sort_by_row(out, &tuples, arena, err);
}

bool context_counts_create(ContextCounts *out, const uint16_t *stream, Span span, const uint32_t *weights, size_t width,
                           size_t vocab, Arena *arena, Error *err) {
    Arena scratch = {0}, slots = {0};
    *out = (ContextCounts){.contexts = {.stream = stream, .width = width}};
    if (span.end > UINT32_MAX) return error_set(err, "more than %u examples cannot be counted", UINT32_MAX);
    size_t n_tuples = weights ? 0 : possible_tuples(vocab, width);
    bool ok = n_tuples > 0 ? count_by_table(out, span, vocab, n_tuples, arena, &scratch, err)
                           : count_by_hash(out, span, weights, arena, &scratch, &slots, err);
    out->contexts.slots = (HashSlots){0}; // their memory goes
    arena_free(&slots);
    arena_free(&scratch);
    return ok;
}

const uint16_t *context_counts_ids(const ContextCounts *counts, size_t row, size_t n, uint16_t *ids) {
    const ContextIndex *contexts = &counts->contexts;
    for (size_t i = 0; i < n; i++)
        context_at(contexts->stream, contexts->positions[row + i], contexts->width, ids + i * contexts->width);
    return ids;
}
