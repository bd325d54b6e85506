// nomen softmax and nomen next, through the built program.
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Fails unless the output holds these words in a line, whatever spaces part them.
static void expect_line(const char *out, const char *words) {
    char *squeezed = strdup(out), *to = squeezed;
    for (const char *at = out; *at; at++)
        if (*at != ' ' || at[1] != ' ') *to++ = *at;
    *to = '\0';
    bool found = strstr(squeezed, words) != NULL;
    free(squeezed);
    ck_assert_msg(found, "no \"%s\" in:\n%s", words, out);
}

static char *ok(Output output) {
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_str_eq(output.err, "");
    return output.out;
}

START_TEST(softmax_shows_naive_and_stable_side_by_side) {
    char *out = ok(nomen("softmax 1000 1001 1002"));
    expect_line(out, "0 1000 nan 0.0900 -2.4076 -2.40760596");
    expect_line(out, "1 1001 nan 0.2447 -1.4076 -1.40760596");
    expect_line(out, "2 1002 nan 0.6652 -0.4076 -0.40760596");
    expect_line(out, "inf/inf is nan");
    out = ok(nomen("softmax -1000 -999 -998"));
    expect_line(out, "0 -1000 nan 0.0900 -2.4076 -2.40760596");
    expect_line(out, "0/0 is nan");
    out = ok(nomen("softmax 1 2 3"));
    expect_line(out, "2 3 0.6652 0.6652 -0.4076 -0.40760596");
    ck_assert_ptr_null(strstr(out, "naive:"));
    out = ok(nomen("softmax 2.0 1.0 0.1"));
    expect_line(out, "0 2 0.6590 0.6590");
    expect_line(out, "1 1 0.2424 0.2424");
    expect_line(out, "2 0.1 0.0986 0.0986");
    expect_line(ok(nomen("softmax 2.1 0.5 1.8")), "likeliest: class 0, at 0.5147");
}
END_TEST

START_TEST(softmax_shows_the_loss_and_three_gradients) {
    char *out = ok(nomen("softmax 1 2 3 --target 0 --jacobian"));
    expect_line(out, "loss of class 0: 2.4076, in double 2.40760596");
    expect_line(out, "0 -0.9100 -0.90996943 -0.90996943");
    expect_line(out, "1 0.2447 0.24472847 0.24472847");
    expect_line(out, "0 0.0819 -0.0220 -0.0599");
    out = ok(nomen("softmax 1 2 3 --target 0 --temperature 2"));
    expect_line(out, "0 -0.4068 -0.40683814 -0.40683814"); // (0.18632372 - 1) / 2, rounded
}
END_TEST

START_TEST(softmax_draws_bars_for_several_temperatures) {
    char *out = ok(nomen("softmax 1 2 5 --temperature 0.1,0.5,1,2,10"));
    expect_line(out, "T=0.1 T=0.5 T=1 T=2 T=10");
    expect_line(out, "2 5 1.0000");
    expect_line(out, "0.4147");
    setenv("LC_ALL", "C", 1);
    ck_assert_ptr_nonnull(strchr(ok(nomen("softmax 1 2 5 -t 0.1,10")), '#'));
    setenv("LC_ALL", "C.UTF-8", 1);
    ck_assert_ptr_nonnull(strstr(ok(nomen("softmax 1 2 5 -t 0.1,10")), "\u2588"));
}
END_TEST

START_TEST(softmax_says_why_and_never_prints_without_end) {
    expect_line(ok(nomen("softmax 88.5 88.5")), "the sum of the powers is infinite");
    expect_line(ok(nomen("softmax -- -100 -101 -103")), "keeps few of their digits");
    expect_line(ok(nomen("softmax inf 1")), "has no softmax");
    expect_line(ok(nomen("softmax -- -inf -inf")), "nothing but -inf, has no softmax: both forms give nan.");
    expect_line(ok(nomen("softmax 1 2 -t 0.001")), "above e^88.7");
    char *out = ok(nomen("softmax inf 1 -t 1,2"));
    expect_line(out, "inf nan");
    ck_assert_uint_lt(strlen(out), 300);
    ck_assert_ptr_null(strstr(ok(nomen("softmax nan 1 --target 0 --jacobian")), "-nan"));
    const char *path = scratch("nul");
    write_bytes(path, "1 \0 2", 5);
    ck_assert_int_eq(nomen("softmax <'%s'", path).status, 2);
}
END_TEST

START_TEST(softmax_reads_standard_input_and_prints_json) {
    const char *path = scratch("logits");
    write_text(path, "1, 2\n3\t");
    char *arguments = ok(nomen("softmax 1 2 3 --json --target 2 --jacobian"));
    ck_assert_str_eq(ok(nomen("softmax --json --target 2 --jacobian <'%s'", path)), arguments);
    write_text(path, "\n1 2,3"); // not a line whose end is marked
    ck_assert_str_eq(ok(nomen("softmax --json --target 2 --jacobian <'%s'", path)), arguments);
    double p[3], loss;
    ck_assert_int_eq(sscanf(strstr(arguments, "\"softmax\":["), "\"softmax\":[%lf,%lf,%lf]", &p[0], &p[1], &p[2]), 3);
    ck_assert_double_eq_tol(p[2], 0.66524096, 1e-7);
    ck_assert_int_eq(sscanf(strstr(arguments, "\"loss\":"), "\"loss\":%lf", &loss), 1);
    ck_assert_double_eq_tol(loss, 0.40760596, 1e-7);
}
END_TEST

#define NINES "99999999999999999999999999999999999999999999999999"

START_TEST(softmax_refuses_what_it_cannot_take) {
    static const char *const cases[][2] = {
        {"", "no logits; give them as LOGIT... or on standard input"},
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
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refusal(nomen("softmax %s", cases[i][0]), 2, "nomen: %s; see nomen softmax --help", cases[i][1]);
}
END_TEST

// n bytes and a NUL, the words over and over.
static char *scratch_of(size_t n, const char *words) {
    char *text = malloc(n + 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < n; i++) text[i] = words[i % strlen(words)];
    text[n] = '\0';
    return text;
}

START_TEST(softmax_takes_what_is_infinite_as_it_is) {
    char *out = ok(nomen("softmax -inf 0 0"));
    expect_line(out, "0 -inf 0.0000 0.0000 -inf");
    expect_line(out, "1 0 0.5000 0.5000 -0.6931");
    ck_assert_ptr_null(strstr(out, "both forms give nan"));
    ck_assert_ptr_nonnull(strstr(ok(nomen("softmax inf 0")), "both forms give nan"));
    expect_line(ok(nomen("softmax 1 2 3 --target 0 -t 0.5")), "its gradient by the logits, (probs - one-hot) / T:");
}
END_TEST

START_TEST(softmax_json_of_several_temperatures_is_a_list_of_lists) {
    double p[4];
    char *out = ok(nomen("softmax 0 1 --json -t 1,2"));
    const char *at = strstr(out, "\"softmax\":[[");
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(sscanf(at, "\"softmax\":[[%lf,%lf],[%lf,%lf]]", &p[0], &p[1], &p[2], &p[3]), 4);
    ck_assert_double_eq_tol(p[1], 0.7310586, 1e-6); // 1 / (1 + e^-1)
    ck_assert_double_eq_tol(p[3], 0.6224593, 1e-6); // 1 / (1 + e^-0.5)
    ck_assert(strstr(out, "\"temperatures\":[1,2]") && !strstr(out, "naive"));
}
END_TEST

START_TEST(softmax_says_what_it_cannot_read) {
    write_text(scratch("empty"), "");
    expect_refusal(nomen("softmax <'%s'", scratch("empty")), 2,
                   "nomen: no logits; give them as LOGIT... or on standard input; see nomen softmax --help");
    expect_refusal(nomen("softmax <'%s'", scratch(".")), 1,
                   "nomen: standard input: expected a file, found a directory");
    char *many = scratch_of(2 * 4097, "1 ");
    write_text(scratch("many"), many);
    expect_refusal(nomen("softmax <'%s'", scratch("many")), 2,
                   "nomen: more than 4096 logits; see nomen softmax --help");
    many[2 * 65] = '\0';
    write_text(scratch("many"), many);
    expect_refusal(nomen("softmax --jacobian <'%s'", scratch("many")), 2,
                   "nomen: --jacobian: expected at most 64 logits, found 65; see nomen softmax --help");
    free(many);
}
END_TEST

START_TEST(next_shows_the_distribution_after_a_prefix) {
    const char *names = scratch("names.txt"), *config = scratch("c.json"), *run = scratch("run");
    write_text(names, "ab\nab\nac\n");
    write_text(config, "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"ngram\":2,\"smoothing\":0}}");
    ok(nomen("train '%s' --run '%s' --quiet", config, run));
    char *out = ok(nomen("next '%s' --prefix a", run));
    expect_line(out, "context: a");
    expect_line(out, "b 0.6667");
    expect_line(out, "c 0.3333");
    out = ok(nomen("next '%s' -p ab -t 0.5,1", run));
    expect_line(out, "end . 1.0000");
    expect_line(ok(nomen("next '%s'", run)), "context: .");
    expect_refusal(nomen("next '%s' -p x", run), 1, "nomen: --prefix: \"x\" (U+0078) is not in the model's vocabulary");
    expect_refusal(
        nomen("next '%s' -t 0", run), 2,
        "nomen: --temperature: expected a number from 0.000001 to 1000000, found \"0\"; see nomen next --help");
}
END_TEST

// Counts that are all alike: the order of the symbols, and no more than thirty.
START_TEST(next_cuts_a_long_list_and_keeps_the_order_of_what_is_alike) {
    const char *names = scratch("names.txt"), *config = scratch("c.json"), *run = scratch("run");
    char text[256] = "", *at = text;
    for (char c = 'a'; c <= 'z'; c++) at += snprintf(at, 8, "%c\n%c\n", c, c - 'a' + 'A');
    write_text(names, text);
    write_text(config, "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"ngram\":1,\"smoothing\":0}}");
    ok(nomen("train '%s' --run '%s' --quiet", config, run));
    char *out = ok(nomen("next '%s'", run));
    expect_line(out, "context: none");
    expect_line(out, "and 23 less likely characters");
    // Half of all are ends; of the letters, capitals have the lower codes.
    ck_assert(strstr(out, "\nend .") || strstr(out, " 0.5000"));
    const char *a = strstr(out, "\nA "), *b = strstr(out, "\nB "), *z = strstr(out, "\nZ "),
               *small = strstr(out, "\na ");
    ck_assert_msg(a && a < b && b < z && z < small, "%s", out);
    ck_assert_ptr_nonnull(strstr(ok(nomen("next '%s' --json", run)), "{\"context\":[],"));
}
END_TEST

SUITE(cli_softmax, NEEDS_NOTHING) {
    ADD(softmax_shows_naive_and_stable_side_by_side);
    ADD(softmax_shows_the_loss_and_three_gradients);
    ADD(softmax_draws_bars_for_several_temperatures);
    ADD(softmax_says_why_and_never_prints_without_end);
    ADD(softmax_reads_standard_input_and_prints_json);
    ADD(softmax_refuses_what_it_cannot_take);
    ADD(softmax_takes_what_is_infinite_as_it_is);
    ADD(softmax_json_of_several_temperatures_is_a_list_of_lists);
    ADD(softmax_says_what_it_cannot_read);
    ADD(next_shows_the_distribution_after_a_prefix);
    ADD(next_cuts_a_long_list_and_keeps_the_order_of_what_is_alike);
}
