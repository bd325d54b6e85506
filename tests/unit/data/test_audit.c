// What an audit computes: small lists counted by hand, shuffles that must not alarm, the lectures' file.
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

static void expect_bytes(Bytes bytes, const char *expected) {
    ck_assert_uint_eq(bytes.n, strlen(expected));
    ck_assert_mem_eq(bytes.at, expected, bytes.n);
}

START_TEST(lines_and_repeated_names_are_counted) {
    AuditNames names = audit_text("ada\n\nbob\nada\nbob\n  \nbob\ncid\n", 1, 0).names;
    ck_assert_uint_eq(names.lines, 8);
    ck_assert_uint_eq(names.blank, 2);
    ck_assert_uint_eq(names.names, 6);
    ck_assert_uint_eq(names.distinct, 3);
    ck_assert_uint_eq(names.repeated, 2);
    ck_assert_uint_eq(names.n_examples, 2);
    expect_bytes(names.examples[0].name, "bob");
    ck_assert_uint_eq(names.examples[0].count, 3);
    expect_bytes(names.examples[1].name, "ada");
    ck_assert_uint_eq(names.examples[1].count, 2);
    ck_assert_uint_eq(audit_text("ada\r\nbob", 1, 0).names.lines, 2);
    ck_assert_uint_eq(audit_text("\xEF\xBB\xBF"
                                 "ada\n\n",
                                 1, 0)
                          .names.blank,
                      1);
}
END_TEST

START_TEST(only_the_most_repeated_are_examples) {
    AuditNames names = audit_text("a\na\nb\nb\nc\nc\nd\nd\ne\ne\nf\nf\ng\ng\ng\nh\n", 1, 0).names;
    static const char *const expected[AUDIT_EXAMPLES] = {"g", "a", "b", "c", "d"};
    ck_assert_uint_eq(names.repeated, 7);
    ck_assert_uint_eq(names.n_examples, AUDIT_EXAMPLES);
    for (size_t i = 0; i < AUDIT_EXAMPLES; i++) expect_bytes(names.examples[i].name, expected[i]);
}
END_TEST

START_TEST(names_in_two_parts_are_counted) {
    AuditSplit split = audit_text("ab\nab\nc\nd\nab\nab\ne\nc\ne\nab\n", 0.4, 0.3).split; // 4, 3 and 3 names
    static const size_t names[N_PARTS] = {4, 3, 3}, examples[N_PARTS] = {10, 8, 7}, in_train[N_PARTS] = {0, 2, 2};
    for (size_t p = 0; p < N_PARTS; p++) {
        ck_assert_uint_eq(split.parts[p].names, names[p]);
        ck_assert_uint_eq(split.parts[p].examples, examples[p]);
        ck_assert_uint_eq(split.parts[p].in_train, in_train[p]);
    }
    ck_assert_uint_eq(split.shared[TRAIN_DEV], 1);
    ck_assert_uint_eq(split.shared[TRAIN_TEST], 2);
    ck_assert_uint_eq(split.shared[DEV_TEST], 2);
    ck_assert_ptr_null(split.refusal);
}
END_TEST

START_TEST(unique_names_are_shared_by_no_two_parts) {
    write_text(scratch("names.txt"), "ab\nab\nc\nd\nab\nab\ne\nc\ne\nab\n");
    Audit audit =
        audit_config((DataConfig){.path = scratch("names.txt"), .split = {{0.5, 0.25, 0.25}}, .unique = true});
    ck_assert_uint_eq(audit.names.names, 10);
    ck_assert_uint_eq(audit.split.parts[PART_TRAIN].names, 2);
    ck_assert_uint_eq(audit.split.parts[PART_TEST].names, 1);
    for (size_t i = 0; i < N_PAIRS; i++) ck_assert_uint_eq(audit.split.shared[i], 0);
}
END_TEST

START_TEST(what_training_refuses_is_told) {
    ck_assert_str_eq(audit_text("ada\n", 1, 0).split.refusal, "a single name; training needs at least two");
    Audit audit = audit_text("ada\nbob\n", 0.5, 0.1);
    ck_assert_str_eq(audit.split.refusal,
                     "the split leaves dev empty (0.1 of 2 names); add names or change data.split");
    ck_assert_uint_eq(audit.split.parts[PART_TRAIN].names, 1);
    ck_assert_uint_eq(audit.split.parts[PART_TEST].names, 1);
}
END_TEST

START_TEST(lengths_and_symbols_count_code_points) {
    Audit audit = audit_text("zo\xC3\xAB\na\nzz\na\n", 1, 0);
    ck_assert_uint_eq(audit.lengths.shortest, 1);
    ck_assert_uint_eq(audit.lengths.longest, 3);
    ck_assert(fabs(audit.lengths.mean - 1.75) < 1e-12);
    ck_assert_uint_eq(audit.lengths.counts[1], 2);
    ck_assert_uint_eq(audit.lengths.counts[3], 1);
    static const AuditSymbol expected[] = {{'z', 3}, {'a', 2}, {'o', 1}, {0xEB, 1}};
    ck_assert_uint_eq(audit.symbols.n, 4);
    ck_assert_uint_eq(audit.symbols.total, 7);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(audit.symbols.items[i].code_point, expected[i].code_point);
        ck_assert_uint_eq(audit.symbols.items[i].count, expected[i].count);
    }
}
END_TEST

// The names numbered by `index`, which has n of them: "000", "001", ...
static const char *numbered(const uint32_t *index, size_t n) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < n; i++) buffer_print(&out, "%05u\n", (unsigned)index[i]);
    return buffer_text(&out, &err);
}

START_TEST(the_order_of_the_file_is_seen) {
    enum { N = 100 };
    uint32_t up[N], down[N], one_off[N], down_but_one[N], pieces[N], shuffled[N], same[N];
    Rng rng;
    rng_seed_python(&rng, 1);
    for (uint32_t i = 0; i < N; i++) {
        up[i] = one_off[i] = shuffled[i] = i;
        down[i] = down_but_one[i] = N - i;
        pieces[i] = i * 4 % N;
        same[i] = i % 7;
    }
    one_off[3] = N;
    down_but_one[90] = 2 * N;
    rng_shuffle_python(&rng, N, shuffled);
    const struct {
        const uint32_t *index;
        OrderKind kind;
        size_t runs, longest, line, displaced;
    } cases[] = {{up, ORDER_SORTED, 1, 100, 1, 0},
                 {down, ORDER_REVERSED, 100, 1, 1, 0},
                 {one_off, ORDER_NEARLY_SORTED, 2, 96, 5, 1},
                 {down_but_one, ORDER_NEARLY_REVERSED, 99, 2, 90, 1},
                 {pieces, ORDER_RUNS, 4, 25, 1, 0},
                 {same, ORDER_FEW, 15, 7, 1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AuditOrder order = audit_text(numbered(cases[i].index, N), 1, 0).order;
        ck_assert_str_eq(ORDER_KINDS[order.kind], ORDER_KINDS[cases[i].kind]);
        ck_assert_uint_eq(order.runs, cases[i].runs);
        ck_assert_uint_eq(order.longest, cases[i].longest);
        ck_assert_uint_eq(order.longest_line, cases[i].line);
        ck_assert_uint_eq(order.displaced, cases[i].displaced);
    }
    ck_assert_int_eq(audit_text(numbered(shuffled, N), 1, 0).order.kind, ORDER_NONE);
    ck_assert_int_eq(audit_text(numbered(up, 7), 1, 0).order.kind, ORDER_FEW);
    ck_assert_int_eq(audit_text(numbered(up, 8), 1, 0).order.kind, ORDER_SORTED);
}
END_TEST

// `train` names of which the first `a_in_train` begin with a, then `rest`; the others begin with b.
static Audit audit_letters(size_t train, size_t a_in_train, size_t rest, size_t a_in_rest) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < train; i++) buffer_print(&out, "%cx\n", i < a_in_train ? 'a' : 'b');
    for (size_t i = 0; i < rest; i++) buffer_print(&out, "%cx\n", i < a_in_rest ? 'a' : 'b');
    return audit_text(buffer_text(&out, &err), (double)train / (double)(train + rest), 0);
}

START_TEST(chi_square_is_that_of_the_two_by_two_table) {
    Audit audit = audit_letters(80, 40, 20, 5);
    AuditSkew first = audit.skews[TRAIT_FIRST];
    // n (ad - bc)^2 / (row and column sums) = 100 (40 15 - 40 5)^2 / (80 20 45 55)
    ck_assert(fabs(first.chi2 - 100.0 * 400 * 400 / (80.0 * 20 * 45 * 55)) < 1e-9);
    ck_assert_uint_eq(first.df, 1);
    ck_assert(fabs(first.z - (first.chi2 - 1) / sqrt(2)) < 1e-9);
    ck_assert(fabs(first.limit - (sqrt(24) + 12 * sqrt(2))) < 1e-9);
    ck_assert(!first.is_skewed);
    ck_assert_uint_eq(first.value, 'a');
    ck_assert(fabs(first.train - 0.5) < 1e-12 && fabs(first.rest - 0.25) < 1e-12);
    ck_assert_uint_eq(audit.skews[TRAIT_LAST].df, 0);
    ck_assert_uint_eq(audit.skews[TRAIT_LENGTH].df, 0);
    ck_assert(!audit_is_skewed(&audit));
}
END_TEST

// 80 names in train and 20 in dev and test, whose first letters repeat these.
static AuditSkew audit_pattern(const char *train, const char *rest) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < 80; i++) buffer_print(&out, "%cx\n", train[i % strlen(train)]);
    for (size_t i = 0; i < 20; i++) buffer_print(&out, "%cx\n", rest[i % strlen(rest)]);
    return audit_text(buffer_text(&out, &err), 0.8, 0).skews[TRAIT_FIRST];
}

START_TEST(values_expected_too_rarely_are_merged) {
    ck_assert_uint_eq(audit_letters(80, 20, 20, 4).skews[TRAIT_FIRST].df, 0); // 24 / 5 < 5
    ck_assert_uint_eq(audit_letters(80, 20, 20, 5).skews[TRAIT_FIRST].df, 1);
    // c and d are too rare, and join a; with d in the second row too they are a cell of their own.
    AuditSkew joined = audit_pattern("aaabbbcd", "aabbc"), apart = audit_pattern("aaabbbcd", "aabcd");
    ck_assert_uint_eq(joined.df, 1);
    ck_assert(fabs(joined.chi2 - 100.0 * 40 * 40 / (80.0 * 20 * 62 * 38)) < 1e-9); // 50 and 30, 12 and 8
    ck_assert_uint_eq(apart.df, 2);
}
END_TEST

START_TEST(a_split_that_differs_is_skewed_unless_it_is_shuffled) {
    Audit audit = audit_letters(800, 600, 200, 50);
    ck_assert(audit.skews[TRAIT_FIRST].is_skewed && audit_is_skewed(&audit));
    audit.config.shuffle_seed = (MaybeWhole){true, 0};
    ck_assert(!audit_is_skewed(&audit));
    audit = audit_letters(1000, 700, 0, 0);
    ck_assert_uint_eq(audit.skews[TRAIT_FIRST].df, 0);
    ck_assert(!audit_is_skewed(&audit));
}
END_TEST

START_TEST(a_sorted_file_too_small_to_compare_is_skewed) {
    Audit audit = audit_text("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", 0.8, 0.1);
    ck_assert(audit_is_skewed(&audit));
    audit = audit_text("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", 1, 0);
    ck_assert(!audit_is_skewed(&audit));
    audit = audit_text("a\nb\nc\nd\ne\n", 0.6, 0.2);
    ck_assert(!audit_is_skewed(&audit));
}
END_TEST

START_TEST(shuffled_names_do_not_alarm) {
    static const size_t sizes[] = {60, 100, 300, 3000, 32245};
    NameList list, part;
    ck_assert(names_read(&list, OUR_NAMES, &arena, &err));
    uint32_t *order = arena_alloc(&arena, list.n, sizeof *order, &err);
    NamePlace *places = arena_alloc(&arena, list.n, sizeof *places, &err);
    part = list;
    part.places = places;
    for (uint64_t seed = 0; seed < 20; seed++) {
        Rng rng;
        rng_seed_python(&rng, seed);
        for (size_t i = 0; i < list.n; i++) order[i] = (uint32_t)i;
        rng_shuffle_python(&rng, list.n, order);
        for (size_t i = 0; i < list.n; i++) places[i] = list.places[order[i]];
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            AuditSkew skews[N_TRAITS];
            part.n = sizes[s];
            ck_assert(audit_skews(skews, &part, part.n / 5 * 4, &err));
            for (size_t t = 0; t < N_TRAITS; t++)
                ck_assert_msg(!skews[t].is_skewed, "seed %zu, %zu names", (size_t)seed, part.n);
        }
    }
}
END_TEST

static void expect_odd(const Audit *audit, OddKind kind, size_t names, const char *first, size_t line,
                       uint32_t symbol) {
    const AuditOdd *odd = &audit->odd[kind];
    ck_assert_msg(odd->names == names, "%s: %zu names", ODD_KINDS[kind], odd->names);
    if (names == 0) return;
    expect_bytes(odd->first, first);
    ck_assert_uint_eq(odd->line, line);
    ck_assert_uint_eq(odd->symbols[0], symbol);
}

START_TEST(odd_characters_are_found_with_their_first_line) {
    Audit audit = audit_text("ada\n\nsan jose\nan\xE2\x80\x8Bna\nst. ives\nr2\no-neill\njo\xCC\x81se\nzo\xC3\xAB\n"
                             "Ada\nan\xC2\xA0na\nla la\n",
                             1, 0);
    expect_odd(&audit, ODD_SPACE, 3, "san jose", 3, ' ');
    expect_odd(&audit, ODD_INVISIBLE, 2, "an\xE2\x80\x8Bna", 4, 0xA0);
    expect_odd(&audit, ODD_STOP, 1, "st. ives", 5, '.');
    expect_odd(&audit, ODD_DIGIT, 1, "r2", 6, '2');
    expect_odd(&audit, ODD_PUNCTUATION, 1, "o-neill", 7, '-');
    expect_odd(&audit, ODD_COMBINING, 1, "jo\xCC\x81se", 8, 0x301);
    expect_odd(&audit, ODD_BEYOND, 1, "zo\xC3\xAB", 9, 0xEB);
    expect_odd(&audit, ODD_CASE, 1, "Ada", 10, 'A');
    expect_odd(&audit, ODD_RARE, 0, "", 0, 0);
    ck_assert_uint_eq(audit.odd[ODD_INVISIBLE].n_symbols, 2);
}
END_TEST

START_TEST(what_a_whole_file_has_is_not_odd) {
    Audit greek = audit_text("\xCE\xB1\xCE\xBD\xCE\xBD\xCE\xB1\n\xCE\xB5\xCE\xBB\xCE\xAD\xCE\xBD\xCE\xB7\nada\n", 1, 0);
    Audit capitals = audit_text("ADA\nBOB\n\xCE\x91\n", 1, 0);
    for (OddKind k = 0; k < N_ODD_KINDS; k++) {
        expect_odd(&greek, k, 0, "", 0, 0);
        if (k != ODD_BEYOND) expect_odd(&capitals, k, 0, "", 0, 0);
    }
    expect_odd(&capitals, ODD_BEYOND, 1, "\xCE\x91", 3, 0x391);
}
END_TEST

// A letter in a line of its own, behind `before`.
static size_t count_capitals(const char *before, uint32_t letter) {
    Buffer out = {.arena = &arena};
    char bytes[UTF8_MAX_BYTES];
    buffer_print(&out, "%s\n%.*s\n", before, (int)utf8_encode(letter, bytes), bytes);
    return audit_text(buffer_text(&out, &err), 1, 0).odd[ODD_CASE].names;
}

// Latin, Greek, Cyrillic and Armenian at the ends of their ranges, and what lies between and beside them.
START_TEST(letters_are_upper_or_lower_case_or_neither) {
    static const uint32_t upper[] = {'A',   'Z',   0xC0,  0xDE,  0x100, 0x136, 0x139, 0x147, 0x14A, 0x178,
                                     0x179, 0x17D, 0x386, 0x391, 0x3AB, 0x400, 0x42F, 0x531, 0x556};
    static const uint32_t lower[] = {'a',   'z',   0xDF,  0xFF,  0x101, 0x137, 0x138, 0x13A, 0x148, 0x149, 0x14B,
                                     0x17A, 0x17E, 0x17F, 0x390, 0x3AC, 0x3CE, 0x430, 0x45F, 0x561, 0x587};
    static const uint32_t neither[] = {'@',   '[',   '`',   '{',   0xBF,  0xD7,  0xF7,  0x180,
                                       0x385, 0x387, 0x3CF, 0x460, 0x530, 0x557, 0x560, 0x588};
    for (size_t i = 0; i < sizeof upper / sizeof *upper; i++) {
        ck_assert_msg(count_capitals("a", upper[i]) == 1, "U+%04X", (unsigned)upper[i]);
        ck_assert_msg(count_capitals("A", upper[i]) == 0, "U+%04X", (unsigned)upper[i]);
    }
    for (size_t i = 0; i < sizeof lower / sizeof *lower; i++) {
        ck_assert_msg(count_capitals("a", lower[i]) == 0, "U+%04X", (unsigned)lower[i]);
        ck_assert_msg(count_capitals("A", lower[i]) == 1, "U+%04X", (unsigned)lower[i]);
    }
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        ck_assert_msg(count_capitals("a", neither[i]) == 0, "U+%04X", (unsigned)neither[i]);
        ck_assert_msg(count_capitals("A", neither[i]) == 0, "U+%04X", (unsigned)neither[i]);
    }
}
END_TEST

// Lengths beyond the last value of the table share it.
START_TEST(names_longer_than_unicode_are_counted) {
    enum { LONG = 1200000 };
    Buffer out = {.arena = &arena};
    char *word = arena_alloc(&arena, LONG + 1, 1, &err);
    memset(word, 'a', LONG);
    for (size_t i = 0; i < 12; i++) buffer_print(&out, "%s\n", i % 2 ? word : "a");
    Audit audit = audit_text(buffer_text(&out, &err), 0.5, 0);
    ck_assert_uint_eq(audit.lengths.longest, LONG);
    ck_assert_uint_eq(audit.skews[TRAIT_LENGTH].df, 0);
}
END_TEST

START_TEST(symbols_that_hardly_occur_are_rare) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < 200; i++) buffer_print(&out, "abab\n");
    buffer_print(&out, "abq\n");
    Audit audit = audit_text(buffer_text(&out, &err), 1, 0);
    expect_odd(&audit, ODD_RARE, 1, "abq", 201, 'q');
}
END_TEST

SUITE(audit, NEEDS_NOTHING) {
    ADD(lines_and_repeated_names_are_counted);
    ADD(only_the_most_repeated_are_examples);
    ADD(names_in_two_parts_are_counted);
    ADD(unique_names_are_shared_by_no_two_parts);
    ADD(what_training_refuses_is_told);
    ADD(lengths_and_symbols_count_code_points);
    ADD(the_order_of_the_file_is_seen);
    ADD(chi_square_is_that_of_the_two_by_two_table);
    ADD(values_expected_too_rarely_are_merged);
    ADD(a_split_that_differs_is_skewed_unless_it_is_shuffled);
    ADD(a_sorted_file_too_small_to_compare_is_skewed);
    ADD(shuffled_names_do_not_alarm);
    ADD(odd_characters_are_found_with_their_first_line);
    ADD(what_a_whole_file_has_is_not_odd);
    ADD(letters_are_upper_or_lower_case_or_neither);
    ADD(names_longer_than_unicode_are_counted);
    ADD(symbols_that_hardly_occur_are_rare);
}
