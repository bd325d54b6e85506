// nomen softmax and nomen next through the built program.
#include "cli/output.h"

// Fails unless the output holds these words on one line, whatever the number of spaces between them.
static void expect_line(const char *out, const char *words) {
    char *squeezed = strdup(out), *to = squeezed;
    for (const char *at = out; *at; at++)
        if (*at != ' ' || at[1] != ' ') *to++ = *at;
    *to = '\0';
    bool found = strstr(squeezed, words) != NULL;
    free(squeezed);
    ck_assert_msg(found, "no \"%s\" in:\n%s", words, out);
}

START_TEST(softmax_prints_tables) {
    static const char *const cases[][5] = {
        {"1000 1001 1002", "0 1000 nan 0.0900 -2.4076 -2.40760596", "1 1001 nan 0.2447 -1.4076 -1.40760596",
         "2 1002 nan 0.6652 -0.4076 -0.40760596", "inf/inf is nan"},
        {"-1000 -999 -998", "0 -1000 nan 0.0900 -2.4076 -2.40760596", "0/0 is nan"},
        {"1 2 3", "2 3 0.6652 0.6652 -0.4076 -0.40760596"},
        {"2.0 1.0 0.1", "0 2 0.6590 0.6590", "1 1 0.2424 0.2424", "2 0.1 0.0986 0.0986"},
        {"2.1 0.5 1.8", "likeliest: class 0, at 0.5147"},
        {"1 2 3 --target 0 --jacobian", "loss of class 0: 2.4076, in double 2.40760596",
         "0 -0.9100 -0.90996943 -0.90996943", "1 0.2447 0.24472847 0.24472847", "0 0.0819 -0.0220 -0.0599"},
        {"1 2 3 --target 0 -t 2", "0 -0.4068 -0.40683814 -0.40683814"}, // (0.18632372 - 1) / 2, rounded
        {"1 2 3 --target 0 -t 0.5", "its gradient by the logits, (probs - one-hot) / T:"},
        {"1 2 5 --temperature 0.1,0.5,1,2,10", "T=0.1 T=0.5 T=1 T=2 T=10", "2 5 1.0000", "0.4147"},
        {"-inf 0 0", "0 -inf 0.0000 0.0000 -inf", "1 0 0.5000 0.5000 -0.6931"},
        {"inf 1 -t 1,2", "inf nan"},
        {"88.5 88.5", "sums above e^88.7 are infinite"},
        {"-- -100 -101 -103", "float32 keeps few digits"},
        {"inf 1", "softmax is undefined if a logit is inf or nan"},
        {"-- -inf -inf", "if all are -inf: both forms give nan."},
        {"1 2 -t 0.001", "above e^88.7"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *out = ok(nomen("softmax %s", cases[i][0]));
        for (size_t k = 1; k < COUNT(cases[i]) && cases[i][k]; k++) expect_line(out, cases[i][k]);
        expect_no_words(out, "-nan");
        ck_assert_uint_lt(strlen(out), 1000);
    }
    expect_no_words(ok(nomen("softmax 1 2 3")), "naive:");
    expect_no_words(ok(nomen("softmax nan 1 --target 0 --jacobian")), "-nan");
    expect_no_words(ok(nomen("softmax -inf 0 0")), "both forms give nan");
    setenv("LC_ALL", "C", 1);
    expect_words(ok(nomen("softmax 1 2 5 -t 0.1,10")), "#");
    setenv("LC_ALL", "C.UTF-8", 1);
    expect_words(ok(nomen("softmax 1 2 5 -t 0.1,10")), "\u2588");
}
END_TEST

START_TEST(softmax_prints_json) {
    cJSON *tree = json_of(ok(nomen("softmax 1 2 3 --json --target 2 --jacobian")));
    ck_assert_double_eq_tol(number_at(tree, "softmax.2"), 0.66524096, 1e-7);
    ck_assert_double_eq_tol(number_at(tree, "loss"), 0.40760596, 1e-7);
    tree = json_of(ok(nomen("softmax 0 1 --json -t 1,2")));
    ck_assert_double_eq_tol(number_at(tree, "softmax.0.1"), 0.7310586, 1e-6); // 1 / (1 + e^-1)
    ck_assert_double_eq_tol(number_at(tree, "softmax.1.1"), 0.6224593, 1e-6); // 1 / (1 + e^-0.5)
    ck_assert(number_at(tree, "temperatures.1") == 2 && !json_find(tree, "naive"));
}
END_TEST

#define NINES "99999999999999999999999999999999999999999999999999"

START_TEST(softmax_refuses_other_words_and_too_many) {
    static const char *const cases[][2] = {
        {"", "expected LOGIT..."},
        {"1 two", "expected a number that float32 holds, or inf, -inf or nan, found \"two\""},
        {"1 1e39", "expected a number that float32 holds, or inf, -inf or nan, found \"1e39\""},
        {"1 2 --temperature 0", "--temperature: expected a number from 0.000001 to 1000000, found \"0\""},
        {"1 2 --temperature -1", "--temperature: expected a number from 0.000001 to 1000000, found \"-1\""},
        {"1 2 --target 2", "--target: expected a class from 0 to 1, found 2"},
        {"1 2 --target 0 -t 1,2", "--target and --jacobian go with one temperature"},
        {"1 2 --jacobian -t 1,2", "--target and --jacobian go with one temperature"},
        {"1 2 -t 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "--temperature: more than 16 of them"},
        {"1 2 -t " NINES NINES NINES,
         "--temperature: expected a number from 0.000001 to 1000000, found \"" NINES NINES NINES "\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("softmax %s", cases[i][0]), 2, "nomen: %s; see nomen softmax --help", cases[i][1]);
}
END_TEST

START_TEST(next_shows_the_distribution_after_a_prefix) {
    const char *run = train_counts("ab\nab\nac\n", 2, 0);
    char *out = ok(nomen("next '%s' --prefix a", run));
    expect_line(out, "context: a");
    expect_line(out, "b 0.6667");
    expect_line(out, "c 0.3333");
    expect_line(ok(nomen("next '%s' -p ab -t 0.5,1", run)), "end . 1.0000");
    expect_line(ok(nomen("next '%s'", run)), "context: .");
    expect_refusal(nomen("next '%s' -p x", run), 1, "nomen: --prefix: \"x\" (U+0078) is not in the model's vocabulary");
    expect_refusal(
        nomen("next '%s' -t 0", run), 2,
        "nomen: --temperature: expected a number from 0.000001 to 1000000, found \"0\"; see nomen next --help");
}
END_TEST

// Letters of equal counts are in the order of the vocabulary, capitals first.
START_TEST(next_shows_the_thirty_likeliest_in_order) {
    char text[256] = "", *at = text;
    for (char c = 'a'; c <= 'z'; c++) at += snprintf(at, 8, "%c\n%c\n", c, c - 'a' + 'A');
    const char *run = train_counts(text, 1, 0);
    char *out = ok(nomen("next '%s'", run));
    expect_line(out, "context: none");
    expect_line(out, "\nend . 0.5000");
    expect_line(out, "and 23 less likely characters");
    const char *a = strstr(out, "\nA "), *b = strstr(out, "\nB "), *z = strstr(out, "\nZ "),
               *small = strstr(out, "\na ");
    ck_assert_msg(a && a < b && b < z && z < small, "%s", out);
    expect_words(ok(nomen("next '%s' --json", run)), "{\"context\":[],");
}
END_TEST

SUITE(cli_softmax, NEEDS_NOTHING) {
    ADD(softmax_prints_tables);
    ADD(softmax_prints_json);
    ADD(softmax_refuses_other_words_and_too_many);
    ADD(next_shows_the_distribution_after_a_prefix);
    ADD(next_shows_the_thirty_likeliest_in_order);
}
