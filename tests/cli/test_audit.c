// nomen audit through the built program: the report and its JSON.
#include "cli/output.h"
#include "testing.h"

#include <limits.h>

static char *report(const char *names) {
    write_text(scratch("names.txt"), names);
    return expect_columns(ok(nomen("audit '%s'", scratch("names.txt"))));
}

// The report of a config whose data are names.txt, with these keys too.
static char *report_of_config(const char *keys) {
    write_json(scratch("c.json"), "{'data': {'path': 'names.txt'%s}, 'model': {'ngram': 2}}", keys);
    return ok(nomen("audit '%s'", scratch("c.json")));
}

START_TEST(reports_say_what_small_and_unusual_files_hold) {
    static const char *const cases[][2] = {
        {"ann\nbob\n", "2 distinct, 0 of them repeated\n"},
        {"ann\n", "warning: training is impossible: a single name; training needs at least two\n"},
        {"ann\nbob\n", "odd characters: none\n"},
        {"ann\nbob\n", "order of the file: unknown"},
        {"a\u200ba\na\u200ba\na\u200ba\n", "\"unique\": true drops 2 repeated lines\n"},
        {"a\u200ba\na\u200ba\na\u200ba\n", "\n        3  a<U+200B>a\n"},
        {"a\u200ba\na\u200ba\na\u200ba\n", "  invisible                  3        1  U+200B      a<U+200B>a\n"},
        {"ann\n\nsan jose", " 3  space       san jose\n"},
        {"name,n\nann,2\nbob,3\n", "  column \"name\" of a table; data.weight can count each row by column \"n\"\n"},
        {"1\tann\n2\tbob\n", "  column 2 of a table\n"},
        {"ann\nzoe\u0301\n", "  lines not in NFC: 1, the first is line 2; \"normalize\": \"NFC\" changes them\n"},
        {"ann\nbob\n\u0301a\u0e19\u0e35\n", "U+0301 U+0E35 <U+0301>a\u0e19\u0e35\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_words(report(cases[i][0]), cases[i][1]);
    char many[50 * 55 + 1] = "", *end = many; // names of 1 to 50 symbols, each with a symbol of its own
    for (uint32_t c = 0; c < 50; c++) {
        end += utf8_encode(0x4E00 + c, end);
        end += sprintf(end, "%.*s\n", (int)c, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    }
    const char *text = report(many);
    expect_words(text, "and 11 more\n");
}
END_TEST

START_TEST(a_sorted_file_causes_a_warning) {
    write_text(scratch("names.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n");
    char *text = report_of_config("");
    expect_words(text, "order of the file: sorted\n");
    expect_words(text, "warning: the split is in file order, and dev and test differ from train;");
    expect_words(text, "\"shuffle_seed\": 42");
    text = report_of_config(", 'shuffle_seed': 42");
    expect_words(text, "shuffled with seed 42");
    expect_words(text, "order of the file: sorted\n");
    expect_no_words(text, "warning");
    // Without dev and test, there is nothing to compare train with.
    expect_no_words(report_of_config(", 'split': [1]"), "warning");
}
END_TEST

START_TEST(what_the_config_lacks_causes_a_warning) {
    write_text(scratch("names.txt"), "name,n\nann,2\nzoe\u0301,3\n");
    char *text = report_of_config("");
    expect_words(text, "\n  \"column\": \"name\" in the config's \"data\" takes the names from a column\n");
    expect_words(text, "warning: lines not in NFC: 1, the first is line 3");
    expect_no_words(report_of_config(", 'column': 'name', 'normalize': 'NFC', 'split': [1]"), "warning");
}
END_TEST

// In file order, with nine tenths for train: each trait that can differ.
START_TEST(an_uneven_split_causes_a_warning) {
    static const char *const cases[][3] = {
        {"ab\nbc\n", "zb\nzb\n", "file_order_split.first_letter.skewed"},
        {"ba\ncb\n", "bz\nbz\n", "file_order_split.last_letter.skewed"},
        {"ba\nab\n", "abab\nbaba\n", "file_order_split.length.skewed"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char names[500 * 10 + 1] = "", *end = names;
        for (size_t k = 0; k < 500; k++) end = stpcpy(end, cases[i][k >= 400]);
        write_text(scratch("names.txt"), names);
        report_of_config("");
        cJSON *tree = json_of(ok(nomen("audit '%s' --json", scratch("c.json"))));
        ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "warnings")), 1);
        expect_words(text_at(tree, "warnings.0"), "dev and test differ from train");
        ck_assert(cJSON_IsTrue(json_at(tree, cases[i][2])));
    }
}
END_TEST

START_TEST(a_config_says_how_its_names_are_split) {
    write_text(scratch("names.txt"), "ann\nbob\nann\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\n");
    expect_words(report_of_config(", 'unique': true"), ", each name once\n");
    expect_words(report_of_config(""), "split 0.8, 0.1, 0.1, in file order\n");
    write_text(scratch("names.txt"), "ann\nbob\ncid\n");
    expect_words(report_of_config(""), "warning: training is impossible: the split leaves dev empty (0.1 of 3 names);");
}
END_TEST

START_TEST(a_names_file_is_split_as_init_splits_it) {
    static const size_t sizes[] = {1, 2, 3, 29, 30, 200};
    char path[PATH_MAX], names[200 * 4 + 1];
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t k = 0; k < sizes[i]; k++)
            sprintf(names + 4 * k, "n%c%c\n", (int)('a' + k / 26), (int)('a' + k % 26));
        write_text(scratch("names.txt"), names);
        ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
        char *found = ok(nomen("audit '%s' --json", path));
        Output made = shell("\"$NOMEN\" init --data '%s' >'%s'", path, scratch("c.json"));
        ck_assert_int_eq(made.status, sizes[i] < 2);
        ck_assert_int_eq(strstr(found, "training is impossible") != NULL, sizes[i] < 2);
        if (made.status == 0) ck_assert_str_eq(found, ok(nomen("audit '%s' --json", scratch("c.json"))));
    }
}
END_TEST

START_TEST(json_holds_the_report) {
    static const struct {
        const char *path;
        double value;
    } cases[] = {{"lines", 11},
                 {"blank_lines", 1},
                 {"names", 10},
                 {"distinct_names", 8},
                 {"repeated_names", 2},
                 {"lines_unique_drops", 2},
                 {"most_repeated.1.count", 2},
                 {"lengths.longest", 7},
                 {"lengths.histogram.1.names", 1},
                 {"symbols.0.count", 7},
                 {"order.sorted_pieces", 2},
                 {"file_order_split.length.df", 0},
                 {"split.train.names", 8},
                 {"split.dev.names_in_train", 1},
                 {"odd_characters.white_space.first_line", 4}};
    write_text(scratch("names.txt"), "ada\nbob\n\ncid \"x\"\ndea\neli\nfay\ngus\nhal\nada\nbob\n");
    report_of_config("");
    cJSON *tree = json_of(ok(nomen("audit '%s' --json", scratch("c.json"))));
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(number_at(tree, cases[i].path) == cases[i].value, "%s", cases[i].path);
    expect_value(tree, "odd_characters.punctuation.first_name", "cid \"x\"");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "warnings")), 0);
}
END_TEST

START_TEST(what_is_no_names_file_or_config_is_refused) {
    expect_refusal(nomen("audit /"), 1, "nomen: /: expected a file, found a directory");
    write_json(scratch("c.json"), "{'data': {'path': 'names.txt', 'splt': [1]}, 'model': {'ngram': 2}}");
    expect_refusal(nomen("audit '%s'", scratch("c.json")), 1,
                   "nomen: %s: data.splt: unknown key; did you mean \"split\"?", scratch("c.json"));
}
END_TEST

SUITE(cli_audit, NEEDS_NOTHING) {
    ADD(reports_say_what_small_and_unusual_files_hold);
    ADD(a_sorted_file_causes_a_warning);
    ADD(what_the_config_lacks_causes_a_warning);
    ADD(an_uneven_split_causes_a_warning);
    ADD(a_config_says_how_its_names_are_split);
    ADD(a_names_file_is_split_as_init_splits_it);
    ADD(json_holds_the_report);
    ADD(what_is_no_names_file_or_config_is_refused);
}
