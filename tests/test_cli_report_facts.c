// What nomen report's page says of a run: how it was trained, its losses, what is cut or missing.
#include "cli_report.h"

START_TEST(the_page_says_how_it_was_trained) {
    static const char *const cases[][2] = {
        {"--set 'train.lr=[[0,0.2],[50,0.05]]'", "; rate 0.2, from step 50 on 0.05<"},
        {"--set 'train.lr={\"from\":0.2,\"to\":0.01,\"shape\":\"cosine\",\"steps\":100,\"warmup\":10}'",
         "; rate 0.2 to 0.01 along a cosine curve to step 100, after a warm-up of 10<"},
        {"--set 'train.lr={\"from\":0.2,\"to\":0.01,\"shape\":\"linear\",\"steps\":100}'",
         "; rate 0.2 to 0.01 along a linear curve to step 100<"},
        {"--set 'train.batch_size=\"all\"'", "100 steps with the whole train split, by sgd; rate 0.1<"},
        {"--set train.lr=0 --set train.early_stop.patience=1 --steps 200",
         "after 100 of 200 steps (early stop: the dev loss no longer fell)."},
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

SUITE(cli_report_facts, NEEDS_NOTHING) {
    ADD(the_page_says_how_it_was_trained);
    ADD(a_page_without_names_has_the_losses_that_were_measured);
    ADD(long_names_and_vocabularies_are_cut);
    ADD(pictures_that_counts_have_not_are_said);
}
