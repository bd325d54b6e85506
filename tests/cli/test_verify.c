// nomen verify and the block `expect`, through the built program.
#include "cli/config.h"

#define EXPECT(block) ", 'expect': " block

// A config that trains three steps, with this block.
static const char *expecting(const char *block) {
    static char more[JSON_BYTES];
    snprintf(more, sizeof more, ", 'expect': %s", block);
    return config_with("", "3", LAYERS, "", more);
}

// The losses of the three steps and of the end, as the program itself finds them, and the block that expects them.
static const char *own_figures(void) {
    const char *path = config_with("", "3", LAYERS, ", 'log_every': 1", "");
    ck_assert_int_eq(train(path, "--quiet").status, 0);
    const char *row = strchr(read_text(scratch("run/metrics.csv"), NULL), '\n') + 1;
    double losses[3], train_loss, dev_loss;
    for (size_t i = 0; i < 3; i++, row = strchr(row, '\n') + 1)
        ck_assert_int_eq(sscanf(row, "%*u,%*g,%lg,", &losses[i]), 1);
    ck_assert_int_eq(sscanf(row, "3,%*g,,%lg,%lg", &train_loss, &dev_loss), 2);
    char *names = nomen("sample '%s' -n 2", scratch("run")).out, *second = strchr(names, '\n') + 1;
    second[-1] = '\0';
    second[strlen(second) - 1] = '\0';
    static char block[1024];
    snprintf(block, sizeof block,
             "{'parameters': '289', 'loss': {'0': '%.4f', '2': '%.6f'}, 'train_loss': '%.5f', 'dev_loss': '%.3e', "
             "'data': {'names': '10', 'symbols': '17', 'dev': '4'}, 'samples': {'race': ['%s', '%s']}}",
             losses[0], losses[2], train_loss, dev_loss, names, second);
    return block;
}

START_TEST(figures_that_agree_are_listed_and_counted) {
    const char *path = expecting(own_figures());
    Output output = nomen("verify '%s'", path);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_nonnull(strstr(output.out, "  9 figures: 9 agree\n"));
    ck_assert_ptr_nonnull(strstr(output.out, "  minibatch loss, step 2"));
    ck_assert_ptr_null(strstr(output.out, "OFF"));
    ck_assert(!exists(scratch("runs")) && !exists("runs/c"));
    for (const char *line = output.out; *line; line = strchr(line, '\n') + 1)
        ck_assert_int_le((int)strcspn(line, "\n"), line == output.out ? 1000 : 79); // the first is the path
}
END_TEST

START_TEST(a_figure_that_is_off_fails) {
    const char *path = expecting("{'parameters': '290', 'loss': {'0': '9.9'}, 'samples': {'inverse': ['no']}, "
                                 "'unmet': {'why': 'for reasons of its own', 'train_loss': '0.5'}}");
    Output output = nomen("verify '%s'", path);
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(
        strstr(output.out, "  parameters                                   290             289  OFF\n"));
    ck_assert_ptr_nonnull(strstr(output.out, " unmet\n  for reasons of its own\n"));
    ck_assert_str_eq(output.err, "nomen: 3 of the expected figures are off\n");
    output = nomen("verify '%s' --quick", expecting("{'parameters': '290'}"));
    ck_assert_str_eq(output.err, "nomen: 1 of the expected figures is off\n");
}
END_TEST

// 0.6 units of the last decimal: 289 parameters within 0.6 of a unit of 1, of 0.1, of 10^1.
START_TEST(the_last_printed_decimal_says_how_exact_a_figure_is) {
    static const struct {
        const char *figure;
        bool agrees;
    } cases[] = {{"289", true},      {"289.0", true},  {"289.05", false}, {"289.1", false},
                 {"2.89e2", true},   {"2.9e2", true},  {"2.890e2", true}, {"2.8e+02", false},
                 {"288", false},     {"288.5", false}, {"3e2", true},     {"0.289e3", true},
                 {"28.85e1", false}, {"-289", false},  {"28.9E1", true},  {"28.94e1", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char block[128];
        snprintf(block, sizeof block, "{'parameters': '%s'}", cases[i].figure);
        Output output = nomen("verify '%s'", expecting(block));
        ck_assert_msg(output.status == (cases[i].agrees ? 0 : 1), "%s: %s%s", cases[i].figure, output.out, output.err);
    }
}
END_TEST

START_TEST(quick_leaves_out_what_takes_more_than_1001_steps) {
    const char *path =
        write_config("{'data': {'path': 'names.txt'}, 'model': {'context': 3, 'layers': [" EMBEDDING ", " FLATTEN
                     ", " VOCAB "]}, 'train': {'steps': 1002, 'batch_size': 4}, 'expect': {'loss': {'1000': '99', "
                     "'1001': '99'}, 'train_loss': '99', 'samples': {'race': ['x']}}}");
    Output output = nomen("verify '%s' --quick", path);
    ck_assert_ptr_nonnull(strstr(output.out, "4 figures: 0 agree, 1 off, 3 left out (more than 1,001 steps)\n"));
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(nomen("verify '%s'", path).out, "4 figures: 0 agree, 4 off\n"));
}
END_TEST

static const Refused BAD_BLOCKS[] = {
    {"{}", "expect: nothing is expected, so there is nothing to verify; see the README for its keys"},
    {"{'unmet': {'why': 'nothing'}}",
     "expect: nothing is expected, so there is nothing to verify; see the README for its keys"},
    {"[]", "expect: expected an object, found []"},
    {"{'los': {'0': '1'}}", "expect.los: unknown key; did you mean \"loss\"?"},
    {"{'figure': '1'}", "expect.figure: unknown key; the keys here are data, parameters, untrained, loss, train_loss, "
                        "dev_loss, test_loss, diagnostics, samples, unmet"},
    {"{'data': {'words': '3'}}", "expect.data.words: unknown key; the keys here are names, symbols, train, dev, test"},
    {"{'counts': {'ab': '3'}}", "expect.counts: unknown key; the keys here are data, parameters, untrained, loss, "
                                "train_loss, dev_loss, test_loss, diagnostics, samples, unmet"},
    {"{'loss': {'3': '1'}}", "expect.loss.3: the run has 3 steps, so its last minibatch is that of step 2"},
    {"{'parameters': '1', 'unmet': {'dev_loss': '2'}}",
     "expect.unmet.why: expected what keeps these figures from being met, found nothing"},
    {"{'unmet': {'why': 'x', 'loss': {'7': '1'}}}",
     "expect.unmet.loss.7: the run has 3 steps, so its last minibatch is that of step 2"},
    {"{'loss': {'one': '1'}}", "expect.loss.one: expected a step, a whole number from 0 to 2"},
    {"{'loss': {'-1': '1'}}", "expect.loss.-1: expected a step, a whole number from 0 to 2"},
    {"{'loss': {'0': 2.5}}",
     "expect.loss.0: expected a number as a string, such as \"2.1070\" (a trailing zero counts), found 2.5"},
    {"{'loss': {'0': '2,5'}}",
     "expect.loss.0: expected a number as a string, such as \"2.1070\" (a trailing zero counts), found \"2,5\""},
    {"{'loss': '2.5'}", "expect.loss: expected an object with a number as a string for each key, found \"2.5\""},
    {"{'dev_loss': true}",
     "expect.dev_loss: expected a number as a string, such as \"2.1070\" (a trailing zero counts), found true"},
    {"{'dev_loss': null}",
     "expect.dev_loss: expected a number as a string, such as \"2.1070\" (a trailing zero counts), found null"},
    {"{'dev_loss': '1e400'}",
     "expect.dev_loss: expected a number as a string, such as \"2.1070\" (a trailing zero counts), found \"1e400\""},
    {"{'dev_loss': '0e999'}",
     "expect.dev_loss: expected a number as a string, such as \"2.1070\" (a trailing zero counts), found \"0e999\""},
    {"{'diagnostics': {'layers.2.weight.saturated': '0'}}",
     "expect.diagnostics.layers.2.weight.saturated: no such figure; they are called as layers.4.std or "
     "layers.2.weight.grad_to_data, layers counted from 0, as nomen diagnose --csv lists them"},
    {"{'unmet': {'dev_loss': '2', 'why': ''}}",
     "expect.unmet.why: expected what keeps these figures from being met, found nothing"},
    {"{'loss': {'0': '1'}, 'unmet': {'why': 'x', 'untrained': {'zoe': '1'}}}",
     "expect.unmet.untrained.zoe: \"z\" (U+007A) is not in the model's vocabulary"},
    {"{'loss': {'01': '1'}}", "expect.loss.01: expected a step, a whole number from 0 to 2"},
    {"{'diagnostics': {'layers.0.saturated': '0'}}",
     "expect.diagnostics.layers.0.saturated: no such figure; they are called as layers.4.std or "
     "layers.2.weight.grad_to_data, layers counted from 0, as nomen diagnose --csv lists them"},
    {"{'samples': {'race': 'ada'}}", "expect.samples.race: expected a list of strings, found \"ada\""},
    {"{'samples': {'race': [1]}}", "expect.samples.race[0]: expected a string, found 1"},
    {"{'diagnostics': {'layers.9.std': '1'}}", "expect.diagnostics.layers.9.std: no such figure; they are called as "
                                               "layers.4.std or layers.2.weight.grad_to_data, "
                                               "layers counted from 0, as nomen diagnose --csv lists them"},
    {"{'untrained': {'zoe': '1'}}", "expect.untrained.zoe: \"z\" (U+007A) is not in the model's vocabulary"},
    {"{'loss': {'0': '1', '0': '2'}}", "expect.loss.0: duplicate key; remove one"},
};

START_TEST(refuses_blocks_that_expect_what_cannot_be) {
    for (size_t i = 0; i < COUNT(BAD_BLOCKS); i++) {
        const char *path = expecting(BAD_BLOCKS[i].json);
        Output output = nomen("verify '%s' 2>&1 >'%s'", path, scratch("out"));
        char line[1024];
        snprintf(line, sizeof line, "nomen: %s: %s\n", path, BAD_BLOCKS[i].message);
        ck_assert_str_eq(output.out, line);
        ck_assert_int_eq(output.status, 1);
        keep_refused(path, "", BAD_BLOCKS[i].message);
    }
    const char *path = config_with("", "3", LAYERS, "", "");
    expect_refusal(nomen("verify '%s'", path), 1,
                   "nomen: %s: expect: nothing is expected, so there is nothing to verify; see the README for its keys",
                   path);
    path = config_with(", 'split': [1]", "3", LAYERS, "", EXPECT("{'dev_loss': '1'}"));
    Output output = nomen("verify '%s'", path);
    ck_assert_ptr_nonnull(strstr(output.err, "expect.dev_loss: data.split leaves no dev split\n"));
}
END_TEST

START_TEST(all_configs_are_read_before_one_is_trained) {
    const char *good = expecting("{'parameters': '289'}");
    write_text(scratch("bad.json"), "{}");
    expect_refusal(nomen("verify '%s' '%s'", good, scratch("bad.json")), 1, "nomen: %s: " DATA_PATH_MISSING,
                   scratch("bad.json"));
    Output output = nomen("verify '%s' '%s'", good, good);
    ck_assert_ptr_nonnull(strstr(output.out, "2 configs, 2 figures: 2 agree\n"));
    ck_assert_int_eq(nomen("verify").status, 2);
}
END_TEST

START_TEST(a_config_that_cannot_be_trained_keeps_no_other_from_its_turn) {
    const char *good = expecting("{'parameters': '289'}");
    char gone[] =
        "{\"data\": {\"path\": \"gone.txt\"}, \"model\": {\"ngram\": 2}, \"expect\": {\"train_loss\": \"1\"}}";
    write_text(scratch("gone.json"), gone);
    Output output = nomen("verify '%s' '%s'", scratch("gone.json"), good);
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(output.out, "gone.txt:"));
    char real[PATH_MAX], path[PATH_MAX + 16];
    ck_assert_ptr_nonnull(realpath(scratch("."), real));
    snprintf(path, sizeof path, "%s/gone.txt", real);
    expect_refusal(nomen("verify '%s'", scratch("gone.json")), 1,
                   "nomen: %s: data.path: %s: no such file or directory; correct it, or give --data FILE",
                   scratch("gone.json"), path);
    expect_refusal(nomen("verify '%s' --data '%s'", scratch("gone.json"), scratch("none.txt")), 1,
                   "nomen: %s: %s/none.txt: no such file or directory", scratch("gone.json"), real);
    ck_assert_ptr_nonnull(strstr(output.out, "2 configs, 1 figure: 1 agrees\n"));
    ck_assert_str_eq(output.err,
                     "nomen: 1 of 2 configs could not be verified, and 0 of the expected figures are off\n");
    output = nomen("verify '%s' '%s'", scratch("gone.json"), expecting("{'parameters': '290'}"));
    ck_assert_str_eq(output.err, "nomen: 1 of 2 configs could not be verified, and 1 of the expected figures is off\n");
}
END_TEST

// Each kind of figure is enough of a block by itself.
START_TEST(one_figure_of_any_kind_is_verified) {
    static const char *const figures[] = {"'data': {'names': '10'}", "'data': {'symbols': '17'}",
                                          "'data': {'train': '32'}", "'data': {'dev': '4'}",
                                          "'data': {'test': '4'}",   "'parameters': '289'",
                                          "'loss': {'0': '9'}",      "'untrained': {'ada': '9'}",
                                          "'train_loss': '9'",       "'dev_loss': '9'",
                                          "'test_loss': '9'",        "'diagnostics': {'layers.0.std': '9'}",
                                          "'samples': {'race': []}", "'samples': {'inverse': ['ada']}"};
    for (size_t i = 0; i < COUNT(figures); i++) {
        char block[256];
        snprintf(block, sizeof block, "{'unmet': {'why': 'it is so', %s}}", figures[i]);
        Output output = nomen("verify '%s'", expecting(block));
        bool expects_none = strstr(figures[i], "[]") != NULL;
        ck_assert_msg(output.status == (expects_none ? 1 : 0), "%s: %s%s", figures[i], output.out, output.err);
        ck_assert_msg(expects_none || strstr(output.out, "1 figure"), "%s: %s", figures[i], output.out);
    }
    Output output = nomen("verify '%s'", config_with("", "3", LAYERS, ", 'early_stop': {'patience': 2}",
                                                     EXPECT("{'unmet': {'why': 'x', 'samples': {'race': ['a']}}}")));
    ck_assert_ptr_nonnull(strstr(output.err,
                                 ": train.early_stop: figures of the end are expected, and early stop would "
                                 "move it; leave one of them out\n"));
    output = nomen("verify '%s'",
                   config_with("", "3", LAYERS, ", 'early_stop': {'patience': 2}", EXPECT("{'parameters': '289'}")));
    ck_assert_msg(output.status == 0, "%s%s", output.out, output.err);
}
END_TEST

// 20 decimals, and a loss too large to be written without an exponent.
START_TEST(figures_of_many_digits_are_shown_as_far_as_they_fit) {
    Output output = nomen("verify '%s'", expecting("{'parameters': '289.00000000000000000000'}"));
    ck_assert_ptr_nonnull(strstr(output.out, " 289.000000000 289.00000000000  agrees\n"));
    ck_assert_ptr_nonnull(strstr(output.out, "1 figure: 1 agrees\n"));
    output = nomen("verify '%s'", config_with("", "3",
                                              "{'type': 'embedding', 'dim': 4, 'weight': {'constant': 1e20}}, " FLATTEN
                                              ", {'type': 'linear', 'out': 'vocab', 'weight': {'normal': 1}}",
                                              ", 'lr': 0", EXPECT("{'train_loss': '1.0'}")));
    ck_assert_msg(output.status == 1 && strstr(output.out, "e+20 "), "%s%s", output.out, output.err);
}
END_TEST

START_TEST(counts_are_verified_by_their_tuples) {
    const char *path = write_config("{'data': {'path': 'names.txt', 'split': [1]}, 'model': {'ngram': 2}, 'expect': "
                                    "{'counts': {'.a': '1', 'n.': '1', 'dd': '0', 'id': '2'}}}");
    Output output = nomen("verify '%s'", path);
    ck_assert_msg(output.status == 0, "%s%s", output.out, output.err);
    path = write_config("{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}, 'expect': {'counts': {'abc': '1'}}}");
    ck_assert_ptr_nonnull(
        strstr(nomen("verify '%s'", path).err, ": expect.counts.abc: expected 2 symbols, \".\" for the boundary\n"));
    path = write_config("{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}, 'expect': {'counts': {'a': '1'}}}");
    ck_assert_ptr_nonnull(
        strstr(nomen("verify '%s'", path).err, ": expect.counts.a: expected 2 symbols, \".\" for the boundary\n"));
    path = write_config("{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}, 'expect': {'counts': {'az': '1'}}}");
    ck_assert_ptr_nonnull(
        strstr(nomen("verify '%s'", path).err, ": expect.counts.az: symbol 2 is none of the names file's\n"));
    path = write_config("{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}, 'expect': {'loss': {'0': '1'}}}");
    ck_assert_ptr_nonnull(strstr(nomen("verify '%s'", path).err, ": expect.loss: unknown key; "));
}
END_TEST

START_TEST(what_is_expected_is_no_part_of_a_run) {
    ck_assert_int_eq(train(config_with("", "3", LAYERS, "", ""), "--quiet").status, 0);
    ck_assert_int_eq(train(expecting("{'parameters': '1'}"), "--quiet --resume --steps 5").status, 0);
    ck_assert_ptr_null(strstr(read_text(scratch("run/config.json"), NULL), "expect"));
}
END_TEST

START_TEST(training_that_diverges_says_where) {
    const char *path = config_with("", "3", LAYERS, ", 'lr': 1e30, 'l2_mean': 1", EXPECT("{'loss': {'2': '1'}}"));
    Output output = nomen("verify '%s'", path);
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(output.err, ": step 1: the loss is not finite"));
}
END_TEST

SUITE(cli_verify, NEEDS_NOTHING) {
    ADD(figures_that_agree_are_listed_and_counted);
    ADD(a_figure_that_is_off_fails);
    ADD(the_last_printed_decimal_says_how_exact_a_figure_is);
    ADD(quick_leaves_out_what_takes_more_than_1001_steps);
    ADD(refuses_blocks_that_expect_what_cannot_be);
    ADD(all_configs_are_read_before_one_is_trained);
    ADD(a_config_that_cannot_be_trained_keeps_no_other_from_its_turn);
    ADD(one_figure_of_any_kind_is_verified);
    ADD(figures_of_many_digits_are_shown_as_far_as_they_fit);
    ADD(counts_are_verified_by_their_tuples);
    ADD(what_is_expected_is_no_part_of_a_run);
    ADD(training_that_diverges_says_where);
}
