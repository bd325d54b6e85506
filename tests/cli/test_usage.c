// sample, eval and the command line itself: what is refused, and in which words.
#include "cli/run.h"

START_TEST(sample_refuses_what_makes_no_sense) {
    const char *run = make_run();
#define TEMPERATURE "--temperature: expected a number from 0 to 1000000, found "
#define SAMPLE_SEED "--seed: expected a whole number from 0 to 9007199254740991, or random, found "
    static const struct {
        const char *options, *message;
    } cases[] = {
        {"-t -1", TEMPERATURE "\"-1\""},
        {"-t hot", TEMPERATURE "\"hot\""},
        {"-t nan", TEMPERATURE "\"nan\""},
        {"-t inf", TEMPERATURE "\"inf\""},
        {"-t 1e400", TEMPERATURE "\"1e400\""},
        {"-t ''", TEMPERATURE "\"\""},
        {"-t 1,,2", TEMPERATURE "\"\""},
        {"-t 0.5,x", TEMPERATURE "\"x\""},
        {"-n 0", "--count: expected a whole number from 1 to 100000000, found \"0\""},
        {"-n -5", "--count: expected a whole number from 1 to 100000000, found \"-5\""},
        {"-n 1000000000000", "--count: expected a whole number from 1 to 100000000, found \"1000000000000\""},
        {"-n99999999999999999999", "--count: expected a whole number from 1 to 100000000, found "
                                   "\"99999999999999999999\""},
        {"-n ten", "--count: expected a whole number from 1 to 100000000, found \"ten\""},
        {"--data x", "--data: the names file is read for --new or --report; give one of them"},
        {"-k 0", "--top-k: expected a whole number from 1 to 65535, found \"0\""},
        {"--top-k=1.5", "--top-k: expected a whole number from 1 to 65535, found \"1.5\""},
        {"--method raze", "--method: expected race or inverse, found \"raze\""},
        {"-s -1", SAMPLE_SEED "\"-1\""},
        {"-s x", SAMPLE_SEED "\"x\""},
        {"-s 9007199254740992", SAMPLE_SEED "\"9007199254740992\""},
        {"--new=yes", "--new takes no value, found \"yes\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("sample '%s' %s", run, cases[i].options), 2, "nomen: %s; see nomen sample --help",
                       cases[i].message);
}
END_TEST

START_TEST(sample_refuses_prefixes_it_cannot_continue) {
    const char *run = make_run();
    static const struct {
        const char *prefix, *message;
    } cases[] = {
        {"\xC3\x89va", "\"\xC3\x89\" (U+00C9) is not in the model's vocabulary"},
        {"adZ", "\"Z\" (U+005A) is not in the model's vocabulary"},
        {"a.b", "\".\" (U+002E) is not in the model's vocabulary"},
        {"a b", "\" \" (U+0020) is not in the model's vocabulary"},
        {"\xFF", "byte 0xff is not UTF-8"},
        {"\xE6\x97\xA5", "\"\xE6\x97\xA5\" (U+65E5) is not in the model's vocabulary"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("sample '%s' -p '%s'", run, cases[i].prefix), 1, "nomen: --prefix: %s", cases[i].message);
    expect_refusal(nomen("sample '%s' -p \"$(printf 'a%%.0s' $(seq 100))\"", run), 1,
                   "nomen: --prefix: expected fewer than 100 characters, found 100");
    ck_assert_int_eq(nomen("sample '%s' -p \"$(printf 'a%%.0s' $(seq 99))\"", run).status, 0);
}
END_TEST

START_TEST(takes_temperatures_with_any_number_of_digits) {
    const char *run = make_run();
    Output plain = nomen("sample '%s' -n 5 -t 0.5", run);
    ck_assert_str_eq(nomen("sample '%s' -n 5 -t 0.50000000000000000000000000000000000", run).out, plain.out);
}
END_TEST

START_TEST(says_what_is_no_run) {
    static const char *const commands[] = {"sample", "eval"};
    write_config();
    ck_assert_int_eq(nomen("--version && mkdir '%s'", scratch("empty")).status, 0);
    for (size_t i = 0; i < COUNT(commands); i++) {
        expect_refusal(nomen("%s '%s'", commands[i], scratch("nowhere")), 1,
                       "nomen: %s: no such run; nomen train makes one", scratch("nowhere"));
        expect_refusal(nomen("%s '%s'", commands[i], scratch("empty")), 1,
                       "nomen: %s: no model.safetensors in it; train it first", scratch("empty"));
        expect_refusal(nomen("%s '%s'", commands[i], scratch("names.txt")), 1,
                       "nomen: %s: expected a run's directory or model file, found a text", scratch("names.txt"));
    }
}
END_TEST

// runs/RUN, one nearly of that name beside it, or below runs; what is no run is never named.
START_TEST(a_run_that_is_not_there_names_the_one_that_is_meant) {
    static const struct {
        const char *words, *meant;
    } cases[] = {
        {"sample mlp", "runs/mlp"},        {"sample mlq", "runs/mlp"},
        {"eval runs/mlq", "runs/mlp"},     {"info runs/mlq/", "runs/mlp"},
        {"next runz/mlp", NULL},           {"score notes", "runs/notes"},
        {"plot noti", "runs/notes"},       {"report runs/mkp", "runs/mlp"},
        {"calibrate loos", "loose"},       {"compare runs/mlq x", "runs/mlp"},
        {"diagnose runs/mlq", "runs/mlp"}, {"compare seedz", "runs/seeds"},
        {"eval ./loosse", "./loose"},      {"eval xyzzy", NULL},
        {"diagnose runs/xyzzy", NULL},
    };
    make_run();
    ck_assert_int_eq(
        nomen("--version && cd '%s' && mkdir -p runs/mlq.txt runs/seeds runs/note && cp -r run runs/mlp && "
              "cp -r run runs/notes && cp -r run runs/seeds/seed-1 && cp -r run loose",
              scratch("."))
            .status,
        0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        Output output = nomen_in_scratch(cases[i].words);
        char want[PATH_MAX];
        snprintf(want, sizeof want, "did you mean %s?\n", cases[i].meant ? cases[i].meant : "");
        ck_assert_int_eq(output.status, 1);
        ck_assert_msg((strstr(output.err, want) != NULL) == (cases[i].meant != NULL), "%s: %s", cases[i].words,
                      output.err);
        ck_assert_msg(cases[i].meant || !strstr(output.err, "did you mean"), "%s: %s", cases[i].words, output.err);
    }
    expect_refusal(nomen_in_scratch("plot runs/mlp nodes"), 2,
                   "nomen: \"nodes\" is neither a run nor a kind of picture; did you mean runs/notes? see nomen plot "
                   "--help");
}
END_TEST

START_TEST(says_which_runs_a_group_holds) {
    static const char *const commands[] = {"sample", "eval", "info", "score", "next", "diagnose"};
    ck_assert_int_eq(train("s", "--steps 5 --seeds 2 --seed 9 --quiet").status, 0);
    for (size_t i = 0; i < COUNT(commands); i++)
        expect_refusal(nomen("%s '%s'", commands[i], scratch("s")), 1,
                       "nomen: %s: it holds runs, such as those of several seeds; name one, such as %s/seed-9",
                       scratch("s"), scratch("s"));
}
END_TEST

START_TEST(eval_sees_that_the_data_changed) {
    const char *run = make_run();
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    Output before = nomen("eval '%s'", run);
    write_text(path, "ada\nbob\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\n");
    expect_refusal(nomen("eval '%s'", run), 1,
                   "nomen: %s: it has changed since the run was trained on it; put it back, or see nomen eval --data",
                   path);
    Output now = nomen("eval '%s' --data '%s'", run, path);
    ck_assert_int_eq(now.status, 0);
    ck_assert_str_ne(now.out, before.out);
    write_text(path, "ada\nbob\ncid\ndea\neli\nzoe\ngus\nhal\nida\njon\n");
    expect_refusal(nomen("eval '%s' --data '%s'", run, path), 1,
                   "nomen: %s: line 6: \"z\" (U+007A) is not in the model's vocabulary", path);
    ck_assert_int_eq(remove(path), 0);
    expect_refusal(nomen("eval '%s'", run), 1, "nomen: %s: no such file or directory; --data says where it lies now",
                   path);
    expect_refusal(nomen("eval '%s' --data '%s'", run, path), 1, "nomen: %s: no such file or directory", path);
    expect_refusal(nomen("diagnose '%s'", run), 1, "nomen: %s: no such file or directory; put it back", path);
    ck_assert_int_eq(nomen("sample '%s'", run).status, 0);
}
END_TEST

START_TEST(wrong_usage_is_named_with_the_way_out) {
    static const struct {
        const char *words, *message;
    } cases[] = {
        {"trian", "unknown command \"trian\"; did you mean train? see nomen train --help"},
        {"smaple runs/x", "unknown command \"smaple\"; did you mean sample? see nomen sample --help"},
        {"frobnicate", "unknown command \"frobnicate\"; see nomen --help"},
        {"help", "unknown command \"help\"; did you mean nomen --help?"},
        {"version", "unknown command \"version\"; did you mean nomen --version?"},
        {"--hlep", "unknown option \"--hlep\"; did you mean nomen --help?"},
        {"-x", "unknown option \"-x\"; see nomen --help"},
        {"''", "unknown command \"\"; see nomen --help"},
        {"train", "CONFIG is missing; see nomen train --help"},
        {"eval", "RUN is missing; see nomen eval --help"},
        {"sample -n 5", "RUN is missing; see nomen sample --help"},
        {"train a.json b.json", "one operand too many: \"b.json\"; see nomen train --help"},
        {"eval a -1", "one operand too many: \"-1\"; see nomen eval --help"},
        {"sample a -- -b", "one operand too many: \"-b\"; see nomen sample --help"},
        {"train a --stps 5", "unknown option \"--stps\"; did you mean --steps? see nomen train --help"},
        {"sample a --prefx=x", "unknown option \"--prefx=x\"; did you mean --prefix? see nomen sample --help"},
        {"eval a --frobnicate", "unknown option \"--frobnicate\"; see nomen eval --help"},
        {"eval a -x", "unknown option \"-x\"; see nomen eval --help"},
        {"train a --steps", "--steps needs a value: N; see nomen train --help"},
        {"train a --steps 0",
         "--steps: expected a whole number from 1 to 1000000000000000, found \"0\"; see nomen train --help"},
        {"train a --steps -1000",
         "--steps: expected a whole number from 1 to 1000000000000000, found \"-1000\"; see nomen train --help"},
        {"train a --seed 1e3",
         "--seed: expected a whole number from 0 to 9007199254740991, found \"1e3\"; see nomen train --help"},
        {"train a --threads 0",
         "--threads: expected a whole number from 1 to 1024, found \"0\"; see nomen train --help"},
        {"train a --force --resume",
         "--force replaces a run and --resume goes on with it; give one of them; see nomen train --help"},
        {"train a --run ''", "--run: expected a directory, found \"\"; see nomen train --help"},
        {"train a --resume=yes", "--resume: expected anyway, found \"yes\"; see nomen train --help"},
        {"train a --force=1", "--force takes no value, found \"1\"; see nomen train --help"},
        {"train a --quiet --frce", "unknown option \"--frce\"; did you mean --force? see nomen train --help"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("%s", cases[i].words), 2, "nomen: %s", cases[i].message);
}
END_TEST

START_TEST(a_misspelt_version_is_named) {
    Output output = nomen("--verison");
    ck_assert_int_eq(output.status, 2);
    ck_assert_msg(strstr(output.err, "--version"), "%s", output.err);
}
END_TEST

START_TEST(help_is_no_failure) {
    static const char *const words[] = {
        "", "--help", "-h", "train --help", "eval --help", "sample --help", "train -h", "train x --steps 5 --help"};
    for (size_t i = 0; i < COUNT(words); i++) {
        Output output = nomen("%s", words[i]);
        ck_assert_int_eq(output.status, 0);
        ck_assert_str_eq(output.err, "");
        ck_assert_msg(strncmp(output.out, "usage: nomen ", 13) == 0, "%s", output.out);
        for (char *line = output.out, *end; (end = strchr(line, '\n')); line = end + 1)
            ck_assert_msg(utf8_count(line, (size_t)(end - line)) <= 100, "%s: %.*s", words[i], (int)(end - line), line);
    }
    Output version = nomen("--version");
    ck_assert_int_eq(version.status, 0);
    ck_assert_msg(strncmp(version.out, "nomen ", 6) == 0 && strchr(version.out, '\n'), "%s", version.out);
}
END_TEST

SUITE(cli_usage, NEEDS_NOTHING) {
    ADD(sample_refuses_what_makes_no_sense);
    ADD(sample_refuses_prefixes_it_cannot_continue);
    ADD(takes_temperatures_with_any_number_of_digits);
    ADD(says_what_is_no_run);
    ADD(a_run_that_is_not_there_names_the_one_that_is_meant);
    ADD(says_which_runs_a_group_holds);
    ADD(eval_sees_that_the_data_changed);
    ADD(wrong_usage_is_named_with_the_way_out);
    ADD(a_misspelt_version_is_named);
    ADD(help_is_no_failure);
}
