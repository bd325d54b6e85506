#include "testing.h"

#include "data/dataset.h"
#include "data/idtable.h"

#include <stdio.h>
#include <string.h>

static Arena arena;
static Error err;

static DataConfig config_of(const char *text, double train, double dev, double test) {
    write_text(scratch("names.txt"), text);
    return (DataConfig){.path = scratch("names.txt"), .split = {{train, dev, test}}};
}

static Dataset load(const DataConfig *config) {
    Dataset dataset;
    ck_assert_msg(dataset_load(&dataset, config, NULL, &arena, &err), "%s", err.text);
    return dataset;
}

static void expect_refused(const DataConfig *config, const Vocab *vocab, const char *reason) {
    char expected[ERROR_TEXT_BYTES];
    Dataset dataset;
    ck_assert_msg(!dataset_load(&dataset, config, vocab, &arena, &err), "accepted, not \"%s\"", reason);
    snprintf(expected, sizeof expected, "%s: %s", config->path, reason);
    ck_assert_str_eq(err.text, expected);
}

// Dash for the boundary, else the symbol itself, for streams of ASCII letters.
static const char *shown(const Dataset *dataset, const uint16_t *ids, size_t n) {
    char *text = arena_copy(&arena, "", 0, &err);
    if (n > 0) text = arena_alloc(&arena, n + 1, 1, &err);
    for (size_t i = 0; i < n; i++) text[i] = ids[i] ? (char)dataset->vocab.code_points[ids[i]] : '-';
    return text;
}

static void expect_part(const Dataset *dataset, Part part, const char *expected) {
    Span span = dataset->parts[part];
    ck_assert_uint_le(span.begin, span.end);
    ck_assert_str_eq(shown(dataset, dataset->stream + span.begin, span.end - span.begin), expected);
}

START_TEST(the_stream_has_a_boundary_after_each_name) {
    DataConfig config = config_of("emma\n\n ava \nbo\n", 1, 0, 0);
    Dataset dataset = load(&config);
    static const uint16_t ids[] = {3, 4, 4, 1, 0, 1, 6, 1, 0, 2, 5, 0}; // a b e m o v are 1 to 6
    ck_assert_uint_eq(dataset.n_names, 3);
    ck_assert_uint_eq(dataset.vocab.n, 7);
    ck_assert_uint_eq(dataset.n_stream, sizeof ids / sizeof *ids);
    ck_assert_mem_eq(dataset.stream, ids, sizeof ids);
    ck_assert_uint_eq(strlen(dataset.sha256), 64);
}
END_TEST

START_TEST(contexts_are_cut_at_the_last_boundary) {
    static const char *const expected[] = {"---e", "--em", "-emm", "emma", "mma-", "---b", "--bo", "-bo-"};
    DataConfig config = config_of("emma\nbo\n", 1, 0, 0);
    Dataset dataset = load(&config);
    ck_assert_uint_eq(dataset.n_stream, 8);
    for (size_t i = 0; i < 8; i++) {
        uint16_t ids[4];
        dataset_context(&dataset, i, 3, ids);
        ids[3] = dataset.stream[i];
        ck_assert_str_eq(shown(&dataset, ids, 4), expected[i]);
    }
}
END_TEST

START_TEST(contexts_may_be_wider_than_names_or_empty) {
    DataConfig config = config_of("emma\nbo\n", 1, 0, 0);
    Dataset dataset = load(&config);
    uint16_t ids[9] = {9, 9, 9, 9, 9, 9, 9, 9, 9};
    dataset_context(&dataset, 4, 8, ids);
    ck_assert_str_eq(shown(&dataset, ids, 8), "----emma");
    dataset_context(&dataset, 7, 8, ids);
    ck_assert_str_eq(shown(&dataset, ids, 8), "------bo");
    dataset_context(&dataset, 7, 1, ids);
    ck_assert_str_eq(shown(&dataset, ids, 1), "o");
    ids[0] = 9;
    dataset_context(&dataset, 7, 0, ids);
    ck_assert_uint_eq(ids[0], 9);
}
END_TEST

START_TEST(contexts_are_counted_with_their_targets) {
    static const struct {
        const char *context, *target;
        uint64_t count;
    } expected[] = {{"-", "a", 2}, {"-", "b", 1}, {"a", "b", 1}, {"a", "-", 3}, {"b", "a", 2}};
    DataConfig config = config_of("aba\nba\na\n", 1, 0, 0); // aba-ba-a-
    Dataset dataset = load(&config);
    ContextCounts counts;
    uint16_t ids[1];
    size_t pair = 0;
    ck_assert(dataset_count_contexts(&dataset, dataset.parts[PART_TRAIN], 1, &counts, &arena, &err));
    ck_assert_uint_eq(counts.contexts.n, 3);
    ck_assert_uint_eq(counts.total, 9);
    for (size_t r = 0; r < 3; r++) {
        ck_assert_uint_eq(counts.first[r], pair);
        for (; pair < counts.first[r + 1]; pair++) {
            ck_assert_str_eq(shown(&dataset, context_counts_ids(&counts, r, 1, ids), 1), expected[pair].context);
            ck_assert_str_eq(shown(&dataset, counts.targets + pair, 1), expected[pair].target);
            ck_assert_uint_eq(counts.counts[pair], expected[pair].count);
        }
    }
    ck_assert_uint_eq(pair, 5);
}
END_TEST

START_TEST(counts_of_a_part_leave_the_others_out) {
    DataConfig config = config_of("ab\nab\ncb\n", 2.0 / 3, 1.0 / 3, 0); // ab-ab-cb-
    Dataset dataset = load(&config);
    ContextCounts counts;
    uint16_t ids[6];
    ck_assert(dataset_count_contexts(&dataset, dataset.parts[PART_DEV], 2, &counts, &arena, &err));
    ck_assert_uint_eq(counts.total, 3);
    ck_assert_uint_eq(counts.contexts.n, 3);
    ck_assert_str_eq(shown(&dataset, context_counts_ids(&counts, 0, 3, ids), 6), "---ccb");
    ck_assert(dataset_count_contexts(&dataset, dataset.parts[PART_TEST], 2, &counts, &arena, &err));
    ck_assert_uint_eq(counts.total, 0);
}
END_TEST

// What dataset_count_contexts must give: every example's tuple, copied and counted one by one.
static void expect_plain_counts(const Dataset *dataset, Span span, size_t context) {
    ContextCounts found;
    IdTable tuples, contexts;
    uint16_t ids[8];
    size_t n = span.end - span.begin;
    uint32_t *counts = arena_alloc(&arena, n, sizeof *counts, &err);
    ck_assert(idtable_create(&tuples, &arena, context + 1, 64, &err));
    ck_assert(idtable_create(&contexts, &arena, context, 64, &err));
    for (size_t i = span.begin; i < span.end; i++) {
        dataset_context(dataset, i, context, ids);
        ids[context] = dataset->stream[i];
        counts[idtable_add(&tuples, ids, &err)]++;
        idtable_add(&contexts, ids, &err);
    }
    ck_assert(dataset_count_contexts(dataset, span, context, &found, &arena, &err));
    ck_assert_uint_eq(found.contexts.n, contexts.n);
    ck_assert_uint_eq(found.total, n);
    ck_assert(context_index_index(&found.contexts, &arena, &err));
    for (uint32_t row = 0; row < contexts.n; row++) {
        const uint16_t *key = contexts.keys + row * context;
        ck_assert_int_eq(memcmp(context_counts_ids(&found, row, 1, ids), key, context * sizeof *ids), 0);
        ck_assert_uint_eq(context_index_find(&found.contexts, key), row);
    }
    uint32_t *next = arena_alloc(&arena, contexts.n + 1, sizeof *next, &err); // the row's pair that must come next
    memcpy(next, found.first, contexts.n * sizeof *next);
    for (size_t t = 0; t < tuples.n; t++) {
        const uint16_t *tuple = tuples.keys + t * (context + 1);
        uint32_t row = idtable_find(&contexts, tuple), pair = next[row]++;
        ck_assert_uint_lt(pair, found.first[row + 1]);
        ck_assert_uint_eq(found.targets[pair], tuple[context]);
        ck_assert_uint_eq(found.counts[pair], counts[t]);
    }
    ck_assert_uint_eq(found.first[contexts.n], tuples.n);
}

START_TEST(counts_are_those_of_plain_counting_in_order_too) {
    // 27 symbols: tables up to a context of 3, hashing beyond
    DataConfig config = {.path = OUR_NAMES, .split = {{0.5, 0.02, 0.48}}, .shuffle_seed = {true, 42}};
    Dataset dataset = load(&config);
    for (size_t context = 0; context <= 5; context++) {
        expect_plain_counts(&dataset, dataset.parts[PART_TRAIN], context);
        expect_plain_counts(&dataset, dataset.parts[PART_DEV], context);
    }
    // A span that begins inside a name knows what stands before it.
    for (size_t begin = 1; begin < 12; begin++) expect_plain_counts(&dataset, (Span){begin, begin + 40}, 2);
    expect_plain_counts(&dataset, (Span){7, 7}, 2);
    config = config_of("a\na\n", 1, 0, 0); // two symbols: a table up to a context of 19
    dataset = load(&config);
    for (size_t context = 0; context < 8; context++) expect_plain_counts(&dataset, dataset.parts[PART_TRAIN], context);
}
END_TEST

START_TEST(the_split_cuts_between_names) {
    DataConfig config = config_of("a\nbb\nc\nd\ne\nf\ngg\nh\ni\nj\n", 0.8, 0.1, 0.1);
    Dataset dataset = load(&config);
    expect_part(&dataset, PART_TRAIN, "a-bb-c-d-e-f-gg-h-");
    expect_part(&dataset, PART_DEV, "i-");
    expect_part(&dataset, PART_TEST, "j-");
}
END_TEST

START_TEST(cuts_round_down) {
    DataConfig config = config_of("a\nb\nc\nd\ne\nf\ng\n", 0.5, 0.25, 0.25); // 3.5 and 5.25
    Dataset dataset = load(&config);
    expect_part(&dataset, PART_TRAIN, "a-b-c-");
    expect_part(&dataset, PART_DEV, "d-e-");
    expect_part(&dataset, PART_TEST, "f-g-");
}
END_TEST

START_TEST(shares_that_binary_cannot_hold_cut_where_they_mean) {
    // 0.7 + 0.1 is a little less than 0.8, and a tenth of ten is one name.
    DataConfig config = config_of("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", 0.7, 0.1, 0.2);
    Dataset dataset = load(&config);
    expect_part(&dataset, PART_TRAIN, "a-b-c-d-e-f-g-");
    expect_part(&dataset, PART_DEV, "h-");
    expect_part(&dataset, PART_TEST, "i-j-");
}
END_TEST

START_TEST(parts_without_a_share_are_empty) {
    DataConfig config = config_of("a\nb\nc\nd\n", 1, 0, 0);
    Dataset dataset = load(&config);
    expect_part(&dataset, PART_TRAIN, "a-b-c-d-");
    expect_part(&dataset, PART_DEV, "");
    expect_part(&dataset, PART_TEST, "");
    config.split = (Split){{0.5, 0, 0.5}};
    dataset = load(&config);
    expect_part(&dataset, PART_TRAIN, "a-b-");
    expect_part(&dataset, PART_DEV, "");
    expect_part(&dataset, PART_TEST, "c-d-");
    config.split = (Split){{0.5, 0.5, 0}};
    dataset = load(&config);
    expect_part(&dataset, PART_DEV, "c-d-");
    expect_part(&dataset, PART_TEST, "");
}
END_TEST

START_TEST(a_part_that_would_stay_empty_is_refused) {
    DataConfig config = config_of("a\nb\nc\nd\ne\n", 0.8, 0.1, 0.1);
    expect_refused(&config, NULL, "the split leaves dev empty (0.1 of 5 names); add names or change data.split");
    config.split = (Split){{0.1, 0.9, 0}};
    expect_refused(&config, NULL, "the split leaves train empty (0.1 of 5 names); add names or change data.split");
}
END_TEST

START_TEST(a_single_name_is_refused) {
    DataConfig config = config_of("emma\n", 1, 0, 0);
    expect_refused(&config, NULL, "a single name; two or more are needed to learn from");
    config = config_of("emma\nemma\n", 1, 0, 0);
    ck_assert_uint_eq(load(&config).n_names, 2);
    config.unique = true;
    expect_refused(&config, NULL, "a single name; two or more are needed to learn from");
}
END_TEST

START_TEST(what_the_names_file_lacks_is_refused) {
    DataConfig config = config_of("", 1, 0, 0);
    expect_refused(&config, NULL, "the file is empty; put one name a line into it");
    config = config_of("a\nb\x01"
                       "b\n",
                       1, 0, 0);
    expect_refused(&config, NULL, "line 2: control character U+0001; remove it");
    config.path = scratch("missing.txt");
    expect_refused(&config, NULL, "no such file or directory");
}
END_TEST

START_TEST(unique_drops_names_before_the_cut) {
    DataConfig config = config_of("a\na\na\nb\nc\nb\nd\n", 0.5, 0.5, 0);
    config.unique = true;
    Dataset dataset = load(&config);
    ck_assert_uint_eq(dataset.n_names, 4);
    expect_part(&dataset, PART_TRAIN, "a-b-");
    expect_part(&dataset, PART_DEV, "c-d-");
}
END_TEST

START_TEST(names_are_shuffled_as_python_does) {
    // random.seed(42); random.shuffle(list("abcdefghijklmnopqrst")): the order that the lectures' page gives
    DataConfig config = config_of("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\n", 0.8, 0.1, 0.1);
    config.shuffle_seed = (MaybeWhole){true, 42};
    Dataset dataset = load(&config);
    expect_part(&dataset, PART_TRAIN, "t-f-o-e-j-n-p-s-g-m-r-k-b-l-c-q-");
    expect_part(&dataset, PART_DEV, "h-i-");
    expect_part(&dataset, PART_TEST, "a-d-");
}
END_TEST

START_TEST(a_seed_of_zero_shuffles_too) {
    DataConfig config = config_of("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\n", 1, 0, 0);
    config.shuffle_seed = (MaybeWhole){true, 0};
    Dataset dataset = load(&config);
    expect_part(&dataset, PART_TRAIN, "k-s-q-o-a-r-l-c-d-j-f-h-e-t-g-p-i-b-n-m-");
}
END_TEST

START_TEST(a_given_vocabulary_is_kept) {
    DataConfig wide = config_of("abz\nzb\n", 1, 0, 0);
    Vocab vocab = load(&wide).vocab;
    DataConfig config = config_of("zz\nza\n", 1, 0, 0);
    Dataset dataset;
    static const uint16_t ids[] = {3, 3, 0, 3, 1, 0};
    ck_assert(dataset_load(&dataset, &config, &vocab, &arena, &err));
    ck_assert_uint_eq(dataset.vocab.n, 4);
    ck_assert_uint_eq(dataset.n_stream, 6);
    ck_assert_mem_eq(dataset.stream, ids, sizeof ids);
}
END_TEST

START_TEST(a_character_outside_a_given_vocabulary_names_its_line) {
    DataConfig narrow = config_of("ab\nba\n", 1, 0, 0);
    Vocab vocab = load(&narrow).vocab;
    DataConfig config = config_of("ab\n\nba\nb\xC3\xA9\nab\n", 1, 0, 0);
    expect_refused(&config, &vocab, "line 4: \"\xC3\xA9\" (U+00E9) is not in the model's vocabulary");
    config.shuffle_seed = (MaybeWhole){true, 1};
    expect_refused(&config, &vocab, "line 4: \"\xC3\xA9\" (U+00E9) is not in the model's vocabulary");
}
END_TEST

START_TEST(splits_are_the_same_where_they_cut_alike) {
    const DataConfig first = {.split = {{0.5, 0.5, 0}}};
    DataConfig same = {.path = "elsewhere", .split = {{0.5, 0.5, -0.0}}};
    ck_assert(data_same_split(&first, &same));
    const DataConfig others[] = {{.split = {{0.5, 0.25, 0.25}}},
                                 {.split = first.split, .unique = true},
                                 {.split = first.split, .shuffle_seed = {.given = true}},
                                 {.split = first.split, .shuffle_seed = {.value = 1}}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) ck_assert(!data_same_split(&first, &others[i]));
}
END_TEST

SUITE(dataset, NEEDS_NOTHING) {
    ADD(the_stream_has_a_boundary_after_each_name);
    ADD(contexts_are_cut_at_the_last_boundary);
    ADD(contexts_may_be_wider_than_names_or_empty);
    ADD(contexts_are_counted_with_their_targets);
    ADD(counts_of_a_part_leave_the_others_out);
    ADD(counts_are_those_of_plain_counting_in_order_too);
    ADD(the_split_cuts_between_names);
    ADD(cuts_round_down);
    ADD(shares_that_binary_cannot_hold_cut_where_they_mean);
    ADD(parts_without_a_share_are_empty);
    ADD(a_part_that_would_stay_empty_is_refused);
    ADD(a_single_name_is_refused);
    ADD(what_the_names_file_lacks_is_refused);
    ADD(unique_drops_names_before_the_cut);
    ADD(names_are_shuffled_as_python_does);
    ADD(a_seed_of_zero_shuffles_too);
    ADD(a_given_vocabulary_is_kept);
    ADD(a_character_outside_a_given_vocabulary_names_its_line);
    ADD(splits_are_the_same_where_they_cut_alike);
}
