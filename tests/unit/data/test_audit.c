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
    AuditNames names = audit_text("ada\n\nbob\nada\nbob\n  \nbob\ncid\n", 1, 0).names;
    ck_assert(names.lines == 8 && names.blank == 2 && names.names == 6 && names.distinct == 3);
    ck_assert(names.repeated == 2 && names.n_examples == 2);
    expect_bytes(names.examples[0].name, "bob");
    expect_bytes(names.examples[1].name, "ada");
    ck_assert(names.examples[0].count == 3 && names.examples[1].count == 2);
    ck_assert_uint_eq(audit_text("ada\r\nbob", 1, 0).names.lines, 2);
    names = audit_text("a\na\nb\nb\nc\nc\nd\nd\ne\ne\nf\nf\ng\ng\ng\nh\n", 1, 0).names;
    ck_assert(names.repeated == 7 && names.n_examples == AUDIT_EXAMPLES);
    for (size_t i = 0; i < AUDIT_EXAMPLES; i++) expect_bytes(names.examples[i].name, most[i]);
}
END_TEST

START_TEST(names_in_two_parts_are_counted) {
    static const size_t names[N_PARTS] = {4, 3, 3}, examples[N_PARTS] = {10, 8, 7}, in_train[N_PARTS] = {0, 2, 2};
    Audit audit = audit_text("ab\nab\nc\nd\nab\nab\ne\nc\ne\nab\n", 0.4, 0.3);
    for (size_t p = 0; p < N_PARTS; p++) {
        ck_assert_uint_eq(audit.split.parts[p].names, names[p]);
        ck_assert_uint_eq(audit.split.parts[p].examples, examples[p]);
        ck_assert_uint_eq(audit.split.parts[p].in_train, in_train[p]);
    }
    const size_t *shared = audit.split.shared;
    ck_assert(shared[TRAIN_DEV] == 1 && shared[TRAIN_TEST] == 2 && shared[DEV_TEST] == 2);
    ck_assert_ptr_null(audit.split.refusal);
    audit = audit_config((DataConfig){.path = scratch("names.txt"), .split = {{0.5, 0.25, 0.25}}, .unique = true});
    ck_assert(audit.names.names == 10 && audit.split.parts[PART_TRAIN].names == 2);
    ck_assert(shared[TRAIN_DEV] == 0 && shared[TRAIN_TEST] == 0 && shared[DEV_TEST] == 0);
    ck_assert_str_eq(audit_text("ada\n", 1, 0).split.refusal, "a single name; training needs at least two");
    audit = audit_text("ada\nbob\n", 0.5, 0.1);
    ck_assert_str_eq(audit.split.refusal,
                     "the split leaves dev empty (0.1 of 2 names); add names or change data.split");
    ck_assert(audit.split.parts[PART_TRAIN].names == 1 && audit.split.parts[PART_TEST].names == 1);
}
END_TEST

START_TEST(lengths_and_symbols_count_code_points) {
    static const AuditSymbol expected[] = {{'z', 3}, {'a', 2}, {'o', 1}, {0xEB, 1}};
    Audit audit = audit_text("zo\xC3\xAB\na\nzz\na\n", 1, 0);
    ck_assert(audit.lengths.shortest == 1 && audit.lengths.longest == 3);
    ck_assert(fabs(audit.lengths.mean - 1.75) < 1e-12);
    ck_assert(audit.lengths.counts[1] == 2 && audit.lengths.counts[3] == 1);
    ck_assert(audit.symbols.n == COUNT(expected) && audit.symbols.total == 7);
    for (size_t i = 0; i < COUNT(expected); i++) {
        ck_assert_uint_eq(audit.symbols.items[i].code_point, expected[i].code_point);
        ck_assert_uint_eq(audit.symbols.items[i].count, expected[i].count);
    }
}
END_TEST

static AuditOrder order_of(const uint32_t *index, size_t n) {
    Buffer out = {.arena = &arena};
    for (size_t i = 0; i < n; i++) buffer_print(&out, "%05u\n", (unsigned)index[i]);
    return audit_buffer(&out, 1).order;
}

START_TEST(the_order_of_the_file_is_found) {
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
    for (size_t i = 0; i < COUNT(cases); i++) {
        AuditOrder order = order_of(cases[i].index, N);
        ck_assert_str_eq(ORDER_KINDS[order.kind], ORDER_KINDS[cases[i].kind]);
        ck_assert_uint_eq(order.runs, cases[i].runs);
        ck_assert_uint_eq(order.longest, cases[i].longest);
        ck_assert_uint_eq(order.longest_line, cases[i].line);
        ck_assert_uint_eq(order.displaced, cases[i].displaced);
    }
    ck_assert_int_eq(order_of(shuffled, N).kind, ORDER_NONE);
    ck_assert_int_eq(order_of(up, 7).kind, ORDER_FEW);
    ck_assert_int_eq(order_of(up, 8).kind, ORDER_SORTED);
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
    // Values expected fewer than five times are merged: c and d join a, or are a value of their own with one more d.
    ck_assert_uint_eq(audit_pattern(80, "abbb", 20, "abbbb").skews[TRAIT_FIRST].df, 0); // a: 24 / 5 < 5
    ck_assert_uint_eq(audit_pattern(80, "abbb", 20, "abbb").skews[TRAIT_FIRST].df, 1);  // a: 25 / 5
    AuditSkew joined = audit_pattern(80, "aaabbbcd", 20, "aabbc").skews[TRAIT_FIRST];
    ck_assert_uint_eq(joined.df, 1);
    ck_assert(fabs(joined.chi2 - 100.0 * 40 * 40 / (80.0 * 20 * 62 * 38)) < 1e-9); // 50 and 30, 12 and 8
    ck_assert_uint_eq(audit_pattern(80, "aaabbbcd", 20, "aabcd").skews[TRAIT_FIRST].df, 2);
}
END_TEST

START_TEST(a_split_that_differs_is_skewed) {
    static const char sorted[] = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
    Audit audit = audit_pattern(800, "aaab", 200, "abbb");
    ck_assert(audit.skews[TRAIT_FIRST].is_skewed && audit_is_skewed(&audit));
    audit.config.shuffle_seed = (MaybeWhole){true, 0};
    ck_assert(!audit_is_skewed(&audit));
    audit = audit_pattern(1000, "aaab", 0, "");
    ck_assert(audit.skews[TRAIT_FIRST].df == 0 && !audit_is_skewed(&audit));
    // A sorted file is skewed even if it is too small to compare.
    audit = audit_text(sorted, 0.8, 0.1);
    ck_assert(audit_is_skewed(&audit));
    audit = audit_text(sorted, 1, 0);
    ck_assert(!audit_is_skewed(&audit));
    audit = audit_text("a\nb\nc\nd\ne\n", 0.6, 0.2);
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
        ck_assert_msg(odd->names == expected[i].names, "%s: %zu names", ODD_KINDS[expected[i].kind], odd->names);
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

static size_t count_capitals(const char *before, uint32_t letter) {
    Buffer out = {.arena = &arena};
    char bytes[UTF8_MAX_BYTES];
    buffer_print(&out, "%s\n%.*s\n", before, (int)utf8_encode(letter, bytes), bytes);
    return audit_buffer(&out, 1).odd[ODD_CASE].names;
}

// The ends of the ranges of Latin, Greek, Cyrillic and Armenian letters, and their neighbours.
START_TEST(letters_are_upper_or_lower_case_or_neither) {
    static const uint32_t letters[3][21] = {
        {'A', 'Z', 0xC0, 0xDE, 0x100, 0x136, 0x139, 0x147, 0x14A, 0x178, 0x179, 0x17D, 0x386, 0x391, 0x3AB, 0x400,
         0x42F, 0x531, 0x556},
        {'a',   'z',   0xDF,  0xFF,  0x101, 0x137, 0x138, 0x13A, 0x148, 0x149, 0x14B,
         0x17A, 0x17E, 0x17F, 0x390, 0x3AC, 0x3CE, 0x430, 0x45F, 0x561, 0x587},
        {'@', '[', '`', '{', 0xBF, 0xD7, 0xF7, 0x180, 0x385, 0x387, 0x3CF, 0x460, 0x530, 0x557, 0x560, 0x588},
    };
    static const size_t beside_lower[] = {1, 0, 0}, beside_upper[] = {0, 1, 0}; // names with upper case
    for (size_t c = 0; c < COUNT(letters); c++) {
        for (size_t i = 0; i < COUNT(letters[c]) && letters[c][i]; i++) {
            uint32_t letter = letters[c][i];
            ck_assert_msg(count_capitals("a", letter) == beside_lower[c], "U+%04X", (unsigned)letter);
            ck_assert_msg(count_capitals("A", letter) == beside_upper[c], "U+%04X", (unsigned)letter);
        }
    }
}
END_TEST

START_TEST(lengths_beyond_the_table_share_its_last_value) {
    enum { LONG = 1200000 };
    Buffer out = {.arena = &arena};
    char *word = arena_alloc(&arena, LONG + 1, 1, &err);
    memset(word, 'a', LONG);
    for (size_t i = 0; i < 12; i++) buffer_print(&out, "%s\n", i % 2 ? word : "a");
    Audit audit = audit_buffer(&out, 0.5);
    ck_assert(audit.lengths.longest == LONG && audit.skews[TRAIT_LENGTH].df == 0);
}
END_TEST

SUITE(audit, NEEDS_NOTHING) {
    ADD(lines_and_repeated_names_are_counted);
    ADD(names_in_two_parts_are_counted);
    ADD(lengths_and_symbols_count_code_points);
    ADD(the_order_of_the_file_is_found);
    ADD(chi_square_is_that_of_the_table);
    ADD(a_split_that_differs_is_skewed);
    ADD(shuffled_names_do_not_alarm);
    ADD(odd_characters_are_found_with_their_first_line);
    ADD(letters_are_upper_or_lower_case_or_neither);
    ADD(lengths_beyond_the_table_share_its_last_value);
}
