// nomen score and nomen next --json through the built program.
#include "cli/run.h"

#include <math.h>

#define HEADER "line,name,examples,nll,nll_per_char,perplexity,rank\n"

// Scores a file. Standard input must give the same.
static Output score_output(const char *run, const char *options, const char *text) {
    const char *path = scratch("score.txt");
    write_text(path, text);
    Output file = nomen("score '%s' '%s' %s", run, path, options);
    Output dash = nomen("score '%s' - %s <'%s'", run, options, path);
    ck_assert_str_eq(dash.out, file.out);
    ck_assert_int_eq(dash.status, file.status);
    return file;
}

static char *score(const char *run, const char *options, const char *text) {
    return ok(score_output(run, options, text));
}

static cJSON *json_score(const char *run, const char *options, const char *text) {
    Output output = score_output(run, options, text);
    ck_assert_int_eq(output.status, 0);
    return json_of(output.out);
}

START_TEST(text_and_csv_are_in_the_order_of_the_lines) {
    const char *run = train_counts("a\nab\n", 2, 1), *text = "\xEF\xBB\xBF"
                                                             "a\r\n\r\n  ba\t\r\n \r\nab";
    ck_assert_str_eq(score(run, "", text), "    line     rank         nll  per char  perplexity  name\n"
                                           "       1        2      1.4271    0.7136      2.0412  a\n"
                                           "       3        3      3.9120    1.3040      3.6840  ba\n"
                                           "       5        1      2.1203    0.7068      2.0274  ab\n"
                                           "     all               7.4594    0.9324      2.5407  3 names\n");
    ck_assert_str_eq(score(run, "--csv", text), HEADER "1,a,2,1.42711639,0.713558197,2.04124149,2\n"
                                                       "3,ba,3,3.91202307,1.30400769,3.68403157,3\n"
                                                       "5,ab,3,2.12026358,0.706754526,2.02740069,1\n");
    ck_assert_str_eq(nomen("score '%s' <'%s'", run, scratch("score.txt")).out, score(run, "", text));
}
END_TEST

START_TEST(names_with_unknown_characters_are_not_scored) {
    const char *run = train_counts("a\nab\n", 2, 1), *text = "ab\n\naz\na\n\xC3\xA9\n", *path = scratch("score.txt");
    static const char *const cases[][2] = {
        {"", "       3        -           -         -           -  az\n"},
        {"--csv", "\n3,az,,,,,\n4,a,2,"},
        {"--csv", "\n5,\xC3\xA9,,,,,\n"},
        {"--per-char", "-  az\n\n       4        2 "},
        {"--per-char --csv", "\n3,az,,,,\n4,a,1,a,"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_words(score_output(run, cases[i][0], text).out, cases[i][1]);
    cJSON *tree = json_score(run, "--json", text);
    expect_value(tree, "names.1.scored", "false");
    ck_assert(!json_find(tree, "names.1.nll"));
    ck_assert(number_at(tree, "all.names") == 4 && number_at(tree, "all.scored") == 2);
    Output output = score_output(run, "--csv", "a\nz\nz\na\nz\n");
    ck_assert_int_eq(output.status, 0);
    ck_assert_str_eq(output.err,
                     textf("nomen: %s: 3 of 5 names cannot be scored; line 2: \"z\" (U+007A) is not in the model's "
                           "vocabulary\n",
                           path));
}
END_TEST

START_TEST(hostile_input_is_refused) {
    const char *run = train_counts("a\nab\n", 2, 1), *path = scratch("score.txt");
    static const struct {
        const char *bytes;
        size_t n;
        const char *message;
    } cases[] = {
        {"ab\na\0b\n", 7, "line 2: control character U+0000; remove it"},
        {"z\ny\n", 4, "2 of 2 names cannot be scored; line 1: \"z\" (U+007A) is not in the model's vocabulary"},
        {"\nz", 2, "1 of 1 names cannot be scored; line 2: \"z\" (U+007A) is not in the model's vocabulary"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_bytes(path, cases[i].bytes, cases[i].n);
        expect_refusal(nomen("score '%s' '%s' --json", run, path), 1, "nomen: %s: %s", path, cases[i].message);
        expect_refusal(nomen("score '%s' <'%s'", run, path), 1, "nomen: standard input: %s", cases[i].message);
    }
    expect_refusal(nomen("score '%s' '%s'", run, scratch("nowhere")), 1, "nomen: %s: no such file or directory",
                   scratch("nowhere"));
    expect_refusal(nomen("score '%s' '%s'", run, run), 1, "nomen: %s: expected a file, found a directory", run);
    expect_refusal(nomen("score '%s' <'%s'", run, run), 1, "nomen: standard input: expected a file, found a directory");
    expect_refusal(nomen("score '%s' --csv --json", run), 2,
                   "nomen: --csv and --json: expected one of them; see nomen score --help");
}
END_TEST

START_TEST(csv_and_json_quote_names) {
    const char *run = train_counts("a, b\nthe \"x\"\n", 2, 1), *text = "a, b\n\"\nax\n";
    static const char *const cases[][2] = {
        {"--csv", "\n1,\"a, b\",5,"},
        {"--csv", "\n2,\"\"\"\",2,"},
        {"--csv", "\n3,ax,3,"},
        {"--csv --per-char", "\n1,\"a, b\",2,\",\","},
        {"--csv --per-char", "\n1,\"a, b\",3, ,"},
        {"--csv --per-char", "\n2,\"\"\"\",1,\"\"\"\","},
        {"--csv --per-char", "\n2,\"\"\"\",2,,"},
        {"--json", "\"name\":\"\\\"\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_words(score(run, cases[i][0], text), cases[i][1]);
}
END_TEST

START_TEST(probability_0_is_inf_and_null) {
    const char *run = train_counts("ab\nab\n", 3, 0);
    ck_assert_str_eq(score(run, "--csv", "ab\nba\n"), HEADER "1,ab,3,0,0,1,1\n2,ba,3,inf,inf,inf,2\n");
    ck_assert_str_eq(score(run, "--csv --per-char", "ba\n"),
                     "line,name,position,char,nll,p\n1,ba,1,b,inf,0\n1,ba,2,a,,\n1,ba,3,,,\n");
    char *text = score(run, "--per-char", "ba\n");
    expect_words(text, "       1        1         inf       inf         inf  ba\n");
    expect_words(text, "  a             -         -\n");
    cJSON *tree = json_score(run, "--json --per-char", "ba\n");
    static const char *const nulls[] = {"names.0.nll", "names.0.perplexity", "names.0.chars.0.nll", "all.nll"};
    for (size_t i = 0; i < COUNT(nulls); i++) expect_value(tree, nulls[i], "null");
    ck_assert_double_eq(number_at(tree, "names.0.chars.0.p"), 0);
}
END_TEST

// After "a" in "a", "ab", the counts plus 1 are: the end 2, a 1, b 2.
START_TEST(next_prints_json) {
    static const double expected[] = {2.0 / 5, 1.0 / 5, 2.0 / 5};
    static const char *const symbols[] = {"", "a", "b"};
    cJSON *tree = json_of(ok(nomen("next '%s' -p ba -t 1,2 --json", train_counts("a\nab\n", 2, 1))));
    double roots = sqrt(expected[0]) + sqrt(expected[1]) + sqrt(expected[2]);
    expect_value(tree, "context.0", "a");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "symbols")), 3);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "probabilities")), 2);
    for (int i = 0; i < 3; i++) {
        expect_value(tree, textf("symbols.%d", i), symbols[i]);
        ck_assert_double_eq_tol(number_at(tree, textf("probabilities.0.%d", i)), expected[i], 1e-6);
        ck_assert_double_eq_tol(number_at(tree, textf("probabilities.1.%d", i)), sqrt(expected[i]) / roots, 1e-6);
    }
    expect_refusal(nomen("next '%s' --prefix b --json", train_counts("ab\nab\n", 3, 0)), 1,
                   "nomen: the model never saw this context, and without smoothing gives no distribution");
}
END_TEST

START_TEST(characters_have_the_probabilities_of_next) {
    const char *run = make_run();
    cJSON *tree = json_score(run, "--json --per-char", "dean\n");
    static const char *const prefixes[] = {"", "d", "de", "dea", "dean"}, *const chars[] = {"d", "e", "a", "n", ""};
    double nll = 0;
    for (int i = 0; i < 5; i++) {
        double p = number_at(tree, textf("names.0.chars.%d.p", i));
        expect_value(tree, textf("names.0.chars.%d.char", i), chars[i]);
        const char *row = textf("\n%-5s  ", i < 4 ? chars[i] : "end .");
        char *next = ok(nomen("next '%s' --prefix '%s'", run, prefixes[i]));
        expect_words(next, row);
        ck_assert_double_eq_tol(strtod(strstr(next, row) + strlen(row), NULL), p, 0.50001e-4);
        nll -= log(p);
    }
    ck_assert_double_eq_tol(number_at(tree, "names.0.nll"), nll, 1e-6);
    ck_assert_double_eq_tol(number_at(tree, "names.0.perplexity"), exp(nll / 5), 1e-5);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "names.0.chars")), 5);
}
END_TEST

START_TEST(bars_fit_80_columns) {
    const char *run = train_counts("ab\nab\n", 3, 0);
    expect_words(score(run, "--per-char", "ab\n"), "  a        1.0000    0.0000\n  b        1.0000    0.0000\n");
    run = train_counts("a\nab\n", 2, 1);
    setenv("LC_ALL", "C", 1);
    expect_words(expect_columns(score(run, "--per-char", "bbbb\n")), "####");
    setenv("LC_ALL", "C.UTF-8", 1);
    expect_words(expect_columns(score(run, "--per-char", "bbbb\n")), "\u2588");
}
END_TEST

START_TEST(a_file_has_the_loss_of_eval) {
    const char *run = make_run();
    cJSON *all = json_of(ok(nomen("score '%s' '%s' --json", run, scratch("names.txt"))));
    cJSON *parts = json_of(ok(nomen("eval '%s' --json", run)));
    double sum = 0, n = 0;
    const cJSON *part;
    cJSON_ArrayForEach(part, parts) {
        sum += number_at(part, "loss") * number_at(part, "examples");
        n += number_at(part, "examples");
    }
    ck_assert_double_eq(number_at(all, "all.examples"), n);
    ck_assert_double_eq_tol(number_at(all, "all.nll_per_char"), sum / n, 1e-12);
}
END_TEST

SUITE(cli_score, NEEDS_NOTHING) {
    ADD(text_and_csv_are_in_the_order_of_the_lines);
    ADD(names_with_unknown_characters_are_not_scored);
    ADD(hostile_input_is_refused);
    ADD(csv_and_json_quote_names);
    ADD(probability_0_is_inf_and_null);
    ADD(next_prints_json);
    ADD(characters_have_the_probabilities_of_next);
    ADD(bars_fit_80_columns);
    ADD(a_file_has_the_loss_of_eval);
}
