// The contexts of a part and what follows them. Where there are few possible tuples (a context and its target) each has
// a counter of its own in a plain table; elsewhere a hash table finds the place where a tuple stood first. Rows and
// pairs stand in the order of their first appearance either way.
#include "data/dataset.h"

enum { TABLE_TUPLES = 1 << 20 }; // that a plain table may have: 4 MiB of counters

// vocab^(context + 1), or 0 where that is more than a plain table takes.
static size_t possible_tuples(size_t vocab, size_t context) {
    size_t n = 1;
    for (size_t k = 0; k <= context; k++) {
        if (n > TABLE_TUPLES / vocab) return 0;
        n *= vocab;
    }
    return n;
}

// Counters for the targets after each context that occurs, (rows, vocab): memory is touched for those alone.
typedef struct CounterTable {
    uint32_t vocab, n_contexts; // possible ones
    uint32_t *row_of;           // (n_contexts) row + 1, 0 where it has none yet
    uint32_t *counters;         // (n_contexts, vocab)
    uint32_t *seen, *places;    // counters in use, in the order of their first appearance, and where that was
    size_t n_seen;
} CounterTable;

static bool create_table(CounterTable *table, size_t n_examples, Arena *scratch, Error *err) {
    size_t n_tuples = (size_t)table->n_contexts * table->vocab, room = n_examples < n_tuples ? n_examples : n_tuples;
    table->row_of = arena_alloc(scratch, table->n_contexts, sizeof *table->row_of, err);
    table->counters = arena_alloc(scratch, n_tuples, sizeof *table->counters, err);
    table->seen = arena_alloc(scratch, room, sizeof *table->seen, err);
    table->places = arena_alloc(scratch, room, sizeof *table->places, err);
    return table->row_of && table->counters && table->seen && table->places;
}

// A context's number is its ids read as digits to the base of the vocabulary; `ids` are those before the span.
static void fill_table(CounterTable *table, Span span, const uint16_t *ids, ContextIndex *contexts) {
    const uint16_t *stream = contexts->stream;
    uint32_t vocab = table->vocab, number = 0;
    size_t context = contexts->width, run = 0; // ids since the last boundary
    for (size_t k = 0; k < context; k++) {
        number = number * vocab + ids[k];
        run += ids[k] != BOUNDARY;
    }
    for (size_t i = span.begin; i < span.end; i++) {
        uint16_t target = stream[i];
        uint32_t *row = &table->row_of[number];
        if (*row == 0) {
            contexts->places[contexts->n++] = (uint32_t)i;
            *row = (uint32_t)contexts->n;
        }
        uint32_t counter = (*row - 1) * vocab + target;
        if (table->counters[counter]++ == 0) {
            table->seen[table->n_seen] = counter;
            table->places[table->n_seen++] = (uint32_t)i;
        }
        // The oldest id leaves, if it is no padding. Masks, since nobody can foretell where a name ends; and no
        // remainder, a division that each step would wait for.
        size_t is_full = (size_t)0 - (run >= context), goes_on = (size_t)0 - (target != BOUNDARY);
        uint32_t oldest = stream[i - (context & is_full)] & (uint32_t)is_full;
        number = (number * vocab + target - oldest * table->n_contexts) & (uint32_t)goes_on;
        run = (run + 1) & goes_on;
    }
}

static bool count_by_table(const Dataset *dataset, Span span, size_t context, size_t n_tuples, ContextCounts *out,
                           Arena *arena, Arena *scratch, Error *err) {
    uint32_t vocab = (uint32_t)dataset->vocab.n;
    CounterTable table = {.vocab = vocab, .n_contexts = (uint32_t)n_tuples / vocab};
    *out = (ContextCounts){.contexts = {.stream = dataset->stream, .width = context}};
    out->contexts.places = arena_alloc(arena, table.n_contexts, sizeof *out->contexts.places, err);
    uint16_t *ids = arena_alloc(scratch, context, sizeof *ids, err);
    if (!out->contexts.places || !ids || !create_table(&table, span.end - span.begin, scratch, err)) return false;
    dataset_context(dataset, span.begin, context, ids);
    fill_table(&table, span, ids, &out->contexts);
    size_t n = table.n_seen;
    uint32_t *rows = arena_alloc(scratch, n, sizeof *rows, err);
    uint32_t *counts = arena_alloc(scratch, n, sizeof *counts, err);
    if (!rows || !counts) return false;
    for (size_t i = 0; i < n; i++) {
        rows[i] = table.seen[i] / vocab;
        counts[i] = table.counters[table.seen[i]];
    }
    return context_counts_place(out, &(CountedPairs){n, table.places, rows, counts}, arena, err);
}

static bool count_by_hash(const Dataset *dataset, Span span, size_t context, ContextCounts *out, Arena *arena,
                          Arena *scratch, Error *err) {
    ContextCounter counter;
    bool ok = context_counter_create(&counter, dataset->stream, context, span.end - span.begin, scratch, err);
    for (size_t i = span.begin; ok && i < span.end;) {
        uint32_t places[CONTEXTS_AT_ONCE];
        size_t n = 0;
        while (n < CONTEXTS_AT_ONCE && i < span.end) places[n++] = (uint32_t)i++;
        ok = context_counter_add(&counter, n, places, NULL, err);
    }
    ok = ok && context_counts_create(out, &counter, arena, err);
    context_counter_free(&counter);
    return ok;
}

bool dataset_count_contexts(const Dataset *dataset, Span span, size_t context, ContextCounts *out, Arena *arena,
                            Error *err) {
    Arena scratch = {0};
    if (span.end > UINT32_MAX) return error_set(err, "more than %u examples cannot be counted", UINT32_MAX);
    size_t n_tuples = possible_tuples(dataset->vocab.n, context);
    bool ok = n_tuples > 0 ? count_by_table(dataset, span, context, n_tuples, out, arena, &scratch, err)
                           : count_by_hash(dataset, span, context, out, arena, &scratch, err);
    arena_free(&scratch);
    return ok;
}
