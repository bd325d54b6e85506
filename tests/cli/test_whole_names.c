// Networks that read whole names, through the built program: names longer than their context.
#include "cli/run.h"

#include <math.h>

// Trains on these names with four positions, so that a name of three symbols is the longest that is read whole.
static const char *train_on(const char *names, const char *options) {
    write_text(scratch("names.txt"), names);
    write_json(scratch("c.json"), "%s",
               "{'data': {'path': 'names.txt', 'split': [1]}, 'model': {'context': 4, 'layers': [{'type': 'embedding', "
               "'dim': 4}, {'type': 'gru', 'out': 5}, {'type': 'linear', 'out': 'vocab'}]}, 'train': {'steps': 5}}");
    ok(nomen("train '%s' --run '%s' --force --quiet %s", scratch("c.json"), scratch("run"), options));
    return scratch("run");
}

static double p_of(const char *run, const char *prefix, size_t id) {
    cJSON *next = json_of(ok(nomen("next '%s' --json -p '%s'", run, prefix)));
    return number_at(next, textf("probabilities.0.%zu", id));
}

START_TEST(training_says_how_many_names_are_cut) {
    static const char *const cases[][2] = {
        {"ab\nabc\n", ""},
        {"ab\nabcd\n", "nomen: model.context: 1 name has more than 3 characters and is cut: losses count only "
                       "characters 1 to 4; a context of 5 reads all names whole\n"},
        {"abcdabcd\nab\nabcda\n",
         "nomen: model.context: 2 names have more than 3 characters and are cut: losses count only "
         "characters 1 to 4; a context of 9 reads all names whole\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        train_on(cases[i][0], "");
        Output output = nomen("train '%s' --run '%s' --force --steps 99", scratch("c.json"), scratch("run"));
        ck_assert_str_eq(output.err, cases[i][1]);
    }
}
END_TEST

// The two names have eight targets within four positions: a, d, a, end; and a, d, a, b.
START_TEST(losses_leave_out_what_the_network_does_not_read) {
    const char *run = train_on("ada\nadabcd\n", "");
    double p[] = {p_of(run, "", 1), p_of(run, "a", 4), p_of(run, "ad", 1), p_of(run, "ada", 0), p_of(run, "ada", 2)};
    double nll = -2 * log(p[0] * p[1] * p[2]) - log(p[3]) - log(p[4]);
    Output output = nomen("eval '%s' --json", run);
    cJSON *losses = json_of(output.out);
    expect_words(output.err, "nomen: model.context: 1 name has more than 3 characters and is cut");
    ck_assert_double_eq_tol(number_at(losses, "train.loss"), nll / 8, 1e-6);
    ck_assert_double_eq(number_at(losses, "train.examples"), 8);
}
END_TEST

START_TEST(runs_that_cut_other_names_are_not_compared) {
    const char *run = train_on("ada\nadabcd\n", "");
    ck_assert_int_eq(
        nomen("train '%s' --set model.context=7 --run '%s' --quiet", scratch("c.json"), scratch("r7")).status, 0);
    Output output = nomen("compare '%s' '%s' --json", run, scratch("r7"));
    expect_words(output.out, "were not measured on the same examples: their limits of a name's length differ");
}
END_TEST

START_TEST(a_longer_name_is_not_scored) {
    const char *run = train_on("ada\ndab\n", "");
    write_text(scratch("score.txt"), "adad\nada\n");
    Output output = nomen("score '%s' '%s' --csv", run, scratch("score.txt"));
    expect_words(output.out, "\n1,adad,,,,,\n2,ada,4,");
    ck_assert_str_eq(output.err,
                     textf("nomen: %s: 1 of 2 names cannot be scored; line 1: expected at most 3 characters, the "
                           "longest name that the model reads whole, found 4\n",
                           scratch("score.txt")));
    expect_words(nomen("score '%s' '%s' --per-char", run, scratch("score.txt")).out, "  end .  ");
}
END_TEST

START_TEST(a_longer_prefix_is_refused) {
    const char *run = train_on("ada\ndab\n", "");
    expect_refusal(
        nomen("next '%s' -p dada", run), 1,
        "nomen: --prefix: expected at most 3 characters, the longest name that the model reads whole, found 4");
    expect_refusal(nomen("sample '%s' -p dada", run), 1, "nomen: --prefix: expected fewer than 4 characters, found 4");
    expect_words(ok(nomen("next '%s' -p da", run)), "context: . d a\n");
}
END_TEST

// After one step of training every symbol is about as likely as the end.
START_TEST(a_sampled_name_ends_with_the_context) {
    const char *run = train_on("ada\ndab\n", "--steps 1");
    Output output = nomen("sample '%s' -n 1000", run);
    size_t n_cut = 0, cut;
    for (const char *name = output.out; *name; name = strchr(name, '\n') + 1) {
        ck_assert_uint_le(strcspn(name, "\n"), 4);
        n_cut += strcspn(name, "\n") == 4;
    }
    ck_assert_int_eq(sscanf(output.err, "%*[^\n]\nnomen: %zu name%*[a-z ] cut at 4 characters\n", &cut), 1);
    ck_assert_uint_eq(cut, n_cut);
}
END_TEST

// The likeliest four symbols are all b after training on a name of many.
START_TEST(a_cut_name_is_reported_without_an_end) {
    const char *run = train_on("a\nbbbbbbbbbbbb\n", "--steps 500 2>/dev/null");
    double nll = -log(p_of(run, "", 2) * p_of(run, "b", 2) * p_of(run, "bb", 2) * p_of(run, "bbb", 2)) / 4;
    expect_words(nomen("sample '%s' -n 1 -t 0 -p b --report", run).out, textf("%.4f\tnew\tbbbb\n", nll));
}
END_TEST

// Lockstep draws no end for a name of three symbols, but the model reads one.
START_TEST(a_name_has_the_loss_that_score_gives) {
    const char *run = train_on("ada\ndab\n", "--steps 1");
    char loss[32], name[8], *rows = nomen("sample '%s' -n 20 --method lockstep --report", run).out;
    size_t n_longest = 0;
    for (size_t i = 0; i < 20; i++, rows = strchr(rows, '\n') + 1) {
        if (sscanf(rows, "%31[0-9.]\t%*[a-z]\t%7[a-z]", loss, name) != 2) continue; // blank
        cJSON *score = json_of(shell("echo %s | \"$NOMEN\" score '%s' --json", name, run).out);
        ck_assert_str_eq(loss, textf("%.4f", number_at(score, "all.nll_per_char")));
        n_longest += strlen(name) == 3;
    }
    ck_assert_uint_gt(n_longest, 0);
}
END_TEST

// The width of the table is that of the longest name, and fits a screen.
START_TEST(looking_into_a_transformer) {
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("c.json"), "%s",
               "{'data': {'path': 'names.txt', 'split': [1]}, 'model': {'context': 4, 'layers': [{'type': 'embedding', "
               "'dim': 8}, {'type': 'position'}, {'type': 'residual', 'layers': [{'type': 'layernorm'}, {'type': "
               "'attention', 'heads': 2}, {'type': 'linear', 'out': 8}]}, {'type': 'linear', 'out': 'vocab'}]}, "
               "'train': {'steps': 5}}");
    ok(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")));
    const char *pages[] = {nomen("gradcheck '%s'", scratch("c.json")).out, nomen("diagnose '%s'", scratch("run")).out,
                           nomen("info '%s'", scratch("run")).out};
    static const char *const words[] = {"\nlayers.2.layers.1.weight 8 x 24   ", "\n2.1 attention    4 x 8  ",
                                        "a network that reads names of up to 3 characters,\n"};
    for (size_t i = 0; i < COUNT(pages); i++) {
        expect_words(pages[i], words[i]);
        for (const char *line = pages[i]; *line; line = strchr(line, '\n') + 1)
            ck_assert_msg(strcspn(line, "\n") <= 80, "%s", line);
    }
}
END_TEST

SUITE(cli_whole_names, NEEDS_NOTHING) {
    ADD(training_says_how_many_names_are_cut);
    ADD(losses_leave_out_what_the_network_does_not_read);
    ADD(runs_that_cut_other_names_are_not_compared);
    ADD(a_longer_name_is_not_scored);
    ADD(a_longer_prefix_is_refused);
    ADD(a_sampled_name_ends_with_the_context);
    ADD(a_cut_name_is_reported_without_an_end);
    ADD(a_name_has_the_loss_that_score_gives);
    ADD(looking_into_a_transformer);
}
