// The lecture's names, with the figures that the lectures print about them.
#include "testing.h"

#include "data/dataset.h"

static Arena arena;
static Error err;

static Dataset load(DataConfig config) {
    Dataset dataset;
    config.path = LECTURE_NAMES;
    ck_assert_msg(dataset_load(&dataset, &config, NULL, &arena, &err), "%s", err.text);
    return dataset;
}

START_TEST(the_lectures_names_and_symbols_are_counted) {
    Dataset dataset = load((DataConfig){.split = {{1, 0, 0}}});
    ck_assert_uint_eq(dataset.n_names, 32033);
    ck_assert_uint_eq(dataset.n_stream, 228146);
    ck_assert_uint_eq(dataset.vocab.n, 27);
    for (uint32_t i = 1; i < 27; i++) ck_assert_uint_eq(dataset.vocab.code_points[i], 'a' + i - 1);
}
END_TEST

START_TEST(the_lectures_split_has_its_sizes) {
    Dataset dataset = load((DataConfig){.split = {{0.8, 0.1, 0.1}}, .shuffle_seed = {true, 42}});
    static const size_t expected[N_PARTS] = {182625, 22655, 22866};
    size_t begin = 0;
    for (size_t p = 0; p < N_PARTS; p++) {
        ck_assert_uint_eq(dataset.parts[p].begin, begin);
        ck_assert_uint_eq(dataset.parts[p].end - begin, expected[p]);
        begin = dataset.parts[p].end;
    }
    ck_assert_uint_eq(begin, dataset.n_stream);
}
END_TEST

START_TEST(the_lectures_names_have_5686_contexts_of_three) {
    Dataset dataset = load((DataConfig){.split = {{1, 0, 0}}});
    ContextCounts counts;
    ck_assert(dataset_count_contexts(&dataset, (Span){0, dataset.n_stream}, 3, &counts, &arena, &err));
    ck_assert_uint_eq(counts.contexts.n, 5686);
    ck_assert_uint_eq(counts.total, 228146);
}
END_TEST

START_TEST(names_listed_twice_can_be_dropped) {
    Dataset dataset = load((DataConfig){.split = {{1, 0, 0}}, .unique = true});
    ck_assert_uint_eq(dataset.n_names, 32033 - 2539);
}
END_TEST

static uint16_t id_of(const Dataset *dataset, char symbol) {
    return symbol == '.' ? BOUNDARY : vocab_find(&dataset->vocab, (uint32_t)symbol);
}

START_TEST(the_lectures_bigrams_are_counted) {
    static const struct {
        char first, second;
        uint64_t count;
    } expected[] = {{'n', '.', 6763}, {'a', '.', 6640}, {'a', 'n', 5438},
                    {'.', 'a', 4410}, {'e', '.', 3983}, {'a', 'r', 3264}};
    Dataset dataset = load((DataConfig){.split = {{1, 0, 0}}});
    ContextCounts counts;
    ck_assert(dataset_count_contexts(&dataset, dataset.parts[PART_TRAIN], 1, &counts, &arena, &err));
    ck_assert(context_index_make_slots(&counts.contexts, &arena, &err));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        uint16_t first = id_of(&dataset, expected[i].first), second = id_of(&dataset, expected[i].second);
        uint32_t row = context_index_find(&counts.contexts, &first);
        ck_assert_uint_lt(row, counts.contexts.n);
        uint64_t found = 0;
        for (size_t k = counts.first[row]; k < counts.first[row + 1]; k++)
            if (counts.targets[k] == second) found = counts.counts[k];
        ck_assert_uint_eq(found, expected[i].count);
    }
}
END_TEST

SUITE(dataset_lecture, NEEDS_LECTURE) {
    ADD(the_lectures_names_and_symbols_are_counted);
    ADD(the_lectures_split_has_its_sizes);
    ADD(the_lectures_names_have_5686_contexts_of_three);
    ADD(names_listed_twice_can_be_dropped);
    ADD(the_lectures_bigrams_are_counted);
}
