// nomen audit through the built program: the report, its JSON, and what is refused.
#include "testing.h"

#include "base/buffer.h"
#include "base/text.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static Output audit(const char *options) { return nomen("audit '%s' %s", scratch("names.txt"), options); }

static void expect_words(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words), "\"%s\" stands not in:\n%s", words, text);
}

static void expect_success(Output output) {
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}

// The report of these names, every line of which fits 80 columns.
static char *report(const char *names) {
    write_text(scratch("names.txt"), names);
    Output output = audit("");
    expect_success(output);
    char *text = strchr(output.out, '\n'); // behind the path, which may be long
    for (char *line = text + 1; *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(utf8_count(line, strcspn(line, "\n")) <= 80, "too wide: %.*s", (int)strcspn(line, "\n"), line);
    return output.out;
}

static cJSON *json_of(Output output) {
    expect_success(output);
    cJSON *tree = cJSON_Parse(output.out);
    ck_assert_msg(tree != NULL, "no JSON: %s", output.out);
    return tree;
}

static double number_at(const cJSON *tree, const char *a, const char *b) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, a);
    if (b) item = cJSON_GetObjectItemCaseSensitive(item, b);
    ck_assert_msg(cJSON_IsNumber(item), "no number: %s %s", a, b ? b : "");
    return item->valuedouble;
}

START_TEST(small_and_plain_files_make_sense) {
    char *two = report("ann\nbob\n");
    expect_words(two, "no name occurs twice");
    expect_words(two, "warning: training will be refused: the split leaves dev empty (0.1 of 2 names);");
    expect_words(two, "odd characters: none");
    expect_words(two, "too few distinct names to tell");
    expect_words(report("ann\n"), "training will be refused: a single name;");
    expect_words(report("aaa\naa\na\n"), "1 symbol and the boundary");
    expect_words(report("aa\naa\naa\naa\naa\naa\naa\naa\naa\naa\n"),
                 "1 name occurs more than once; \"unique\": true would drop 9 later lines");
}
END_TEST

START_TEST(unusual_files_fit_the_terminal) {
    char *text = report("\xEF\xBB\xBF\xCE\x91\xCE\xBD\xCE\xBD\xCE\xB1\r\n\r\nan\xE2\x80\x8Bna\r\njo\xCC\x81se\r\n"
                        "san jose de la montana y de los rios grandes del sur de la tierra\r\nst. ives");
    expect_words(text, "lines        6, 1 blank");
    expect_words(text, "invisible characters: 1 name, first \"an<U+200B>na\" in line 3; U+200B");
    expect_words(text, "combining marks: 1 name, first \"jo<U+0301>se\" in line 4; U+0301");
    expect_words(text, "first \"san jose de la montana y de lo...\"");
    expect_words(text, "full stops (not the boundary): 1 name, first \"st. ives\" in line 6; .");
    char many[4 * 200 + 1], *at = many;
    for (uint32_t c = 0x4E00; c < 0x4E00 + 200; c++) {
        at += utf8_encode(c, at);
        *at++ = '\n';
    }
    *at = '\0';
    expect_words(report(many), "and 140 more\n");
}
END_TEST

START_TEST(a_sorted_file_is_warned_of) {
    char *text = report("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n");
    expect_words(text, "sorted by code point");
    expect_words(text, "warning: the split is in file order, and dev and test differ from train: the");
    expect_words(text, "\"shuffle_seed\": 42");
    write_text(scratch("c.json"),
               "{\"data\": {\"path\": \"names.txt\", \"shuffle_seed\": 42}, \"model\": {\"ngram\": 2}}");
    Output shuffled = nomen("audit '%s'", scratch("c.json"));
    expect_success(shuffled);
    expect_words(shuffled.out, "shuffled with seed 42");
    expect_words(shuffled.out, "sorted by code point; the split is shuffled");
    ck_assert_ptr_null(strstr(shuffled.out, "warning"));
    // Where there is nothing but train, it is compared with nothing.
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": {\"ngram\": 2}}");
    Output whole = nomen("audit '%s'", scratch("c.json"));
    expect_success(whole);
    expect_words(whole.out, "sorted by code point");
    ck_assert(!strstr(whole.out, "compared with the rest") && !strstr(whole.out, "warning"));
}
END_TEST

// Cut in file order, nine tenths for train: which of the traits differ, and which of them is named.
START_TEST(a_split_that_is_unlike_is_warned_of) {
    static const char *const cases[][3] = {
        {"ab\nbc\n", "zb\nzc\n", "names that begin with \"z\": 0.0 % of train, 100.0 % of dev and test;"},
        {"ab\nbb\n", "az\nbz\n", "names that end in \"b\": 100.0 % of train, 0.0 % of dev and test;"},
        {"ba\nab\n", "b\na\n", "names of 1 character: 0.0 % of train, 100.0 % of dev and test;"},
        {"ba\nab\n", "abab\nbaba\n", "of 2 characters: 100.0 % of train, 0.0 % of dev and test;"},
        {"ab\nbc\n", "zb\nzb\n", "names that begin with \"z\": 0.0 % of train, 100.0 % of dev and test;"},
        {"ba\ncb\n", "bz\nbz\n", "names that end in \"z\": 0.0 % of train, 100.0 % of dev and test;"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Arena arena = {0};
        Error err;
        Buffer names = {.arena = &arena};
        for (size_t k = 0; k < 500; k++) buffer_print(&names, "%s", cases[i][k >= 400]);
        char *text = report(buffer_text(&names, &err));
        for (char *at = text; *at; at++)
            if (*at == '\n' && strncmp(at, "\n  ", 3) == 0) memmove(at, at + 2, strlen(at + 1)), *at = ' ';
        expect_words(text, "split in file order, train compared with the rest, dev and test");
        expect_words(text, cases[i][2]);
        cJSON *tree = json_of(audit("--json"));
        const cJSON *warnings = cJSON_GetObjectItem(tree, "warnings");
        ck_assert_int_eq(cJSON_GetArraySize(warnings), 1);
        expect_words(cJSON_GetArrayItem(warnings, 0)->valuestring, cases[i][2]);
        cJSON_Delete(tree);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(a_file_out_of_order_by_a_name_or_two_is_said) {
    Arena arena = {0};
    Error err;
    for (size_t n = 1; n <= 2; n++) {
        Buffer names = {.arena = &arena};
        for (size_t i = 0; i < 300; i++) {
            bool is_moved = i == 50 || (n == 2 && i == 100);
            buffer_print(&names, "%c%c%c\n", is_moved ? 'z' : (int)('a' + i / 100), (int)('a' + i / 10 % 10),
                         (int)('a' + i % 10));
        }
        char *text = report(buffer_text(&names, &err));
        expect_words(text, "nearly sorted by code point");
        expect_words(text, n == 1 ? ": 1 name is out of place" : ": 2 names are out of place");
    }
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_left_out_of_a_line_is_counted) {
    Arena arena = {0};
    Error err;
    Buffer names = {.arena = &arena};
    for (uint32_t c = 0x4E00; c < 0x4E00 + 30; c++) {
        char symbol[UTF8_MAX_BYTES];
        buffer_print(&names, "a%.*sb\n", (int)utf8_encode(c, symbol), symbol);
    }
    for (char c = 'a'; c <= 'z'; c++) buffer_print(&names, "ann%c\nbob%c\n", c, c);
    expect_words(report(buffer_text(&names, &err)), " more\n");
    cJSON *tree = json_of(audit("--json"));
    const cJSON *odd = cJSON_GetObjectItem(tree, "odd_characters");
    ck_assert_double_eq(number_at(cJSON_GetObjectItem(odd, "beyond_ascii"), "names", NULL), 30);
    cJSON_Delete(tree);
    // One name that stands twice, and a config that drops the later one.
    write_text(scratch("names.txt"), "ann\nbob\nann\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\n");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\", \"unique\": true}, \"model\": {\"ngram\": 2}}");
    Output output = nomen("audit '%s'", scratch("c.json"));
    expect_success(output);
    expect_words(output.out, "1 name occurs more than once; \"unique\": true drops 1 later line\n");
    arena_free(&arena);
}
END_TEST

START_TEST(a_file_is_split_as_a_config_without_a_split) {
    char path[PATH_MAX];
    write_text(scratch("names.txt"), "ada\nbob\ncid\ndea\neli\nfay\ngus\nhal\nada\njon\n");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"ngram\": 2}}");
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    Output of_file = nomen("audit '%s' --json", path), of_config = nomen("audit --json '%s'", scratch("c.json"));
    expect_success(of_file);
    ck_assert_str_eq(of_file.out, of_config.out);
}
END_TEST

START_TEST(json_holds_the_report) {
    write_text(scratch("names.txt"), "ada\nbob\n\ncid \"x\"\ndea\neli\nfay\ngus\nhal\nada\nbob\n");
    cJSON *tree = json_of(audit("--json"));
    ck_assert_double_eq(number_at(tree, "lines", NULL), 11);
    ck_assert_double_eq(number_at(tree, "blank_lines", NULL), 1);
    ck_assert_double_eq(number_at(tree, "distinct_names", NULL), 8);
    ck_assert_double_eq(number_at(tree, "lines_unique_drops", NULL), 2);
    ck_assert_double_eq(number_at(tree, "lengths", "longest"), 7);
    const cJSON *split = cJSON_GetObjectItemCaseSensitive(tree, "split");
    ck_assert_double_eq(number_at(split, "train", "names"), 8);
    ck_assert_double_eq(number_at(split, "dev", "names_in_train"), 1);
    ck_assert_double_eq(number_at(split, "distinct_names_in_two", "train_test"), 1);
    const cJSON *odd = cJSON_GetObjectItemCaseSensitive(tree, "odd_characters");
    ck_assert_double_eq(number_at(odd, "white_space", "first_line"), 4);
    ck_assert_str_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(odd, "punctuation"), "first_name")->valuestring,
                     "cid \"x\"");
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "warnings")), 0);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(what_is_no_names_file_is_refused) {
    write_bytes(scratch("names.txt"), "ada\nJos\xE9\n", 9);
    expect_refusal(audit(""), 1, "nomen: %s: line 2: byte 0xe9 is not UTF-8; convert the file (iconv -t UTF-8)",
                   scratch("names.txt"));
    write_text(scratch("names.txt"), "");
    expect_refusal(audit("--json"), 1, "nomen: %s: the file is empty; put one name a line into it",
                   scratch("names.txt"));
    expect_refusal(nomen("audit '%s'", scratch("nope")), 1, "nomen: %s: no such file or directory", scratch("nope"));
    expect_refusal(nomen("audit /"), 1, "nomen: /: expected a file, found a directory");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\", \"splt\": [1]}, \"model\": {\"ngram\": 2}}");
    expect_refusal(nomen("audit '%s'", scratch("c.json")), 1,
                   "nomen: %s: data.splt: unknown key; did you mean \"split\"?", scratch("c.json"));
}
END_TEST

START_TEST(wrong_usage_is_refused) {
    expect_refusal(nomen("audit"), 2, "nomen: FILE|CONFIG is missing; see nomen audit --help");
    expect_refusal(nomen("audit a b"), 2, "nomen: one operand too many: \"b\"; see nomen audit --help");
    expect_refusal(nomen("audit a --jsn"), 2,
                   "nomen: unknown option \"--jsn\"; did you mean --json? see nomen audit --help");
}
END_TEST

SUITE(cli_audit, NEEDS_NOTHING) {
    ADD(small_and_plain_files_make_sense);
    ADD(unusual_files_fit_the_terminal);
    ADD(a_sorted_file_is_warned_of);
    ADD(a_split_that_is_unlike_is_warned_of);
    ADD(a_file_out_of_order_by_a_name_or_two_is_said);
    ADD(what_is_left_out_of_a_line_is_counted);
    ADD(a_file_is_split_as_a_config_without_a_split);
    ADD(json_holds_the_report);
    ADD(what_is_no_names_file_is_refused);
    ADD(wrong_usage_is_refused);
}
