// What nomen report's page says of a run: how it was trained, its losses, what is cut or missing.
#include "cli/report.h"

START_TEST(the_page_says_how_it_was_trained) {
    static const char *const cases[][2] = {
        {"--set 'train.lr=[[0,0.2],[50,0.05]]'", "; rate 0.2, from step 50 on 0.05<"},
        {"--set 'train.lr={\"from\":0.2,\"to\":0.01,\"shape\":\"cosine\",\"steps\":100,\"warmup\":10}'",
         "; rate 0.2 to 0.01 along a cosine curve to step 100, after a warm-up of 10<"},
        {"--set 'train.lr={\"from\":0.2,\"to\":0.01,\"shape\":\"linear\",\"steps\":100}'",
         "; rate 0.2 to 0.01 along a linear curve to step 100<"},
        {"--set 'train.batch_size=\"all\"'", "100 steps with the whole train split, by sgd; rate 0.1<"},
        {"--set train.lr=0 --set train.early_stop.patience=1 --steps 200",
         "after 100 of 200 steps (early stop: 1 evaluation without a gain in dev loss)."},
        {"--set data.split=[1]", "<dt>train loss</dt>"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char options[256];
        snprintf(options, sizeof options, "--steps 100 --quiet --force %s", cases[i][0]);
        Output output = train("run", options);
        ck_assert_msg(output.status == 0, "%s", output.err);
        expect_part(report(scratch("run")), cases[i][1]);
    }
    // A run that is called as its config says so once.
    ck_assert_int_eq(train("c", "--steps 10 --quiet").status, 0);
    ck_assert_ptr_null(strstr(report(scratch("c")), "Its config is called"));
}
END_TEST

// Of the last weights, whose loss metrics.csv has with fewer digits, and of those before.
START_TEST(the_page_knows_whether_its_weights_are_the_best) {
    for (int steps = 50; steps <= 600; steps += 50) {
        char options[128];
        snprintf(options, sizeof options, "--steps %d --quiet --force", steps);
        ck_assert_int_eq(train("run", options).status, 0);
        SafeTensors last = read_model(scratch("run"), "model.safetensors");
        SafeTensors best = read_model(scratch("run"), "best.safetensors");
        size_t n, n_best;
        float *x = tensor_floats(&last, "layers.2.weight", &n), *y = tensor_floats(&best, "layers.2.weight", &n_best);
        bool is_best = n == n_best && memcmp(x, y, n * sizeof *x) == 0;
        free(x), free(y);
        const char *page = report(scratch("run"));
        ck_assert_msg((strstr(page, "They are also the best that were measured") != NULL) == is_best, "%d steps",
                      steps);
        ck_assert_int_eq(strstr(page, "belongs to the weights in best.safetensors") != NULL, !is_best);
    }
}
END_TEST

// Without its names the page has what was measured, of the parts there were.
START_TEST(a_page_without_names_has_the_losses_that_were_measured) {
    ck_assert_int_eq(train("run", "--steps 100 --quiet --set data.split=[1]").status, 0);
    const char *run = scratch("run");
    ck_assert_int_eq(remove(scratch("names.txt")), 0);
    ck_assert_int_eq(nomen("report '%s' --no-plots", run).status, 0);
    const char *page = read_text(inside(run, "report.html"), NULL);
    expect_part(page, "As measured while it trained, at step 100.");
    expect_part(page, "<dt>train loss</dt>");
    ck_assert_ptr_null(strstr(page, "<th scope=\"row\">dev</th>"));
    ck_assert_int_eq(remove(inside(run, "metrics.csv")), 0);
    ck_assert_int_eq(nomen("report '%s' --no-plots", run).status, 0);
    page = read_text(inside(run, "report.html"), NULL);
    expect_part(page, "No losses: the run has none measured, and its names are not here.");
    ck_assert_ptr_null(strstr(page, "<dt>perplexity</dt>"));
}
END_TEST

// Two thousand symbols that are all as likely: a name has no end, and the lists are cut.
START_TEST(long_names_and_vocabularies_are_cut) {
    char names[2000 * 4 + 1], *at = names;
    for (uint32_t c = 0x4E00; c < 0x4E00 + 2000; c++) {
        at += utf8_encode(c, at);
        if (c % 500 == 499) *at++ = '\n';
    }
    *at = '\0';
    const char *page = report(make_counts(names, "\"ngram\":2,\"smoothing\":1000"));
    expect_part(page, "</bdi>&hellip;</td>");
    expect_part(page, "</bdi> and 1800 more<");
}
END_TEST

START_TEST(pictures_that_counts_have_not_are_said) {
    const char *run = make_counts("ada\nbob\n", "\"ngram\":2,\"smoothing\":1");
    Output output = nomen("report '%s'", run);
    ck_assert_str_eq(output.err, "");
    const char *page = read_text(inside(run, "report.html"), NULL);
    expect_part(page, "<details><summary>Pictures that this run has not</summary>\n<ul>\n"
                      "<li>loss: counts are not trained step by step</li>\n");
    ck_assert_ptr_null(strstr(page, "<li>compare"));
}
END_TEST

// A name that was cut at a hundred characters where none may end has no finite score.
START_TEST(a_name_that_cannot_be_is_infinitely_unlikely) {
    char names[604] = "";
    memset(names, 'a', 602);
    names[300] = names[601] = '\n';
    names[299] = names[600] = 'b';
    names[602] = '\0';
    const char *page = report(make_counts(names, "\"ngram\":2,\"smoothing\":0"));
    expect_part(page, "&hellip;</td><td>&infin;</td><td class=\"where\">new</td>");
}
END_TEST

// A model file on a page, from the directory where its names are.
static const char *report_in_scratch(const char *copy, const char *options) {
    Output output =
        nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && \"$N\" report '%s' "
              "--no-plots --out page.html %s",
              scratch("."), copy, options);
    ck_assert_str_eq(output.err, "");
    return read_text(scratch("page.html"), NULL);
}

START_TEST(long_training_is_told_in_minutes) {
    static const struct {
        double seconds;
        const char *words;
    } cases[] = {{119.94, "<dd>119.9 s</dd>"}, {120, "<dd>2 min</dd>"}, {86400, "<dd>1440 min</dd>"}};
    const char *run = make_run();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *page = report_in_scratch(with_data(run, "state.seconds", &cases[i].seconds), "--data names.txt");
        expect_part(page, cases[i].words);
        expect_part(page, "trained on 12 names of <bdi>names.txt</bdi>.");
    }
}
END_TEST

// The weights have losses, by the running figures; the batch of a step has no spread to divide by.
START_TEST(a_step_that_cannot_be_made_is_said) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("c.json"),
               "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"context\":1,\"layers\":[{\"type\":"
               "\"embedding\",\"dim\":2},{\"type\":\"batchnorm\",\"eps\":0},{\"type\":\"linear\",\"out\":\"vocab\"}]},"
               "\"train\":{\"steps\":20}}");
    ck_assert_str_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")).err, "");
    const char *page = report_in_scratch(with_numbers(scratch("run"), "layers.0.weight", 0, 0), "");
    expect_part(page, "<p class=\"note\">");
    expect_part(page, "model.layers[1] (batchnorm) meets a channel that is the same for every row");
    ck_assert_ptr_null(strstr(page, "Outputs of each layer"));
}
END_TEST

SUITE(cli_report_facts, NEEDS_NOTHING) {
    ADD(the_page_says_how_it_was_trained);
    ADD(the_page_knows_whether_its_weights_are_the_best);
    ADD(a_page_without_names_has_the_losses_that_were_measured);
    ADD(long_names_and_vocabularies_are_cut);
    ADD(pictures_that_counts_have_not_are_said);
    ADD(a_name_that_cannot_be_is_infinitely_unlikely);
    ADD(long_training_is_told_in_minutes);
    ADD(a_step_that_cannot_be_made_is_said);
}
