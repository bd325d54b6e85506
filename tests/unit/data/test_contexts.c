#include "testing.h"

#include "base/rng.h"
#include "data/dataset.h"

#include <string.h>

enum { N_STREAM = 900, MAX_WIDTH = 20 };

static uint16_t stream[N_STREAM];
static Arena arena;
static Error err;

// Draws ids below n_symbols; one in `gap` is a boundary.
static void draw_stream(uint64_t n_symbols, uint64_t gap) {
    Rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < N_STREAM; i++) {
        uint16_t id = (uint16_t)(1 + rng_below(&rng, n_symbols - 1));
        stream[i] = rng_below(&rng, gap) == 0 ? 0 : id;
    }
}

static void plain_context(const uint16_t *ids, size_t position, size_t width, uint16_t *context) {
    for (size_t k = width; k > 0; k--) context[k - 1] = position > 0 && ids[position - 1] != 0 ? ids[--position] : 0;
}

// Copied tuples of ids in the order of their first appearance.
typedef struct Tuples {
    size_t width, n;
    uint16_t keys[N_STREAM * (MAX_WIDTH + 1)];
    uint32_t counts[N_STREAM];
} Tuples;

static uint32_t plain_add(Tuples *tuples, const uint16_t *ids) {
    size_t i = 0, bytes = tuples->width * sizeof *ids;
    while (i < tuples->n && memcmp(tuples->keys + i * tuples->width, ids, bytes) != 0) i++;
    if (i == tuples->n) {
        memcpy(tuples->keys + i * tuples->width, ids, bytes);
        tuples->counts[tuples->n++] = 0;
    }
    tuples->counts[i]++;
    return (uint32_t)i;
}

// Adds the contexts at positions step, 2 step, ..., `at_once` together.
static void expect_numbers(size_t width, bool takes_target, size_t step, size_t at_once) {
    static Tuples plain;
    Arena slots = {0};
    ContextIndex index;
    uint16_t ids[MAX_WIDTH + 1];
    uint32_t positions[CONTEXTS_AT_ONCE], numbers[CONTEXTS_AT_ONCE];
    plain.width = width + takes_target;
    plain.n = 0;
    ck_assert(context_index_create(&index, stream, width, takes_target, N_STREAM, &arena, &slots, &err));
    for (size_t i = 0; i < N_STREAM;) {
        size_t n = 0;
        for (; n < at_once && i < N_STREAM; i++) positions[n++] = (uint32_t)(i * step % N_STREAM);
        ck_assert(context_index_add(&index, n, positions, numbers, &err));
        for (size_t k = 0; k < n; k++) {
            plain_context(stream, positions[k], width, ids);
            ids[width] = stream[positions[k]];
            ck_assert_uint_eq(numbers[k], plain_add(&plain, ids));
        }
    }
    ck_assert_uint_eq(index.n, plain.n);
    for (int round = 0; round < 2 && !takes_target; round++) { // with grown slots, then with slots made at once
        for (uint32_t i = 0; i < plain.n; i++) ck_assert_uint_eq(context_index_find(&index, plain.keys + i * width), i);
        ck_assert(context_index_make_slots(&index, &arena, &err));
    }
    arena_free(&slots);
}

START_TEST(contexts_are_cut_padded_and_numbered) {
    static const size_t widths[] = {0, 1, 2, 3, 8, MAX_WIDTH};
    static const struct { uint64_t n_symbols, gap; } streams[] = {{2, 5}, {27, 7}, {27, 3}, {5, 100}, {65536, 50}};
    for (size_t s = 0; s < COUNT(streams); s++) {
        draw_stream(streams[s].n_symbols, streams[s].gap);
        for (size_t w = 0; w < COUNT(widths); w++) {
            uint16_t found[MAX_WIDTH + 1], expected[MAX_WIDTH];
            for (size_t position = 0; position < N_STREAM; position++) {
                found[widths[w]] = 77;
                context_at(stream, position, widths[w], found);
                plain_context(stream, position, widths[w], expected);
                ck_assert_mem_eq(found, expected, widths[w] * sizeof *found);
                ck_assert_uint_eq(found[widths[w]], 77);
            }
            for (int takes_target = 0; takes_target < 2; takes_target++) {
                expect_numbers(widths[w], takes_target, 1, CONTEXTS_AT_ONCE);
                expect_numbers(widths[w], takes_target, 7, 50);
                expect_numbers(widths[w], takes_target, N_STREAM - 1, 1);
            }
        }
    }
}
END_TEST

START_TEST(only_contexts_of_the_index_are_found) {
    static const uint16_t ids[] = {1, 2, 3, 0, 1, 2, 0};
    static const uint32_t positions[] = {0, 1, 2, 3, 4, 5, 6};
    static const uint16_t there[][3] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 2}, {1, 2, 3}};
    static const uint16_t missing[][3] = {{0, 0, 2}, {0, 2, 1}, {2, 1, 2}, {1, 0, 2}, {1, 0, 0}, {3, 0, 1}, {9, 9, 9}};
    ContextIndex index;
    Arena slots = {0};
    uint32_t numbers[7];
    ck_assert(context_index_create(&index, ids, 3, false, 7, &arena, &slots, &err));
    ck_assert(context_index_add(&index, 7, positions, numbers, &err));
    for (uint32_t i = 0; i < COUNT(there); i++) ck_assert_uint_eq(context_index_find(&index, there[i]), i);
    for (size_t i = 0; i < COUNT(missing); i++) ck_assert_uint_eq(context_index_find(&index, missing[i]), CONTEXT_NONE);
    index.n = CONTEXT_NONE;
    ck_assert(!context_index_add(&index, 1, positions, numbers, &err));
    ck_assert_str_eq(err.text, "more than 2147483647 distinct contexts");
    arena_free(&slots);
}
END_TEST

START_TEST(contexts_are_inserted_by_their_ids) {
    static const uint16_t contexts[][2] = {{0, 0}, {0, 7}, {7, 7}, {0, 7}, {7, 7}, {0, 0}, {1, 2}};
    static const uint32_t numbers[] = {0, 1, 2, 1, 2, 0, 3};
    uint16_t held[8] = {0};
    ContextIndex index;
    ck_assert(context_index_create(&index, held, 2, false, 4, &arena, NULL, &err));
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(contexts); i++) {
            size_t n = index.n;
            ck_assert_uint_eq(context_index_insert(&index, contexts[i], (uint32_t)(2 * n + 2)), numbers[i]);
            if (index.n > n) memcpy(held + 2 * n, contexts[i], sizeof contexts[i]);
        }
        ck_assert_uint_eq(index.n, 4);
        context_index_clear(&index);
        ck_assert_uint_eq(context_index_find(&index, contexts[0]), CONTEXT_NONE);
    }
}
END_TEST

static void expect_same_counts(const ContextCounts *a, const ContextCounts *b) {
    size_t n = a->contexts.n;
    ck_assert_uint_eq(b->contexts.n, n);
    ck_assert_uint_eq(b->total, a->total);
    for (size_t row = 0, width = a->contexts.width; row < n; row++) {
        uint16_t ids[2][8];
        context_counts_ids(a, row, 1, ids[0]);
        context_counts_ids(b, row, 1, ids[1]);
        ck_assert_mem_eq(ids[0], ids[1], width * sizeof **ids);
    }
    ck_assert_mem_eq(b->first, a->first, (n + 1) * sizeof *a->first);
    ck_assert_mem_eq(b->targets, a->targets, a->first[n] * sizeof *a->targets);
    ck_assert_mem_eq(b->counts, a->counts, a->first[n] * sizeof *a->counts);
}

// Counts a span with copied tuples.
static void expect_plain_counts(const Dataset *dataset, Span span, size_t width) {
    static Tuples tuples, contexts;
    ContextCounts found;
    uint16_t ids[8];
    uint32_t next[N_STREAM]; // the target that must come next in each row
    tuples.width = width + 1;
    contexts.width = width;
    tuples.n = contexts.n = 0;
    for (size_t i = span.begin; i < span.end; i++) {
        plain_context(dataset->stream, i, width, ids);
        ids[width] = dataset->stream[i];
        plain_add(&tuples, ids);
        plain_add(&contexts, ids);
    }
    ck_assert(context_counts_create(&found, dataset->stream, span, NULL, width, dataset->vocab.n, &arena, &err));
    ck_assert_uint_eq(found.contexts.n, contexts.n);
    ck_assert_uint_eq(found.total, span.end - span.begin);
    for (uint32_t row = 0; row < contexts.n; row++) {
        const uint16_t *key = contexts.keys + row * width;
        ck_assert_mem_eq(context_counts_ids(&found, row, 1, ids), key, width * sizeof *ids);
        next[row] = found.first[row];
    }
    for (size_t t = 0; t < tuples.n; t++) {
        const uint16_t *tuple = tuples.keys + t * (width + 1);
        uint32_t row = plain_add(&contexts, tuple), pair = next[row]++;
        ck_assert_uint_lt(pair, found.first[row + 1]);
        ck_assert_uint_eq(found.targets[pair], tuple[width]);
        ck_assert_uint_eq(found.counts[pair], tuples.counts[t]);
    }
    ck_assert_uint_eq(found.first[contexts.n], tuples.n);
}

START_TEST(counts_are_those_of_plain_counting_in_the_same_order) {
    Dataset dataset;
    DataConfig config = {.path = OUR_NAMES, .split = {{0.5, 0.004, 0.496}}, .shuffle_seed = {true, 42}};
    ck_assert(dataset_load(&dataset, &config, WORLD_ALONE, NULL, &arena, &err));
    uint32_t *ones = arena_alloc(&arena, dataset.n_stream, sizeof *ones, &err);
    for (size_t i = 0; i < dataset.n_stream; i++) ones[i] = 1;
    for (size_t width = 0; width <= 5; width++) { // counted by a table up to 3, by hashing from 4
        ContextCounts plain, weighted;
        Span train = dataset.parts[PART_TRAIN];
        expect_plain_counts(&dataset, dataset.parts[PART_DEV], width);
        ck_assert(context_counts_create(&plain, dataset.stream, train, NULL, width, dataset.vocab.n, &arena, &err));
        ck_assert(context_counts_create(&weighted, dataset.stream, train, ones, width, dataset.vocab.n, &arena, &err));
        expect_same_counts(&plain, &weighted);
    }
    // A span that begins inside a name includes the ids before it in its contexts.
    for (size_t begin = 1; begin < 12; begin++) expect_plain_counts(&dataset, (Span){begin, begin + 40}, 2);
    expect_plain_counts(&dataset, (Span){7, 7}, 2);
    expect_plain_counts(&dataset, (Span){7, 7}, 5);
}
END_TEST

// Returns the position after name i of the stream.
static size_t end_of_name(const Dataset *dataset, size_t i) {
    size_t at = 0;
    for (size_t n = 0; n < i; at++) n += dataset->stream[at] == BOUNDARY;
    return at;
}

// Counts a span in pieces, each of which has n_names names, then the streams of the pieces one after another.
static void expect_counts_of_pieces(const Dataset *dataset, size_t width, const uint32_t *weights,
                                    const size_t *n_names, size_t n_pieces) {
    const size_t vocab = dataset->vocab.n;
    ContextCounts whole, merged;
    size_t n = 0, names = 0, begin = 0;
    for (size_t i = 0; i < n_pieces; i++) names += n_names[i];
    const size_t end = end_of_name(dataset, names), room = end * (width + 1);
    uint16_t *ids = arena_alloc(&arena, room, sizeof *ids, &err);
    uint32_t *sums = arena_alloc(&arena, room, sizeof *sums, &err);
    ck_assert(context_counts_create(&whole, dataset->stream, (Span){0, end}, weights, width, vocab, &arena, &err));
    for (size_t i = names = 0; i < n_pieces; i++) {
        ContextCounts own;
        names += n_names[i];
        const Span span = {begin, end_of_name(dataset, names)};
        begin = span.end;
        ck_assert(context_counts_create(&own, dataset->stream, span, weights, width, vocab, &arena, &err));
        const size_t length = context_counts_stream(&own, NULL, NULL);
        ck_assert_uint_le(n + length, room);
        ck_assert_uint_eq(context_counts_stream(&own, ids + n, sums + n), length);
        n += length;
    }
    ck_assert(context_counts_create(&merged, ids, (Span){0, n}, sums, width, vocab, &arena, &err));
    expect_same_counts(&whole, &merged);
}

START_TEST(counts_of_pieces_make_those_of_the_whole) {
    static const size_t pieces[][4] = {{20, 1, 0, 300}, {0, 0, 1, 0}, {0, 7, 9, 0}, {1, 1, 1, 1}};
    Dataset dataset;
    DataConfig config = {.path = OUR_NAMES, .split = {{1}}, .shuffle_seed = {true, 42}};
    ck_assert(dataset_load(&dataset, &config, WORLD_ALONE, NULL, &arena, &err));
    uint32_t *weights = arena_alloc(&arena, dataset.n_stream, sizeof *weights, &err);
    for (size_t i = 0; i < dataset.n_stream; i++) weights[i] = (uint32_t)(i * 7919 % 5); // some are 0
    for (size_t width = 0; width <= 5; width++) {
        for (size_t i = 0; i < COUNT(pieces); i++) {
            expect_counts_of_pieces(&dataset, width, NULL, pieces[i], COUNT(pieces[i]));
            expect_counts_of_pieces(&dataset, width, weights, pieces[i], COUNT(pieces[i]));
        }
        for (size_t n_names = 0; n_names < 3000; n_names = 3 * n_names + 1) { // few names are copied
            ContextCounts own, merged;
            Span span = {end_of_name(&dataset, 5), end_of_name(&dataset, 5 + n_names)};
            for (int k = 0; k < 2; k++) {
                const uint32_t *w = k ? weights : NULL;
                ck_assert(context_counts_create(&own, dataset.stream, span, w, width, dataset.vocab.n, &arena, &err));
                ck_assert(context_counts_merge(&merged, &own, span, w, dataset.vocab.n, WORLD_ALONE, &arena, &err));
                expect_same_counts(&own, &merged);
            }
        }
    }
}
END_TEST

START_TEST(prefixes_are_counted_once_depth_first_and_up_to_the_context) {
    enum { MOST = 7 };
    Dataset dataset;
    ContextCounts counts;
    DataConfig config = {.path = OUR_NAMES, .split = {{0.5, 0.004, 0.496}}, .shuffle_seed = {true, 42}};
    ck_assert(dataset_load(&dataset, &config, WORLD_ALONE, NULL, &arena, &err));
    Span span = dataset.parts[PART_DEV];
    ck_assert(prefix_counts_create(&counts, dataset.stream, span, NULL, MOST, dataset.vocab.n, &arena, &err));
    size_t n_targets = 0, depth = 0, before = 0;
    for (size_t i = span.begin; i < span.end; depth = dataset.stream[i++] ? depth + 1 : 0) n_targets += depth <= MOST;
    ck_assert_uint_lt(n_targets, span.end - span.begin);
    ck_assert_uint_eq(counts.total, n_targets);
    for (size_t row = 0; row < counts.contexts.n; row++, before = depth) {
        uint16_t ids[2][MOST] = {{0}};
        context_counts_ids(&counts, row > 0 ? row - 1 : 0, row > 0 ? 2 : 1, ids[0]);
        const uint16_t *own = row > 0 ? ids[1] : ids[0];
        for (depth = MOST; depth > 0 && own[MOST - depth] == BOUNDARY;) depth--;
        // The row before is the parent, or begins with the parent and goes on with another symbol.
        ck_assert_uint_eq(depth == 0, row == 0);
        if (row == 0) continue;
        ck_assert_uint_le(depth, before + 1);
        ck_assert_mem_eq(ids[0] + MOST - before, own + MOST - depth, (depth - 1) * sizeof *own);
        ck_assert(before == depth - 1 || ids[0][MOST - before + depth - 1] != own[MOST - 1]);
    }
    ck_assert(prefix_counts_create(&counts, dataset.stream, (Span){9, 9}, NULL, MOST, dataset.vocab.n, &arena, &err));
    ck_assert_uint_eq(counts.contexts.n, 0);
}
END_TEST

START_TEST(weights_add_up_to_32_bits) {
    // a a b . a b .
    static const uint16_t ids[] = {1, 1, 2, 0, 1, 2, 0}, targets[] = {1, 1, 2, 0}, contexts[] = {0, 1, 2};
    static const uint32_t first[] = {0, 1, 3, 4}, counts[] = {3, 20, 700, UINT32_MAX};
    uint32_t weights[] = {1, 20, 300, 4000, 2, 400, UINT32_MAX - 4000};
    ContextCounts found;
    uint16_t gathered[3];
    ck_assert(context_counts_create(&found, ids, (Span){0, 7}, weights, 1, 3, &arena, &err));
    ck_assert_uint_eq(found.contexts.n, 3);
    ck_assert_uint_eq(found.total, 723 + (uint64_t)UINT32_MAX);
    ck_assert_mem_eq(found.first, first, sizeof first);
    ck_assert_mem_eq(found.targets, targets, sizeof targets);
    ck_assert_mem_eq(found.counts, counts, sizeof counts);
    ck_assert_mem_eq(context_counts_ids(&found, 0, 3, gathered), contexts, sizeof contexts);
    weights[3]++;
    ck_assert(!context_counts_create(&found, ids, (Span){0, 7}, weights, 1, 3, &arena, &err));
    ck_assert_str_eq(err.text, "a count above 4294967295");
    for (size_t i = 0; i < COUNT(weights); i++) weights[i] = i == 2;
    ck_assert(context_counts_create(&found, ids, (Span){0, 7}, weights, 1, 3, &arena, &err));
    ck_assert(found.contexts.n == 1 && found.total == 1 && found.targets[0] == 2);
}
END_TEST

SUITE(contexts, NEEDS_NOTHING) {
    ADD(contexts_are_cut_padded_and_numbered);
    ADD(only_contexts_of_the_index_are_found);
    ADD(contexts_are_inserted_by_their_ids);
    ADD(counts_are_those_of_plain_counting_in_the_same_order);
    ADD(counts_of_pieces_make_those_of_the_whole);
    ADD(prefixes_are_counted_once_depth_first_and_up_to_the_context);
    ADD(weights_add_up_to_32_bits);
}
