#include "testing.h"

#include "data/dataset.h"

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
    ck_assert_msg(dataset_load(&dataset, config, WORLD_ALONE, NULL, &arena, &err), "%s", err.text);
    return dataset;
}

// Returns the symbols of the ids as text, "-" for the boundary.
static const char *shown(const Dataset *dataset, const uint16_t *ids, size_t n) {
    char *text = arena_alloc(&arena, n + 1, 1, &err);
    for (size_t i = 0; i < n; i++) text[i] = ids[i] ? (char)dataset->vocab.code_points[ids[i]] : '-';
    return text;
}

START_TEST(the_stream_has_a_boundary_after_each_name) {
    static const uint16_t ids[] = {3, 4, 4, 1, 0, 1, 6, 1, 0, 2, 5, 0}; // a b e m o v are 1 to 6
    static const char *const contexts[] = {"---", "--e", "-em", "emm", "mma", "---", "--a"};
    DataConfig config = config_of("emma\n\n ava \nbo\n", 1, 0, 0);
    Dataset dataset = load(&config);
    ck_assert_uint_eq(dataset.n_names, 3);
    ck_assert_uint_eq(dataset.vocab.n, 7);
    ck_assert_uint_eq(dataset.n_stream, COUNT(ids));
    ck_assert_mem_eq(dataset.stream, ids, sizeof ids);
    ck_assert_uint_eq(strlen(dataset.sha256), 64);
    for (size_t i = 0; i < COUNT(contexts); i++) {
        uint16_t context[3];
        dataset_context(&dataset, i, 3, context);
        ck_assert_str_eq(shown(&dataset, context, 3), contexts[i]);
    }
}
END_TEST

#define TEN "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"
#define TWENTY TEN "k\nl\nm\nn\no\np\nq\nr\ns\nt\n"

START_TEST(names_are_shuffled_and_split) {
    static const struct {
        const char *names;
        double split[3];
        MaybeWhole shuffle_seed;
        bool unique;
        const char *parts[3];
    } cases[] = {
        {"a\nbb\nc\nd\ne\nf\ngg\nh\ni\nj\n", {0.8, 0.1, 0.1}, {0}, false, {"a-bb-c-d-e-f-gg-h-", "i-", "j-"}},
        {"a\nb\nc\nd\ne\nf\ng\n", {0.5, 0.25, 0.25}, {0}, false, {"a-b-c-", "d-e-", "f-g-"}}, // rounded down
        // 0.7 + 0.1 is a little less than 0.8, and a tenth of ten is one name.
        {TEN, {0.7, 0.1, 0.2}, {0}, false, {"a-b-c-d-e-f-g-", "h-", "i-j-"}},
        {"a\nb\nc\nd\n", {1, 0, 0}, {0}, false, {"a-b-c-d-", "", ""}},
        {"a\nb\nc\nd\n", {0.5, 0, 0.5}, {0}, false, {"a-b-", "", "c-d-"}},
        {"a\nb\nc\nd\n", {0.5, 0.5, 0}, {0}, false, {"a-b-", "c-d-", ""}},
        {"a\na\na\nb\nc\nb\nd\n", {0.5, 0.5, 0}, {0}, true, {"a-b-", "c-d-", ""}},
        // random.seed(42); random.shuffle(list("abcdefghijklmnopqrst")) in Python
        {TWENTY, {0.8, 0.1, 0.1}, {true, 42}, false, {"t-f-o-e-j-n-p-s-g-m-r-k-b-l-c-q-", "h-i-", "a-d-"}},
        {TWENTY, {1, 0, 0}, {true, 0}, false, {"k-s-q-o-a-r-l-c-d-j-f-h-e-t-g-p-i-b-n-m-", "", ""}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        DataConfig config = config_of(cases[i].names, cases[i].split[0], cases[i].split[1], cases[i].split[2]);
        config.shuffle_seed = cases[i].shuffle_seed;
        config.unique = cases[i].unique;
        Dataset dataset = load(&config);
        for (size_t p = 0; p < N_PARTS; p++) {
            Span span = dataset.parts[p];
            ck_assert_uint_le(span.begin, span.end);
            ck_assert_str_eq(shown(&dataset, dataset.stream + span.begin, span.end - span.begin), cases[i].parts[p]);
        }
    }
}
END_TEST

#define REFUSED_E "line 4: \"\xC3\xA9\" (U+00E9) is not in the model's vocabulary"

START_TEST(what_cannot_be_trained_or_measured_is_refused) {
    static const struct {
        const char *names, *reason;
        double train, dev;
        bool unique, shuffles, has_vocab; // of the symbols a and b
    } cases[] = {
        {"a\nb\nc\nd\ne\n", "the split leaves dev empty (0.1 of 5 names); add names or change data.split", 0.8,
         .dev = 0.1},
        {"a\nb\nc\nd\ne\n", "the split leaves train empty (0.1 of 5 names); add names or change data.split", 0.1,
         .dev = 0.9},
        {"emma\n", "a single name; training needs at least two", .train = 1},
        {"emma\nemma\n", "a single name; training needs at least two", .train = 1, .unique = true},
        {"", "the file is empty; put one name per line into it", .train = 1},
        {"a\nb\x01\n", "line 2: control character U+0001; remove it", .train = 1},
        {"ab\n\nba\nb\xC3\xA9\nab\n", REFUSED_E, .train = 1, .has_vocab = true},
        {"ab\n\nba\nb\xC3\xA9\nab\n", REFUSED_E, .train = 1, .has_vocab = true, .shuffles = true},
    };
    DataConfig narrow = config_of("ab\nba\n", 1, 0, 0);
    Vocab vocab = load(&narrow).vocab;
    for (size_t i = 0; i < COUNT(cases); i++) {
        Dataset dataset;
        DataConfig config = config_of(cases[i].names, cases[i].train, cases[i].dev, 1 - cases[i].train - cases[i].dev);
        config.unique = cases[i].unique;
        config.shuffle_seed = (MaybeWhole){cases[i].shuffles, 1};
        ck_assert(!dataset_load(&dataset, &config, WORLD_ALONE, cases[i].has_vocab ? &vocab : NULL, &arena, &err));
        ck_assert_str_eq(err.text, textf("%s: %s", config.path, cases[i].reason));
    }
}
END_TEST

START_TEST(a_given_vocabulary_is_kept) {
    DataConfig wide = config_of("abz\nzb\n", 1, 0, 0);
    Vocab vocab = load(&wide).vocab;
    DataConfig config = config_of("zz\nza\n", 1, 0, 0);
    Dataset dataset;
    static const uint16_t ids[] = {3, 3, 0, 3, 1, 0};
    ck_assert(dataset_load(&dataset, &config, WORLD_ALONE, &vocab, &arena, &err));
    ck_assert_uint_eq(dataset.vocab.n, 4);
    ck_assert_uint_eq(dataset.n_stream, 6);
    ck_assert_mem_eq(dataset.stream, ids, sizeof ids);
}
END_TEST

SUITE(dataset, NEEDS_NOTHING) {
    ADD(the_stream_has_a_boundary_after_each_name);
    ADD(names_are_shuffled_and_split);
    ADD(what_cannot_be_trained_or_measured_is_refused);
    ADD(a_given_vocabulary_is_kept);
}
