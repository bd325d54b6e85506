// Audits of small lists counted by hand, and of shuffled lists, which must not alarm.
#include "testing.h"

#include "base/buffer.h"
#include "base/rng.h"
#include "base/text.h"
#include "data/audit.h"

#include <math.h>
#include <string.h>

static Arena arena;
static Error err;

static Audit audit_config(DataConfig config) {
    Audit audit;
    ck_assert_msg(audit_load(&audit, &config, &arena, &err), "%s", err.text);
    return audit;
}

static Audit audit_text(const char *text, double train, double dev) {
    write_text(scratch("names.txt"), text);
    return audit_config((DataConfig){.path = scratch("names.txt"), .split = {{train, dev, 1 - train - dev}}});
}

static Audit audit_buffer(Buffer *text, double train) { return audit_text(buffer_text(text, &err), train, 0); }

static void expect_bytes(Bytes bytes, const char *expected) {
    ck_assert_uint_eq(bytes.n, strlen(expected));
    ck_assert_mem_eq(bytes.at, expected, bytes.n);
}

START_TEST(lines_and_repeated_names_are_counted) {
    static const char *const most[AUDIT_EXAMPLES] = {"g", "a", "b", "c", "d"};
    Audit audit = audit_text("ada\n\nbob\nada\nbob\n  \nbob\ncid\n", 1, 0);
    ck_assert(audit.lines == 8 && audit.blank == 2 && audit.names == 6 && audit.distinct == 3);
    ck_assert(audit.repeated == 2 && audit.n_most_repeated == 2);
    expect_bytes(audit.most_repeated[0].name, "bob");
    expect_bytes(audit.most_repeated[1].name, "ada");
    ck_assert(audit.most_repeated[0].count == 3 && audit.most_repeated[1].count == 2);
    ck_assert_uint_eq(audit_text("ada\r\nbob", 1, 0).lines, 2);
    audit = audit_text("a\na\nb\nb\nc\nc\nd\nd\ne\ne\nf\nf\ng\ng\ng\nh\n", 1, 0);
    ck_assert(audit.repeated == 7 && audit.n_most_repeated == AUDIT_EXAMPLES);
    for (size_t i = 0; i < AUDIT_EXAMPLES; i++) expect_bytes(audit.most_repeated[i].name, most[i]);
}
END_TEST

START_TEST(names_also_in_train_are_counted) {
    static const size_t names[N_PARTS] = {4, 3, 3}, examples[N_PARTS] = {10, 8, 7}, in_train[N_PARTS] = {0, 2, 2};
    Audit audit = audit_text("ab\nab\nc\nd\nab\nab\ne\nc\ne\nab\n", 0.4, 0.3);
    for (size_t p = 0; p < N_PARTS; p++) {
        ck_assert_uint_eq(audit.parts[p].names, names[p]);
        ck_assert_uint_eq(audit.parts[p].examples, examples[p]);
        ck_assert_uint_eq(audit.parts[p].in_train, in_train[p]);
    }
    ck_assert_str_eq(audit.refusal.text, "");
    audit = audit_config((DataConfig){.path = scratch("names.txt"), .split = {{0.5, 0.25, 0.25}}, .unique = true});
    ck_assert(audit.names == 10 && audit.parts[PART_TRAIN].names == 2);
    ck_assert(audit.parts[PART_DEV].in_train == 0 && audit.parts[PART_TEST].in_train == 0);
}
END_TEST

START_TEST(a_split_that_training_refuses_is_audited) {
    ck_assert_str_eq(audit_text("ada\n", 1, 0).refusal.text, "a single name; training needs at least two");
    Audit audit = audit_text("ada\nbob\n", 0.5, 0.1);
    ck_assert_str_eq(audit.refusal.text, "the split leaves dev empty (0.1 of 2 names); add names or change data.split");
    ck_assert(audit.parts[PART_TRAIN].names == 1 && audit.parts[PART_TEST].names == 1);
}
END_TEST

START_TEST(lengths_and_symbols_count_code_points) {
    static const AuditSymbol expected[] = {{'z', 3}, {'a', 2}, {'o', 1}, {0xEB, 1}};
    Audit audit = audit_text("zo\xC3\xAB\na\nzz\na\n", 1, 0);
    ck_assert(audit.longest == 3 && audit.lengths[1] == 2 && audit.lengths[2] == 1 && audit.lengths[3] == 1);
    ck_assert(audit.n_symbols == COUNT(expected) && audit.n_chars == 7);
    for (size_t i = 0; i < COUNT(expected); i++) {
        ck_assert_uint_eq(audit.symbols[i].code_point, expected[i].code_point);
        ck_assert_uint_eq(audit.symbols[i].count, expected[i].count);
    }
}
END_TEST

START_TEST(the_order_of_the_file_is_found) {
    static const struct {
        const char *names, *kind;
        size_t runs, longest, line;
        bool is_sorted;
    } cases[] = {{"abcdefg", "unknown", 1, 7, 1, false},
                 {"abcdefgh", "sorted", 1, 8, 1, true},
                 {"aabbccddefgh", "sorted", 1, 12, 1, true},
                 {"hgfedcba", "reversed", 8, 1, 1, true},
                 {"hgffedcba", "reversed", 8, 2, 3, true},
                 {"abzcdefghijklmnop", "sorted in pieces", 2, 14, 4, true},
                 {"abcdefghijklabcdefghijkl", "sorted in pieces", 2, 12, 1, false},
                 {"abcdefghabcdefgh", "sorted in pieces", 2, 8, 1, false},
                 {"efghabcd", "not sorted", 2, 4, 1, false},
                 {"abcdefghijab", "sorted in pieces", 2, 10, 1, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        Buffer text = {.arena = &arena};
        for (const char *name = cases[i].names; *name; name++) buffer_print(&text, "%c\n", *name);
        AuditOrder order = audit_buffer(&text, 1).order;
        ck_assert_msg(strcmp(order.kind, cases[i].kind) == 0, "%s: %s", cases[i].names, order.kind);
        ck_assert_uint_eq(order.runs, cases[i].runs);
        ck_assert_uint_eq(order.longest, cases[i].longest);
        ck_assert_uint_eq(order.longest_line, cases[i].line);
        ck_assert_int_eq(order.is_sorted, cases[i].is_sorted);
    }
}
END_TEST

// Audits `n_train` names in train and `n_rest` in test, whose first letters repeat the two patterns.
static Audit audit_pattern(size_t n_train, const char *train, size_t n_rest, const char *rest) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < n_train; i++) buffer_print(&out, "%cx\n", train[i % strlen(train)]);
    for (size_t i = 0; i < n_rest; i++) buffer_print(&out, "%cx\n", rest[i % strlen(rest)]);
    return audit_buffer(&out, (double)n_train / (double)(n_train + n_rest));
}

START_TEST(chi_square_is_that_of_the_table) {
    Audit audit = audit_pattern(80, "ab", 20, "abbb");
    AuditSkew first = audit.skews[TRAIT_FIRST];
    // n (ad - bc)^2 / (row and column sums) = 100 (40 15 - 40 5)^2 / (80 20 45 55)
    ck_assert(fabs(first.chi2 - 100.0 * 400 * 400 / (80.0 * 20 * 45 * 55)) < 1e-9);
    ck_assert(first.df == 1 && first.value == 'a' && !first.is_skewed);
    ck_assert(fabs(first.z - (first.chi2 - 1) / sqrt(2)) < 1e-9);
    ck_assert(fabs(first.limit - (sqrt(24) + 12 * sqrt(2))) < 1e-9);
    ck_assert(fabs(first.train - 0.5) < 1e-12 && fabs(first.rest - 0.25) < 1e-12);
    ck_assert(audit.skews[TRAIT_LAST].df == 0 && audit.skews[TRAIT_LENGTH].df == 0 && !audit_is_skewed(&audit));
    // Values expected fewer than five times are merged: c and d are left out, or are a value with one more d.
    ck_assert_uint_eq(audit_pattern(80, "abbb", 20, "abbbb").skews[TRAIT_FIRST].df, 0); // a: 24 / 5 < 5
    ck_assert_uint_eq(audit_pattern(80, "abbb", 20, "abbb").skews[TRAIT_FIRST].df, 1);  // a: 25 / 5
    AuditSkew left = audit_pattern(80, "aaabbbcd", 20, "aabbc").skews[TRAIT_FIRST];
    ck_assert_uint_eq(left.df, 1);
    ck_assert(fabs(left.chi2 - 2 * (0.4 * 0.4 / 30.4 + 0.4 * 0.4 / 7.6)) < 1e-9); // a and b: 30 and 8 of 38
    ck_assert_uint_eq(audit_pattern(80, "aaabbbcd", 20, "aabcd").skews[TRAIT_FIRST].df, 2);
}
END_TEST

START_TEST(a_split_that_differs_is_skewed) {
    Audit audit = audit_pattern(800, "aaab", 200, "abbb");
    ck_assert(audit.skews[TRAIT_FIRST].is_skewed && audit_is_skewed(&audit));
    audit.config.shuffle_seed = (MaybeWhole){true, 0};
    ck_assert(!audit_is_skewed(&audit));
    audit = audit_pattern(1000, "aaab", 0, "");
    ck_assert(audit.skews[TRAIT_FIRST].df == 0 && !audit_is_skewed(&audit));
    // A sorted file is skewed even if it is too small to compare.
    audit = audit_pattern(10, "abcdefghij", 2, "kl");
    ck_assert(audit.skews[TRAIT_FIRST].df == 0 && audit_is_skewed(&audit));
    audit = audit_pattern(12, "abcdefghijkl", 0, "");
    ck_assert(!audit_is_skewed(&audit));
}
END_TEST

START_TEST(shuffled_names_do_not_alarm) {
    static const size_t sizes[] = {60, 300, 3000, 32245};
    NameList list, part;
    ck_assert(names_read(&list, OUR_NAMES, &arena, &err));
    uint32_t *order = arena_alloc(&arena, list.n, sizeof *order, &err);
    NamePlace *places = arena_alloc(&arena, list.n, sizeof *places, &err);
    part = list;
    part.places = places;
    for (uint64_t seed = 0; seed < 5; seed++) {
        Rng rng;
        rng_seed_python(&rng, seed);
        for (size_t i = 0; i < list.n; i++) order[i] = (uint32_t)i;
        rng_shuffle_python(&rng, list.n, order);
        for (size_t i = 0; i < list.n; i++) places[i] = list.places[order[i]];
        for (size_t s = 0; s < COUNT(sizes); s++) {
            AuditSkew skews[N_TRAITS];
            part.n = sizes[s];
            ck_assert(audit_skews(skews, &part, part.n / 5 * 4, &err));
            for (size_t t = 0; t < N_TRAITS; t++)
                ck_assert_msg(!skews[t].is_skewed, "seed %zu, %zu names", (size_t)seed, part.n);
        }
    }
}
END_TEST

typedef struct Expected {
    OddKind kind;
    size_t names;
    const char *first;
    size_t line;
    uint32_t symbol;
} Expected;

// Fails unless these kinds and no others are found.
static void expect_odd(const Audit *audit, size_t n, const Expected *expected) {
    size_t found = 0;
    for (OddKind k = 0; k < N_ODD_KINDS; k++) found += audit->odd[k].names > 0;
    ck_assert_uint_eq(found, n);
    for (size_t i = 0; i < n; i++) {
        const AuditOdd *odd = &audit->odd[expected[i].kind];
        ck_assert_msg(odd->names == expected[i].names, "%s: %zu names", ODD_TYPES[expected[i].kind].key, odd->names);
        expect_bytes(odd->first, expected[i].first);
        ck_assert_uint_eq(odd->line, expected[i].line);
        ck_assert_uint_eq(odd->symbols[0], expected[i].symbol);
    }
}

START_TEST(odd_characters_are_found_with_their_first_line) {
    static const Expected mixed[] = {
        {ODD_SPACE, 3, "san jose", 3, ' '},      {ODD_INVISIBLE, 2, "an\xE2\x80\x8Bna", 4, 0xA0},
        {ODD_STOP, 1, "st. ives", 5, '.'},       {ODD_DIGIT, 1, "r2", 6, '2'},
        {ODD_PUNCTUATION, 1, "o-neill", 7, '-'}, {ODD_COMBINING, 1, "jo\xCC\x81se", 8, 0x301},
        {ODD_BEYOND, 1, "zo\xC3\xAB", 9, 0xEB},  {ODD_CASE, 1, "Ada", 10, 'A'}};
    static const Expected capitals[] = {{ODD_BEYOND, 1, "\xCE\x91", 3, 0x391}};
    static const Expected rare[] = {{ODD_RARE, 1, "abq", 201, 'q'}};
    Audit audit = audit_text("ada\n\nsan jose\nan\xE2\x80\x8Bna\nst. ives\nr2\no-neill\njo\xCC\x81se\nzo\xC3\xAB\n"
                             "Ada\nan\xC2\xA0na\nla la\n",
                             1, 0);
    expect_odd(&audit, COUNT(mixed), mixed);
    ck_assert_uint_eq(audit.odd[ODD_INVISIBLE].n_symbols, 2);
    // What most names have is not odd.
    audit = audit_text("\xCE\xB1\xCE\xBD\xCE\xBD\xCE\xB1\n\xCE\xB5\xCE\xBB\xCE\xAD\xCE\xBD\xCE\xB7\nada\n", 1, 0);
    expect_odd(&audit, 0, NULL);
    audit = audit_text("ADA\nBOB\n\xCE\x91\n", 1, 0);
    expect_odd(&audit, COUNT(capitals), capitals);
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < 200; i++) buffer_print(&out, "abab\n");
    buffer_print(&out, "abq\n");
    audit = audit_buffer(&out, 1);
    expect_odd(&audit, COUNT(rare), rare);
}
END_TEST

START_TEST(upper_case_is_odd_beside_lower_case) {
    static const struct {
        const char *names;
        size_t n;
    } cases[] = {{"ada\nA\nZ\n\xC3\x80\n\xC3\x9E\n", 4}, // Latin-1 too: first and last letters
                 {"ADA\nA\nZ\n\xC3\x80\n\xC3\x9E\n", 0},
                 {"ada\n@\n[\n\xC2\xBF\n\xC3\x97\n\xC3\x9F\n", 0},           // their neighbours
                 {"\xCE\xB1\n\xCE\x91\n\xCE\xA9\n\xCE\x90\n\xCE\xAA\n", 2},  // Greek
                 {"\xD1\x8F\n\xD0\x90\n\xD0\xAF\n\xD0\x8F\n\xD0\xB0\n", 2}}; // Cyrillic
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_uint_eq(audit_text(cases[i].names, 1, 0).odd[ODD_CASE].names, cases[i].n);
}
END_TEST

SUITE(audit, NEEDS_NOTHING) {
    ADD(lines_and_repeated_names_are_counted);
    ADD(names_also_in_train_are_counted);
    ADD(a_split_that_training_refuses_is_audited);
    ADD(lengths_and_symbols_count_code_points);
    ADD(the_order_of_the_file_is_found);
    ADD(chi_square_is_that_of_the_table);
    ADD(a_split_that_differs_is_skewed);
    ADD(shuffled_names_do_not_alarm);
    ADD(odd_characters_are_found_with_their_first_line);
    ADD(upper_case_is_odd_beside_lower_case);
}
