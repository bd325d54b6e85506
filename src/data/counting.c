// The contexts of a part and what follows them. Where there are few possible tuples (a context and its target) each has
// a counter of its own in a plain table; elsewhere a hash table holds those that occur. Rows and pairs stand in the
// order of their first appearance either way.
#include "data/dataset.h"

enum {
    TABLE_TUPLES = 1 << 20, // that a plain table may have: 4 MiB of counters
    FIRST_ROWS = 1024,
};

// vocab^(context + 1), or 0 where that is more than a plain table takes.
static size_t possible_tuples(size_t vocab, size_t context) {
    size_t n = 1;
    for (size_t k = 0; k <= context; k++) {
        if (n > TABLE_TUPLES / vocab) return 0;
        n *= vocab;
    }
    return n;
}

// A tuple's number is its ids read as digits to the base of the vocabulary, the target last; a context's likewise.
typedef struct NumberedCounts {
    uint32_t vocab, n_tuples, n_contexts; // possible ones
    uint32_t *counts;                     // (n_tuples)
    uint32_t *seen;                       // tuples that occur, in the order of their first appearance
    size_t n_seen;
} NumberedCounts;

static bool count_numbers(NumberedCounts *numbered, const Dataset *dataset, Span span, size_t context, uint16_t *ids,
                          Arena *scratch, Error *err) {
    size_t n = span.end - span.begin, n_tuples = numbered->n_tuples;
    uint32_t *counts = arena_alloc(scratch, n_tuples, sizeof *counts, err);
    uint32_t *seen = arena_alloc(scratch, n < n_tuples ? n : n_tuples, sizeof *seen, err);
    if (!counts || !seen) return false;
    uint32_t vocab = numbered->vocab, n_contexts = numbered->n_contexts, before = 0;
    size_t n_seen = 0;
    dataset_context(dataset, span.begin, context, ids);
    for (size_t k = 0; k < context; k++) before = before * vocab + ids[k];
    for (size_t i = span.begin; i < span.end; i++) {
        uint16_t target = dataset->stream[i];
        uint32_t number = before * vocab + target;
        if (counts[number]++ == 0) seen[n_seen++] = number;
        before = target == BOUNDARY ? 0 : number % n_contexts;
    }
    numbered->counts = counts;
    numbered->seen = seen;
    numbered->n_seen = n_seen;
    return true;
}

static bool count_by_number(const Dataset *dataset, Span span, size_t context, size_t n_tuples, ContextCounts *out,
                            Arena *arena, Arena *scratch, Error *err) {
    uint32_t vocab = (uint32_t)dataset->vocab.n, n_contexts = (uint32_t)n_tuples / vocab;
    NumberedCounts numbered = {.vocab = vocab, .n_tuples = (uint32_t)n_tuples, .n_contexts = n_contexts};
    uint16_t *ids = arena_alloc(scratch, context, sizeof *ids, err);
    if (!ids || !count_numbers(&numbered, dataset, span, context, ids, scratch, err)) return false;
    size_t n = numbered.n_seen;
    uint32_t *row_of = arena_alloc(scratch, n_contexts, sizeof *row_of, err); // row + 1, 0 where it has none yet
    uint32_t *rows = arena_alloc(scratch, n, sizeof *rows, err);
    uint16_t *targets = arena_alloc(scratch, n, sizeof *targets, err);
    uint64_t *counts = arena_alloc(scratch, n, sizeof *counts, err);
    *out = (ContextCounts){0};
    bool ok = row_of && rows && targets && counts && idtable_create(&out->contexts, arena, context, FIRST_ROWS, err);
    for (size_t i = 0; ok && i < n; i++) {
        uint32_t number = numbered.seen[i] / vocab, *row = &row_of[number];
        targets[i] = (uint16_t)(numbered.seen[i] % vocab);
        counts[i] = numbered.counts[numbered.seen[i]];
        if (*row == 0) {
            for (size_t k = context; k-- > 0; number /= vocab) ids[k] = (uint16_t)(number % vocab);
            *row = idtable_add(&out->contexts, ids, err) + 1;
            ok = *row != IDTABLE_NONE + 1u;
        }
        rows[i] = *row - 1;
    }
    CountedPairs pairs = {n, rows, targets, counts};
    return ok && context_counts_place(out, &pairs, arena, err);
}

static bool count_by_hash(const Dataset *dataset, Span span, size_t context, ContextCounts *out, Arena *arena,
                          Arena *scratch, Error *err) {
    ContextCounter counter;
    uint16_t *ids = arena_alloc(scratch, context + 1, sizeof *ids, err);
    if (!ids || !context_counter_create(&counter, scratch, context, err)) return false;
    for (size_t i = span.begin; i < span.end; i++) {
        dataset_context(dataset, i, context, ids);
        ids[context] = dataset->stream[i];
        if (!context_counter_add(&counter, ids, 1, err)) return false;
    }
    return context_counts_create(out, &counter, arena, err);
}

bool dataset_count_contexts(const Dataset *dataset, Span span, size_t context, ContextCounts *out, Arena *arena,
                            Error *err) {
    Arena scratch = {0};
    size_t n_tuples = span.end - span.begin < UINT32_MAX ? possible_tuples(dataset->vocab.n, context) : 0;
    bool ok = n_tuples > 0 ? count_by_number(dataset, span, context, n_tuples, out, arena, &scratch, err)
                           : count_by_hash(dataset, span, context, out, arena, &scratch, err);
    arena_free(&scratch);
    return ok;
}
