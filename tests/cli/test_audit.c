// nomen audit through the built program: the report, its JSON, and the files it refuses.
#include "cli/output.h"
#include "testing.h"

#include <limits.h>

static Output audit(const char *options) { return nomen("audit '%s' %s", scratch("names.txt"), options); }

static char *report(const char *names) {
    write_text(scratch("names.txt"), names);
    return expect_columns(ok(audit("")));
}

// The report of a config whose data are names.txt, with these keys too.
static char *report_of_config(const char *keys) {
    char config[256];
    snprintf(config, sizeof config, "{\"data\": {\"path\": \"names.txt\"%s}, \"model\": {\"ngram\": 2}}", keys);
    write_text(scratch("c.json"), config);
    return ok(nomen("audit '%s'", scratch("c.json")));
}

START_TEST(reports_say_what_small_and_unusual_files_hold) {
    static const char *const cases[][2] = {
        {"ann\nbob\n", "no name occurs twice"},
        {"ann\nbob\n", "warning: training will be refused: the split leaves dev empty (0.1 of 2 names);"},
        {"ann\nbob\n", "odd characters: none"},
        {"ann\nbob\n", "too few distinct names to tell"},
        {"ann\n", "training will be refused: a single name;"},
        {"aaa\naa\na\n", "1 symbol and the boundary"},
        {"aa\naa\naa\naa\naa\naa\naa\naa\naa\naa\n",
         "1 name occurs more than once; \"unique\": true would drop 9 later lines"},
#define UNUSUAL                                                                                \
    "\xEF\xBB\xBF\xCE\x91\xCE\xBD\xCE\xBD\xCE\xB1\r\n\r\nan\xE2\x80\x8Bna\r\njo\xCC\x81se\r\n" \
    "san jose de la montana y de los rios grandes del sur de la tierra\r\nst. ives"
        {UNUSUAL, "lines        6, 1 blank"},
        {UNUSUAL, "invisible characters: 1 name, first \"an<U+200B>na\" in line 3; U+200B"},
        {UNUSUAL, "combining marks: 1 name, first \"jo<U+0301>se\" in line 4; U+0301"},
        {UNUSUAL, "first \"san jose de la montana y de lo...\""},
        {UNUSUAL, "full stops (not the boundary): 1 name, first \"st. ives\" in line 6; ."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_words(report(cases[i][0]), cases[i][1]);
    char many[4 * 200 + 1], *at = many;
    for (uint32_t c = 0x4E00; c < 0x4E00 + 200; c++) {
        at += utf8_encode(c, at);
        *at++ = '\n';
    }
    *at = '\0';
    expect_words(report(many), "and 140 more\n");
}
END_TEST

START_TEST(a_sorted_file_causes_a_warning) {
    char *text = report("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n");
    expect_words(text, "sorted by code point");
    expect_words(text, "warning: the split is in file order, and dev and test differ from train: the");
    expect_words(text, "\"shuffle_seed\": 42");
    text = report_of_config(", \"shuffle_seed\": 42");
    expect_words(text, "shuffled with seed 42");
    expect_words(text, "sorted by code point; the split is shuffled");
    expect_no_words(text, "warning");
    // Without dev and test, there is nothing to compare train with.
    text = report_of_config(", \"split\": [1]");
    expect_words(text, "sorted by code point");
    expect_no_words(text, "compared with the rest");
    expect_no_words(text, "warning");
}
END_TEST

// In file order, with nine tenths for train: which trait differs, and what the warning says of it.
START_TEST(an_uneven_split_causes_a_warning) {
    static const char *const cases[][3] = {
        {"ab\nbc\n", "zb\nzc\n", "names that begin with \"z\": 0.0 % of train, 100.0 % of dev and test;"},
        {"ab\nbb\n", "az\nbz\n", "names that end in \"b\": 100.0 % of train, 0.0 % of dev and test;"},
        {"ba\nab\n", "b\na\n", "names of 1 character: 0.0 % of train, 100.0 % of dev and test;"},
        {"ba\nab\n", "abab\nbaba\n", "of 2 characters: 100.0 % of train, 0.0 % of dev and test;"},
        {"ab\nbc\n", "zb\nzb\n", "names that begin with \"z\": 0.0 % of train, 100.0 % of dev and test;"},
        {"ba\ncb\n", "bz\nbz\n", "names that end in \"z\": 0.0 % of train, 100.0 % of dev and test;"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char names[500 * 10 + 1] = "", *end = names;
        for (size_t k = 0; k < 500; k++) end = stpcpy(end, cases[i][k >= 400]);
        expect_words(report(names), "train compared with the rest (dev and test):");
        cJSON *tree = json_of(ok(audit("--json")));
        ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "warnings")), 1);
        expect_words(text_at(tree, "warnings.0"), cases[i][2]);
        cJSON_Delete(tree);
    }
}
END_TEST

START_TEST(names_out_of_order_are_counted) {
    for (size_t n = 1; n <= 2; n++) {
        char names[300 * 4 + 1] = "";
        for (size_t i = 0; i < 300; i++) {
            bool is_moved = i == 50 || (n == 2 && i == 100);
            sprintf(names + 4 * i, "%c%c%c\n", is_moved ? 'z' : (int)('a' + i / 100), (int)('a' + i / 10 % 10),
                    (int)('a' + i % 10));
        }
        char *text = report(names);
        expect_words(text, "nearly sorted by code point");
        expect_words(text, n == 1 ? ": 1 name is out of place" : ": 2 names are out of place");
    }
}
END_TEST

START_TEST(symbols_beyond_the_line_are_counted) {
    char names[1024] = "", *end = names;
    for (uint32_t c = 0x4E00; c < 0x4E00 + 30; c++) {
        char symbol[UTF8_MAX_BYTES];
        end += sprintf(end, "a%.*sb\n", (int)utf8_encode(c, symbol), symbol);
    }
    for (char c = 'a'; c <= 'z'; c++) end += sprintf(end, "ann%c\nbob%c\n", c, c);
    expect_words(report(names), " and 24 more\n");
    cJSON *tree = json_of(ok(audit("--json")));
    ck_assert_double_eq(number_at(tree, "odd_characters.beyond_ascii.names"), 30);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(a_config_says_how_its_names_are_split) {
    char path[PATH_MAX];
    write_text(scratch("names.txt"), "ann\nbob\nann\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\n");
    expect_words(report_of_config(", \"unique\": true"),
                 "1 name occurs more than once; \"unique\": true drops 1 later line\n");
    report_of_config("");
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    ck_assert_str_eq(ok(nomen("audit '%s' --json", path)), ok(nomen("audit --json '%s'", scratch("c.json"))));
}
END_TEST

START_TEST(json_holds_the_report) {
    static const struct {
        const char *path;
        double value;
    } cases[] = {{"lines", 11},
                 {"blank_lines", 1},
                 {"distinct_names", 8},
                 {"lines_unique_drops", 2},
                 {"lengths.longest", 7},
                 {"split.train.names", 8},
                 {"split.dev.names_in_train", 1},
                 {"split.distinct_names_in_two.train_test", 1},
                 {"odd_characters.white_space.first_line", 4}};
    write_text(scratch("names.txt"), "ada\nbob\n\ncid \"x\"\ndea\neli\nfay\ngus\nhal\nada\nbob\n");
    cJSON *tree = json_of(ok(audit("--json")));
    for (size_t i = 0; i < COUNT(cases); i++) ck_assert_double_eq(number_at(tree, cases[i].path), cases[i].value);
    expect_value(tree, "odd_characters.punctuation.first_name", "cid \"x\"");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "warnings")), 0);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(files_without_names_are_refused) {
    write_bytes(scratch("names.txt"), "ada\nJos\xE9\n", 9);
    expect_refusal(audit(""), 1, "nomen: %s: line 2: byte 0xe9 is not UTF-8; convert the file (iconv -t UTF-8)",
                   scratch("names.txt"));
    expect_refusal(nomen("audit /"), 1, "nomen: /: expected a file, found a directory");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\", \"splt\": [1]}, \"model\": {\"ngram\": 2}}");
    expect_refusal(nomen("audit '%s'", scratch("c.json")), 1,
                   "nomen: %s: data.splt: unknown key; did you mean \"split\"?", scratch("c.json"));
}
END_TEST

SUITE(cli_audit, NEEDS_NOTHING) {
    ADD(reports_say_what_small_and_unusual_files_hold);
    ADD(a_sorted_file_causes_a_warning);
    ADD(an_uneven_split_causes_a_warning);
    ADD(names_out_of_order_are_counted);
    ADD(symbols_beyond_the_line_are_counted);
    ADD(a_config_says_how_its_names_are_split);
    ADD(json_holds_the_report);
    ADD(files_without_names_are_refused);
}
