// nomen verify and the block `expect`, through the built program.
#include "cli/config.h"
#include "cli/trained.h"

#define EXPECT(block) ", 'expect': " block

// Writes a config of three steps with this block.
static const char *expecting(const char *block) {
    return config_with("", "3", LAYERS, "", textf(", 'expect': %s", block));
}

#define EXPECTED_VALUE "expected a number as a string, such as \"2.1070\" (a trailing zero counts), found "

// Trains the config and returns a block that expects the results.
static const char *own_results(void) {
    const char *path = config_with("", "3", LAYERS, ", 'log_every': 1", "");
    ck_assert_int_eq(train(path, "--quiet").status, 0);
    const char *csv = read_text(scratch("run/metrics.csv"), NULL);
    char *names = nomen("sample '%s' -n 2", scratch("run")).out, *second = strchr(names, '\n') + 1;
    return textf("{'parameters': '289', 'loss': {'0': '%.4f', '2': '%.6f'}, 'train_loss': '%.5f', 'dev_loss': '%.3e', "
                 "'data': {'names': '10', 'symbols': '17', 'dev': '4'}, 'samples': {'race': ['%.*s', '%.*s']}}",
                 metric(csv, 1, 2), metric(csv, 3, 2), metric(csv, 4, 3), metric(csv, 4, 4), (int)strcspn(names, "\n"),
                 names, (int)strcspn(second, "\n"), second);
}

static void expect_output(Output output, int status, const char *part) {
    ck_assert_msg(output.status == status && strstr(output.out, part), "%s not in: %s%s", part, output.out, output.err);
}

START_TEST(values_that_agree_are_listed_and_counted) {
    Output output = nomen("verify '%s'", expecting(own_results()));
    ck_assert_str_eq(output.err, "");
    expect_output(output, 0, "  9 values: 9 agree\n");
    ck_assert_ptr_nonnull(strstr(output.out, "  minibatch loss, step 2"));
    ck_assert_ptr_null(strstr(output.out, "OFF"));
    ck_assert(!exists(scratch("runs")) && !exists("runs/c"));
    for (const char *line = output.out; *line; line = strchr(line, '\n') + 1)
        ck_assert_int_le((int)strcspn(line, "\n"), line == output.out ? 1000 : 79); // the first line is the path
}
END_TEST

START_TEST(a_value_that_is_off_fails) {
    Output output =
        nomen("verify '%s'", expecting("{'parameters': '290', 'loss': {'0': '9.9'}, 'samples': {'inverse': ['no']}, "
                                       "'unmet': {'why': 'for a reason', 'train_loss': '0.5'}}"));
    expect_output(output, 1, "  parameters                                   290             289  OFF\n");
    expect_output(output, 1, " unmet\n  for a reason\n");
    ck_assert_str_eq(output.err, "nomen: 3 of the expected values are off\n");
    output = nomen("verify '%s' --quick", expecting("{'parameters': '290'}"));
    ck_assert_str_eq(output.err, "nomen: 1 of the expected values is off\n");
}
END_TEST

START_TEST(values_of_other_names_are_not_judged) {
    const char *block = "{'names_sha256': '%s', 'parameters': '290', 'train_loss': '9'}",
               *of_others = textf(block, "00");
    Output output = nomen("verify '%s' --quick", expecting(of_others));
    expect_output(output, 1, "  parameters                                   290             289  other names\n");
    expect_output(output, 1, "  2 values: 0 agree, 2 of other names\n");
    ck_assert_str_eq(output.err, "nomen: 2 of 2 expected values were measured on another names file\n");
    output = nomen("verify '%s' --json", scratch("c.json"));
    expect_output(output, 1, "\"verdict\":\"other_names\"");
    char *sum = shell("sha256sum <'%s' | cut -c 1-64 | tr -d '\\n'", scratch("names.txt")).out;
    expect_output(nomen("verify '%s'", expecting(textf(block, sum))), 1, "  2 values: 0 agree, 2 off\n");
}
END_TEST

// 0.6 units of the last decimal: 289 parameters within 0.6 of a unit of 1, of 0.1, of 10^1.
START_TEST(the_last_printed_decimal_sets_the_tolerance) {
    static const struct {
        const char *value;
        bool agrees;
    } cases[] = {{"289", true},      {"289.0", true},
                 {"289.05", false},  {"289.1", false},
                 {"2.89e2", true},   {"2.9e2", true},
                 {"2.8e+02", false}, {"288", false},
                 {"3e2", true},      {"0.289e3", true},
                 {"-289", false},    {"28.9E1", true},
                 {"28.94e1", false}, {"289.00000000000000000000", true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        Output output = nomen("verify '%s'", expecting(textf("{'parameters': '%s'}", cases[i].value)));
        ck_assert_msg(output.status == (cases[i].agrees ? 0 : 1), "%s: %s%s", cases[i].value, output.out, output.err);
    }
}
END_TEST

START_TEST(quick_leaves_out_what_takes_more_than_1001_steps) {
    const char *path =
        write_config("{'data': {'path': 'names.txt'}, 'model': {'context': 3, 'layers': [" EMBEDDING ", " FLATTEN
                     ", " VOCAB "]}, 'train': {'steps': 1002, 'batch_size': 4}, 'expect': {'loss': {'1000': '99', "
                     "'1001': '99'}, 'train_loss': '99', 'diagnostics': {'layers.0.std': '99'}, "
                     "'samples': {'race': ['x']}}}");
    expect_output(nomen("verify '%s' --quick", path), 1,
                  "5 values: 0 agree, 1 off, 4 left out (more than 1,001 steps)\n");
    expect_output(nomen("verify '%s'", path), 1, "5 values: 0 agree, 5 off\n");
}
END_TEST

#define NOTHING_EXPECTED "no \"expect\" block, so there is nothing to verify; see nomen-config(5) for its keys"
#define NO_REASON "expect.unmet.why: expected the reason why these values cannot be met, found nothing"
#define NO_STATISTIC                                                                                              \
    "no such statistic; expected a name such as layers.4.std or layers.2.weight.grad_to_data, as nomen diagnose " \
    "--csv lists them"

static const Refused BAD_BLOCKS[] = {
    {"{}", NOTHING_EXPECTED},
    {"{'samples': {'race': []}}", NOTHING_EXPECTED},
    {"[]", "expect: expected an object, found []"},
    {"{'los': {'0': '1'}}", "expect.los: unknown key; did you mean \"loss\"?"},
    {"{'data': {'words': '3'}}", "expect.data.words: unknown key; the keys here are names, symbols, train, dev, test"},
    {"{'loss': {'3': '1'}}", "expect.loss.3: expected a step, a whole number from 0 to 2"},
    {"{'loss': {'one': '1'}}", "expect.loss.one: expected a step, a whole number from 0 to 2"},
    {"{'loss': {'0': 2.5}}", "expect.loss.0: " EXPECTED_VALUE "2.5"},
    {"{'dev_loss': null}", "expect.dev_loss: " EXPECTED_VALUE "null"},
    {"{'dev_loss': '1e400'}", "expect.dev_loss: " EXPECTED_VALUE "\"1e400\""},
    {"{'loss': '2.5'}", "expect.loss: expected an object with a number as a string for each key, found \"2.5\""},
    {"{'parameters': '1', 'unmet': {'dev_loss': '2'}}", NO_REASON},
    {"{'unmet': {'dev_loss': '2', 'why': ''}}", NO_REASON},
    {"{'diagnostics': {'layers.2.weight.saturated': '0'}}",
     "expect.diagnostics.layers.2.weight.saturated: " NO_STATISTIC},
    {"{'diagnostics': {'layers.9.std': '1'}}", "expect.diagnostics.layers.9.std: " NO_STATISTIC},
    {"{'samples': {'race': 'ada'}}", "expect.samples.race: expected a list of strings, found \"ada\""},
    {"{'samples': {'race': [1]}}", "expect.samples.race[0]: expected a string, found 1"},
    {"{'untrained': {'zoe': '1'}}", "expect.untrained.zoe: \"z\" (U+007A) is not in the model's vocabulary"},
    {"{'loss': {'0': '1'}, 'unmet': {'why': 'x', 'untrained': {'zoe': '1'}}}",
     "expect.unmet.untrained.zoe: \"z\" (U+007A) is not in the model's vocabulary"},
};

START_TEST(blocks_that_cannot_be_verified_are_refused) {
    for (size_t i = 0; i < COUNT(BAD_BLOCKS); i++) {
        const char *path = expecting(BAD_BLOCKS[i].json);
        expect_refusal(nomen("verify '%s'", path), 1, "nomen: %s: %s", path, BAD_BLOCKS[i].message);
        keep_refused(path, "", BAD_BLOCKS[i].message);
    }
    const char *path = config_with("", "3", LAYERS, "", "");
    expect_refusal(nomen("verify '%s'", path), 1, "nomen: %s: " NOTHING_EXPECTED, path);
    path = config_with(", 'split': [1]", "3", LAYERS, "", EXPECT("{'dev_loss': '1'}"));
    expect_refusal(nomen("verify '%s'", path), 1, "nomen: %s: expect.dev_loss: data.split leaves no dev split", path);
}
END_TEST

START_TEST(all_configs_are_read_before_one_is_trained) {
    const char *good = expecting("{'parameters': '289'}");
    write_text(scratch("bad.json"), "{}");
    expect_refusal(nomen("verify '%s' '%s'", good, scratch("bad.json")), 1, "nomen: %s: " DATA_PATH_MISSING,
                   scratch("bad.json"));
    expect_output(nomen("verify '%s' '%s'", good, good), 0, "2 configs, 2 values: 2 agree\n");
    ck_assert_int_eq(nomen("verify").status, 2);
}
END_TEST

START_TEST(a_config_that_cannot_be_trained_does_not_stop_the_others) {
    const char *good = expecting("{'parameters': '289'}"), *gone = scratch("gone.json");
    write_text(gone, "{\"data\": {\"path\": \"gone.txt\"}, \"model\": {\"ngram\": 2}, "
                     "\"expect\": {\"train_loss\": \"1\"}}");
    char real[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("."), real));
    expect_refusal(nomen("verify '%s'", gone), 1,
                   "nomen: %s: data.path: %s/gone.txt: no such file or directory; correct it, or give --data FILE",
                   gone, real);
    expect_refusal(nomen("verify '%s' --data '%s'", gone, scratch("none.txt")), 1,
                   "nomen: %s: %s/none.txt: no such file or directory", gone, real);
    Output output = nomen("verify '%s' '%s'", gone, good);
    expect_output(output, 1, "gone.txt:");
    expect_output(output, 1, "2 configs, 1 value: 1 agrees\n");
    ck_assert_str_eq(output.err, "nomen: 1 of 2 configs could not be verified, and 0 of the expected values are off\n");
    output = nomen("verify '%s' '%s'", gone, expecting("{'parameters': '290'}"));
    ck_assert_str_eq(output.err, "nomen: 1 of 2 configs could not be verified, and 1 of the expected values is off\n");
}
END_TEST

// Any kind of value makes a block by itself.
START_TEST(one_value_of_any_kind_is_verified) {
    static const char *const values[] = {"'data': {'names': '10'}",    "'data': {'symbols': '17'}",
                                         "'data': {'train': '32'}",    "'data': {'dev': '4'}",
                                         "'data': {'test': '4'}",      "'parameters': '289'",
                                         "'loss': {'0': '9'}",         "'untrained': {'ada': '9'}",
                                         "'train_loss': '9'",          "'dev_loss': '9'",
                                         "'test_loss': '9'",           "'diagnostics': {'layers.0.std': '9'}",
                                         "'samples': {'race': ['a']}", "'samples': {'inverse': ['ada']}"};
    for (size_t i = 0; i < COUNT(values); i++) {
        char block[256];
        snprintf(block, sizeof block, "{'unmet': {'why': 'because', %s}}", values[i]);
        expect_output(nomen("verify '%s'", expecting(block)), 0, "1 value: ");
    }
    const char *path = config_with("", "3", LAYERS, ", 'early_stop': {'patience': 2}",
                                   EXPECT("{'unmet': {'why': 'x', 'samples': {'race': ['a']}}}"));
    expect_refusal(nomen("verify '%s'", path), 1,
                   "nomen: %s: train.early_stop: values after the last step are expected, and early stop would move "
                   "that step; remove one of the two",
                   path);
    path = config_with("", "3", LAYERS, ", 'early_stop': {'patience': 2}", EXPECT("{'parameters': '289'}"));
    expect_output(nomen("verify '%s'", path), 0, "1 value: 1 agrees");
}
END_TEST

START_TEST(counts_are_verified_by_their_tuples) {
    static const Refused bad[] = {
        {"{'counts': {'abc': '1'}}", "expect.counts.abc: expected 2 symbols, \".\" for the boundary"},
        {"{'counts': {'az': '1'}}", "expect.counts.az: symbol 2 is not in the names file"},
        {"{'loss': {'0': '1'}}", "expect.loss: unknown key; the keys here are data, counts, train_loss, dev_loss, "
                                 "test_loss, samples, names_sha256, unmet"},
    };
    static const char config[] = "{'data': {'path': 'names.txt', 'split': [1]}, 'model': {'ngram': 2}, 'expect': %s}";
    const char *path = write_config(textf(config, "{'counts': {'.a': '1', 'n.': '1', 'dd': '0', 'id': '2'}}"));
    expect_output(nomen("verify '%s'", path), 0, "4 values: 4 agree");
    for (size_t i = 0; i < COUNT(bad); i++) {
        write_config(textf(config, bad[i].json));
        expect_refusal(nomen("verify '%s'", path), 1, "nomen: %s: %s", path, bad[i].message);
    }
}
END_TEST

START_TEST(the_block_is_not_part_of_a_run) {
    ck_assert_int_eq(train(config_with("", "3", LAYERS, "", ""), "--quiet").status, 0);
    ck_assert_int_eq(train(expecting("{'parameters': '1'}"), "--quiet --resume --steps 5").status, 0);
    ck_assert_ptr_null(strstr(read_text(scratch("run/config.json"), NULL), "expect"));
}
END_TEST

START_TEST(training_that_diverges_is_an_error) {
    const char *path = config_with("", "3", LAYERS, ", 'lr': 1e30, 'l2_mean': 1", EXPECT("{'loss': {'2': '1'}}"));
    Output output = nomen("verify '%s'", path);
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(output.err, ": step 1: the loss is not finite"));
}
END_TEST

SUITE(cli_verify, NEEDS_NOTHING) {
    ADD(values_that_agree_are_listed_and_counted);
    ADD(a_value_that_is_off_fails);
    ADD(values_of_other_names_are_not_judged);
    ADD(the_last_printed_decimal_sets_the_tolerance);
    ADD(quick_leaves_out_what_takes_more_than_1001_steps);
    ADD(blocks_that_cannot_be_verified_are_refused);
    ADD(all_configs_are_read_before_one_is_trained);
    ADD(a_config_that_cannot_be_trained_does_not_stop_the_others);
    ADD(one_value_of_any_kind_is_verified);
    ADD(counts_are_verified_by_their_tuples);
    ADD(the_block_is_not_part_of_a_run);
    ADD(training_that_diverges_is_an_error);
}
