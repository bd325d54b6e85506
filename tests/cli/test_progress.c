// What training prints at terminals of all kinds, in a pipe, and at its end.
#include "cli/run.h"
#include "cli/terminal_run.h"

// Three evaluations.
#define SHORT                                                                                        \
    "train c.json --run r --force --steps 5000 --set train.eval_every=2000 --set train.log_every=50" \
    " --set train.checkpoint_every=5000"

// Returns the line of the screen that begins with `words`, without its newline.
static const char *line_with(const char *screen, const char *words) {
    const char *at = screen;
    while (at && strncmp(at, words, strlen(words)) != 0) at = (at = strchr(at, '\n')) ? at + 1 : NULL;
    ck_assert_msg(at, "no line begins with \"%s\" in:\n%s", words, screen);
    return textf("%.*s", (int)strcspn(at, "\n"), at);
}

static TerminalRun run_at_terminal(unsigned short columns, const char *settings, const char *words) {
    TerminalRun run = nomen_at_terminal(columns, 0, settings, words);
    ck_assert_msg(run.status == 0 && run.column == 0, "%d: %s", run.status, run.screen);
    return run;
}

START_TEST(no_status_line_is_wider_than_the_terminal) {
    static const unsigned short widths[] = {20, 40, 80, 200};
    static const char *const locales[] = {"LC_ALL=C", "LC_ALL=C.UTF-8"};
    write_config();
    for (size_t i = 0; i < COUNT(widths); i++) {
        // At so low a rate the last weights are the best.
        TerminalRun run = run_at_terminal(widths[i], locales[i % 2], SHORT " --set train.lr=0.0005");
        ck_assert_msg((run.n_wraps == 0 || widths[i] < 80) && run.n_renewed >= 1, "at %d columns:\n%s", widths[i],
                      run.screen);
        const char *line = line_with(run.screen, "100%");
        expect_words(line, "  loss ");
        ck_assert_uint_le(utf8_count(line, strlen(line)), (size_t)widths[i] - 3);
        if (widths[i] < 80) continue;
        expect_words(line, "  dev ");
        expect_words(line, " steps/s");
        expect_words(run.screen, "step 2000/5000");
        expect_words(run.screen, "next: nomen sample r\n");
    }
    run_at_terminal(3, "LC_ALL=C", SHORT);
    TerminalRun run = run_at_terminal(80, "", SHORT " --seeds 2 --run g");
    ck_assert_msg(run.n_wraps == 0, "%s", run.screen);
    expect_words(run.screen, "seed 2147483648  train ");
    expect_words(run.bytes, "of 2 runs done");
}
END_TEST

START_TEST(blocks_and_colors_follow_the_environment) {
    static const struct {
        const char *settings;
        bool has_color, has_blocks;
    } cases[] = {
        {"-u NO_COLOR LC_ALL=C.UTF-8", true, true},
        {"NO_COLOR=1 LC_ALL=C.UTF-8", false, true},
        {"NO_COLOR= LC_ALL=C", true, false},
        {"NO_COLOR=0 LC_ALL= LC_CTYPE= LANG=", false, false},
    };
    write_config();
    for (size_t i = 0; i < COUNT(cases); i++) {
        TerminalRun run = run_at_terminal(80, cases[i].settings, SHORT);
        ck_assert_int_eq(strstr(run.bytes, "\033[36m") != NULL, cases[i].has_color);
        ck_assert_int_eq(strstr(run.bytes, "\033[m") != NULL, cases[i].has_color);
        ck_assert_int_eq(strstr(run.bytes, "\u2581") != NULL, cases[i].has_blocks);
    }
}
END_TEST

static void expect_plain_lines(const char *text) {
    for (const char *at = text; *at; at++)
        ck_assert_msg(*at == '\n' || (*at >= ' ' && *at < 127), "%02x is in:\n%s", (unsigned)(unsigned char)*at, text);
    expect_words(text, "\nstep 0/5000   0%  loss ");
    expect_words(text, "\nstep 250/5000   5%  loss ");
    expect_words(text, "\nstep 2000/5000  40%  loss ");
}

START_TEST(a_pipe_and_a_dumb_terminal_get_plain_lines) {
    static const char *const settings[] = {"TERM=dumb", "-u TERM", "TERM="};
    write_config();
    expect_plain_lines(nomen_in_scratch(SHORT).out);
    for (size_t i = 0; i < COUNT(settings); i++) {
        TerminalRun run = run_at_terminal(80, settings[i], SHORT);
        ck_assert_uint_eq(run.n_renewed, 0);
        ck_assert_ptr_null(strchr(run.bytes, '\033'));
        expect_plain_lines(run.screen);
    }
}
END_TEST

START_TEST(counts_and_quiet_have_no_status_line) {
    write_config();
    write_text(scratch("n.json"), "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": {\"ngram\": 2}}");
    TerminalRun run = run_at_terminal(80, "", "train n.json --run r");
    ck_assert_uint_eq(run.n_renewed, 0);
    expect_words(run.screen, "\ntrain ");
    ck_assert_ptr_null(strstr(run.screen, "step "));
    ck_assert_str_eq(run_at_terminal(80, "", SHORT " --quiet").bytes, "");
}
END_TEST

START_TEST(an_error_is_on_a_line_of_its_own) {
    static const char failing[] =
        SHORT " --set 'train.lr=[[0,0.1],[4000,1e30]]' --set 'model.layers[3]={\"type\":\"relu\"}'";
    write_config();
    TerminalRun run = nomen_at_terminal(200, 3, "", "train c.json --run r --set train.log_every=1000");
    ck_assert(run.status == 130 && run.column == 0 && run.n_wraps == 0);
    expect_words(line_with(run.screen, "nomen: stopped at step "), "nomen train r/config.json --run r --resume");
    run = nomen_at_terminal(300, 0, "", failing);
    ck_assert(run.status == 1 && run.column == 0);
    expect_words(line_with(run.screen, "nomen: r: step "), "is not finite");
}
END_TEST

// Losses of 10^69 and 10^31, which are finite all the same.
#define LARGE                                                                                \
    "--steps 200 --set train.eval_every=50 --set train.lr=0 --set train.l2_mean=1e10 --set " \
    "'model.layers[4].weight={\"normal\":1e30}'"

START_TEST(large_losses_have_an_exponent) {
    const char *out = train("r", LARGE).out;
    expect_words(line_with(out, "step 50/200  25%"), "e+");
    expect_words(line_with(out, "train "), "e+");
    expect_words(nomen("info '%s'", scratch("r")).out, "e+");
    for (const char *row = nomen("eval '%s'", scratch("r")).out; *row; row = strchr(row, '\n') + 1)
        ck_assert_uint_eq(strcspn(row, "\n"), 42);
}
END_TEST

// Sixteen names are soon learnt by heart, so that the dev loss is lowest early.
START_TEST(the_summary_says_which_step_was_best) {
    write_config();
    TerminalRun run = run_at_terminal(80, "", SHORT " --steps 2000 --set train.eval_every=500");
    const char *line = line_with(run.screen, "train ");
    double best, last;
    unsigned long long step;
    ck_assert_msg(sscanf(line, "train %*f  dev %lf  best dev %lf  (step %llu)  after ", &last, &best, &step) == 3, "%s",
                  line);
    SafeTensors model = read_model(scratch("r"), "best.safetensors");
    Error err;
    ck_assert_str_eq(safetensors_text(&model, "step", &err), textf("%llu", step));
    double lowest = number_at(json_of(ok(nomen("eval '%s/best.safetensors' --json", scratch("r")))), "dev.loss");
    ck_assert_double_eq_tol(best, lowest, 5.1e-5);
    ck_assert_double_gt(last, best);
    expect_words(run.screen, "\nin r: model.safetensors, best.safetensors, metrics.csv, config.json\n");
    expect_words(run.screen, "\nnext: nomen sample r/best.safetensors\n");
    run = run_at_terminal(80, "", SHORT " --steps 2000 --set train.eval_every=500 --seeds 1 --run s");
    expect_words(run.screen, "\nnext: nomen compare s\n");
    run = run_at_terminal(80, "", SHORT " --steps 2000 --set train.lr=0.001");
    expect_words(run.screen, "\nnext: nomen sample r\n");
    run = run_at_terminal(80, "", SHORT " --set data.split=[1]");
    expect_words(run.screen, "\nin r: model.safetensors, metrics.csv, config.json\n");
    ck_assert(!strstr(run.screen, "dev") && !exists(scratch("r/best.safetensors")));
}
END_TEST

SUITE(cli_progress, NEEDS_NOTHING) {
    ADD(no_status_line_is_wider_than_the_terminal);
    ADD(blocks_and_colors_follow_the_environment);
    ADD(a_pipe_and_a_dumb_terminal_get_plain_lines);
    ADD(counts_and_quiet_have_no_status_line);
    ADD(an_error_is_on_a_line_of_its_own);
    ADD(large_losses_have_an_exponent);
    ADD(the_summary_says_which_step_was_best);
}
