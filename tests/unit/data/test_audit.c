// Audits of small lists counted by hand, and of shuffled lists, which must not alarm.
#include "testing.h"

#include "base/buffer.h"
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
    static const char *const most[AUDIT_EXAMPLES] = {"g", "a", "b", "c", "d"};
    Audit audit = audit_text("a\na\n\nb\nb\nc\r\nc\nd\nd\n  \ne\ne\nf\nf\ng\ng\ng\nh\n", 1, 0);
    ck_assert(audit.lines == 18 && audit.blank == 2 && audit.names == 16 && audit.distinct == 8);
    ck_assert(audit.repeated == 7 && audit.n_most_repeated == AUDIT_EXAMPLES);
    for (size_t i = 0; i < AUDIT_EXAMPLES; i++) {
        expect_bytes(audit.most_repeated[i].name, most[i]);
        ck_assert_uint_eq(audit.most_repeated[i].count, i == 0 ? 3 : 2);
    }
    ck_assert_uint_eq(audit_text("ada\nbob", 1, 0).lines, 2);
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
    // What training refuses is audited.
    audit = audit_text("ada\n", 1, 0);
    ck_assert_str_eq(audit.refusal.text, "a single name; training needs at least two");
    ck_assert(audit.parts[PART_TRAIN].names == 1);
}
END_TEST

START_TEST(what_the_format_lacks_is_found) {
    static const char table[] = "name,count\nzoe\u0301,2\nzo\u00e9,1\nava,3\n";
    Audit audit = audit_text(table, 1, 0);
    ck_assert(audit.nfc.lines == 1 && audit.nfc.first_line == 2 && audit.names == 4 && audit.distinct == 4);
    ck_assert_str_eq(audit.table.column.name, "name");
    audit = audit_config((DataConfig){.path = scratch("names.txt")});
    ck_assert(audit.nfc.lines == 1 && audit.names == 3 && audit.distinct == 2 && audit.blank == 0);
    ck_assert_str_eq(audit.table.weight.name, "count");
    ck_assert_str_eq(audit.config.format.column.name, "name");
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
                 {"hgffedcba", "reversed", 8, 2, 3, true},
                 {"abzcdefghijklmnop", "sorted in pieces", 2, 14, 4, true},
                 {"abcdefghijklabcdefghijkl", "sorted in pieces", 2, 12, 1, false},
                 {"efghabcd", "not sorted", 2, 4, 1, false},
                 {"abcdefghijab", "sorted in pieces", 2, 10, 1, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        Buffer text = {.arena = &arena};
        for (const char *name = cases[i].names; *name; name++) buffer_print(&text, "%c\n", *name);
        AuditOrder order = audit_text(buffer_text(&text, &err), 1, 0).order;
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
    return audit_text(buffer_text(&out, &err), (double)n_train / (double)(n_train + n_rest), 0);
}

START_TEST(chi_square_is_that_of_the_table) {
    Audit audit = audit_pattern(80, "ab", 20, "abbb");
    AuditSkew first = audit.skews[TRAIT_FIRST];
    // n (ad - bc)^2 / (row and column sums) = 100 (40 15 - 40 5)^2 / (80 20 45 55)
    ck_assert(fabs(first.chi2 - 100.0 * 400 * 400 / (80.0 * 20 * 45 * 55)) < 1e-9);
    ck_assert(first.df == 1 && first.value == 'a' && !first.is_skewed);
    ck_assert(fabs(first.limit - (1 + 2 * sqrt(12) + 24)) < 1e-9);
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
    ck_assert(names_read(&list, OUR_NAMES, NULL, &arena, &err));
    for (uint64_t seed = 0; seed < 5; seed++) {
        DataConfig config = {.split = {{1}}, .shuffle_seed = {true, seed}};
        Cut cut;
        part = list;
        part.places = arena_alloc(&arena, list.n, sizeof *part.places, &err);
        memcpy(part.places, list.places, list.n * sizeof *part.places);
        ck_assert(dataset_cut(&cut, &config, &part, false, &err));
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

START_TEST(odd_characters_are_found_with_their_first_line) {
    static const struct {
        const char *names;
        Expected expected[9];
    } cases[] = {
        {"ada\n\nsan jose\nan\u200bna\nst. ives\nr2\no-neill\njo\u0301se\nzo\u00eb\nAda\nan\u00a0na\nla la\n",
         {{ODD_SPACE, 4, "san jose", 3, ' '},
          {ODD_INVISIBLE, 1, "an\u200bna", 4, 0x200B},
          {ODD_STOP, 1, "st. ives", 5, '.'},
          {ODD_DIGIT, 1, "r2", 6, '2'},
          {ODD_PUNCTUATION, 1, "o-neill", 7, '-'},
          {ODD_COMBINING, 1, "jo\u0301se", 8, 0x301},
          {ODD_BEYOND, 1, "zo\u00eb", 9, 0xEB},
          {ODD_CASE, 1, "Ada", 10, 'A'}}},
        {"ADA\nBOB\n\u0391\n", {{ODD_BEYOND, 1, "\u0391", 3, 0x391}}},
        // What most names have is not odd.
        {"\u03b1\u03bd\u03bd\u03b1\n\u03b5\u03bb\u03ad\u03bd\u03b7\nada\n", {{0}}},
        {"\u092e\u0940\u0930\u093e\n\u05d3\u05b8\u05d5\n\u0e19\u0e35\n", {{0}}},
        {"\u044f\n\u0410\n\u042f\n\u0431\n\u0430\n", {{ODD_CASE, 2, "\u0410", 2, 0x410}}},
        {"ana\nava\n\u0e19\u0e35\n",
         {{ODD_COMBINING, 1, "\u0e19\u0e35", 3, 0xE35}, {ODD_BEYOND, 1, "\u0e19\u0e35", 3, 0xE19}}},
        {"ababababababababababababababab\nababababababababababababababababababab\nabq\n",
         {{ODD_RARE, 1, "abq", 3, 'q'}}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Audit audit = audit_text(cases[i].names, 1, 0);
        size_t found = 0, n = 0;
        for (OddKind k = 0; k < N_ODD_KINDS; k++) found += audit.odd[k].names > 0;
        for (const Expected *expected = cases[i].expected; expected->first; expected++, n++) {
            const AuditOdd *odd = &audit.odd[expected->kind];
            ck_assert_msg(odd->names == expected->names, "%s %zu", ODD_TYPES[expected->kind].key, odd->names);
            expect_bytes(odd->first, expected->first);
            ck_assert_uint_eq(odd->line, expected->line);
            ck_assert_uint_eq(odd->symbols[0], expected->symbol);
        }
        ck_assert_msg(found == n, "%s: %zu kinds", cases[i].names, found);
    }
}
END_TEST

SUITE(audit, NEEDS_NOTHING) {
    ADD(lines_and_repeated_names_are_counted);
    ADD(names_also_in_train_are_counted);
    ADD(what_the_format_lacks_is_found);
    ADD(lengths_and_symbols_count_code_points);
    ADD(the_order_of_the_file_is_found);
    ADD(chi_square_is_that_of_the_table);
    ADD(a_split_that_differs_is_skewed);
    ADD(shuffled_names_do_not_alarm);
    ADD(odd_characters_are_found_with_their_first_line);
}
