// The lectures' names: the numbers that the lectures print, and an audit whose numbers were counted by other means.
#include "testing.h"

#include "data/audit.h"

static Arena arena;
static Error err;

static Dataset load(DataConfig config) {
    Dataset dataset;
    config.path = LECTURE_NAMES;
    ck_assert_msg(dataset_load(&dataset, &config, WORLD_ALONE, NULL, &arena, &err), "%s", err.text);
    return dataset;
}

static Audit audit_lecture(bool shuffle, bool unique) {
    DataConfig config = {LECTURE_NAMES, {{0.8, 0.1, 0.1}}, {shuffle, 42}, unique};
    Audit audit;
    ck_assert_msg(audit_load(&audit, &config, &arena, &err), "%s", err.text);
    return audit;
}

START_TEST(names_symbols_and_parts_are_counted) {
    static const size_t expected[N_PARTS] = {182625, 22655, 22866};
    Dataset dataset = load((DataConfig){.split = {{0.8, 0.1, 0.1}}, .shuffle_seed = {true, 42}});
    ck_assert_uint_eq(dataset.n_names, 32033);
    ck_assert_uint_eq(dataset.n_stream, 228146);
    ck_assert_uint_eq(dataset.vocab.n, 27);
    for (uint32_t i = 1; i < 27; i++) ck_assert_uint_eq(dataset.vocab.code_points[i], 'a' + i - 1);
    for (size_t p = 0; p < N_PARTS; p++) ck_assert_uint_eq(dataset.parts[p].end - dataset.parts[p].begin, expected[p]);
    ck_assert_uint_eq(dataset.parts[PART_TEST].end, dataset.n_stream);
    ck_assert_uint_eq(load((DataConfig){.split = {{1, 0, 0}}, .unique = true}).n_names, 32033 - 2539);
}
END_TEST

static uint16_t id_of(const Dataset *dataset, char symbol) {
    return symbol == '.' ? BOUNDARY : vocab_find(&dataset->vocab, (uint32_t)symbol);
}

START_TEST(contexts_and_bigrams_are_counted) {
    static const struct {
        char first, second;
        uint64_t count;
    } expected[] = {{'n', '.', 6763}, {'a', '.', 6640}, {'a', 'n', 5438},
                    {'.', 'a', 4410}, {'e', '.', 3983}, {'a', 'r', 3264}};
    Dataset dataset = load((DataConfig){.split = {{1, 0, 0}}});
    ContextCounts counts;
    ck_assert(context_counts_create(&counts, dataset.stream, (Span){0, dataset.n_stream}, NULL, 3, dataset.vocab.n,
                                    &arena, &err));
    ck_assert_uint_eq(counts.contexts.n, 5686);
    ck_assert_uint_eq(counts.total, 228146);
    ck_assert(context_counts_create(&counts, dataset.stream, dataset.parts[PART_TRAIN], NULL, 1, dataset.vocab.n,
                                    &arena, &err));
    ck_assert(context_index_make_slots(&counts.contexts, &arena, &err));
    for (size_t i = 0; i < COUNT(expected); i++) {
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

// Expects the first names from id `at` on, each with a space behind it.
static void expect_names(const Dataset *dataset, size_t at, const char *names) {
    for (const char *c = names; *c; c++, at++)
        ck_assert_uint_eq(dataset->stream[at], *c == ' ' ? BOUNDARY : id_of(dataset, *c));
}

START_TEST(names_are_shuffled_as_makemore_and_microgpt_do) {
    const Split split = {{0.9687822, 0, 0.0312178}};
    Dataset dataset = load((DataConfig){.split = split, .random = RANDOM_MAKEMORE, .seed = 3407});
    size_t n_test = 0;
    for (size_t i = dataset.parts[PART_TEST].begin; i < dataset.n_stream; i++) n_test += dataset.stream[i] == BOUNDARY;
    ck_assert_uint_eq(n_test, 1000);
    expect_names(&dataset, 0, "apollo jayliani cassidy allyn adrian ");
    expect_names(&dataset, dataset.parts[PART_TEST].begin, "kalub shaima sthefany jakyri emanuella ");
    dataset = load((DataConfig){.split = {{1}}, .random = RANDOM_MICROGPT, .seed = 42});
    expect_names(&dataset, 0, "yuheng diondre xavien jori juanluis ");
}
END_TEST

START_TEST(names_also_in_train_are_counted) {
    static const struct {
        bool shuffle, unique;
        size_t names[N_PARTS], examples[N_PARTS], in_train[N_PARTS];
    } cases[] = {{false, false, {25626, 3203, 3204}, {182778, 22633, 22735}, {0, 397, 294}},
                 {true, false, {25626, 3203, 3204}, {182625, 22655, 22866}, {0, 424, 377}},
                 {true, true, {23595, 2949, 2950}, {169145, 21047, 21136}, {0, 0, 0}}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        Audit audit = audit_lecture(cases[i].shuffle, cases[i].unique);
        for (size_t p = 0; p < N_PARTS; p++) {
            ck_assert_uint_eq(audit.parts[p].names, cases[i].names[p]);
            ck_assert_uint_eq(audit.parts[p].examples, cases[i].examples[p]);
            ck_assert_uint_eq(audit.parts[p].in_train, cases[i].in_train[p]);
        }
    }
}
END_TEST

START_TEST(the_order_is_girls_then_boys) {
    static const double chi2[N_TRAITS] = {225.35217693659405, 2982.2302355953284, 69.22758612204355};
    static const size_t df[N_TRAITS] = {25, 25, 11};
    Audit audit = audit_lecture(false, false);
    ck_assert(audit.lines == 32033 && audit.distinct == 29494 && audit.repeated == 2539);
    ck_assert(audit.lengths[1] == 0 && audit.lengths[2] > 0 && audit.longest == 15);
    ck_assert(audit.n_symbols == 26 && audit.symbols[0].code_point == 'a');
    for (OddKind k = 0; k < N_ODD_KINDS; k++) ck_assert_uint_eq(audit.odd[k].names, 0);
    for (size_t t = 0; t < N_TRAITS; t++) {
        ck_assert_double_eq_tol(audit.skews[t].chi2, chi2[t], 1e-6);
        ck_assert_uint_eq(audit.skews[t].df, df[t]);
        ck_assert(audit.skews[t].is_skewed);
    }
    ck_assert_uint_eq(audit.skews[TRAIT_LAST].value, 'a');
    ck_assert(audit_is_skewed(&audit));
    ck_assert_str_eq(audit.order.kind, "sorted in pieces");
    ck_assert(audit.order.runs == 1286 && audit.order.longest == 2441 && audit.order.longest_line == 15589);
    audit = audit_lecture(true, false);
    ck_assert(!audit_is_skewed(&audit));
}
END_TEST

SUITE(data_lecture, NEEDS_LECTURE) {
    ADD(names_symbols_and_parts_are_counted);
    ADD(contexts_and_bigrams_are_counted);
    ADD(names_are_shuffled_as_makemore_and_microgpt_do);
    ADD(names_also_in_train_are_counted);
    ADD(the_order_is_girls_then_boys);
}
