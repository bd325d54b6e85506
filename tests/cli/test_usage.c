// Wrong usage: of the command line, of options, of runs.
#include "cli/run.h"

#define TEMPERATURE "--temperature: expected a number from 0 to 1000000, found "
#define COUNTED "--count: expected a whole number from 1 to 100000000, found "
#define SAMPLE_SEED "--seed: expected a whole number from 0 to 9007199254740991, or random, found "

START_TEST(sample_checks_its_options) {
    static const char *const cases[][2] = {
        {"-t -1", TEMPERATURE "\"-1\""},
        {"-t nan", TEMPERATURE "\"nan\""},
        {"-t 1e400", TEMPERATURE "\"1e400\""},
        {"-t 1,,2", TEMPERATURE "\"\""},
        {"-t 0.5,x", TEMPERATURE "\"x\""},
        {"-n 0", COUNTED "\"0\""},
        {"-n -5", COUNTED "\"-5\""},
        {"-n99999999999999999999", COUNTED "\"99999999999999999999\""},
        {"-n ten", COUNTED "\"ten\""},
        {"--top-k=1.5", "--top-k: expected a whole number from 1 to 65535, found \"1.5\""},
        {"--method raze", "--method: expected race, inverse, lockstep or choices, found \"raze\""},
        {"-s x", SAMPLE_SEED "\"x\""},
        {"-s 9007199254740992", SAMPLE_SEED "\"9007199254740992\""},
        {"--new=yes", "--new takes no value, found \"yes\""},
    };
    const char *run = make_run();
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("sample '%s' %s", run, cases[i][0]), 2, "nomen: %s; see nomen sample --help", cases[i][1]);
    ck_assert_int_eq(nomen("sample '%s' -t 0.50000000000000000000000000000000000", run).status, 0);
}
END_TEST

START_TEST(sample_checks_its_prefix) {
    static const char *const cases[][2] = {
        {"\xC3\x89va", "\"\xC3\x89\" (U+00C9) is not in the model's vocabulary"},
        {"a.b", "\".\" (U+002E) is not in the model's vocabulary"},
        {"\xFF", "byte 0xff is not UTF-8"},
    };
    char prefix[101] = "";
    const char *run = make_run();
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("sample '%s' -p '%s'", run, cases[i][0]), 1, "nomen: --prefix: %s", cases[i][1]);
    memset(prefix, 'a', 100);
    expect_refusal(nomen("sample '%s' -p %s", run, prefix), 1,
                   "nomen: --prefix: expected fewer than 100 characters, found 100");
    ck_assert_int_eq(nomen("sample '%s' -p %s", run, prefix + 1).status, 0);
}
END_TEST

START_TEST(what_is_no_run_is_refused) {
    static const char *const commands[] = {"sample", "eval"};
    write_config();
    ck_assert_int_eq(shell("mkdir '%s'", scratch("empty")).status, 0);
    for (size_t i = 0; i < COUNT(commands); i++) {
        expect_refusal(nomen("%s '%s'", commands[i], scratch("nowhere")), 1,
                       "nomen: %s: no such run; nomen train makes one", scratch("nowhere"));
        expect_refusal(nomen("%s '%s'", commands[i], scratch("empty")), 1,
                       "nomen: %s: no model.safetensors in it; train it first", scratch("empty"));
    }
}
END_TEST

// The suggestion is a run with a similar name in the same directory or, for a name alone, in runs.
START_TEST(a_run_that_does_not_exist_suggests_another) {
    static const struct {
        const char *words, *meant;
    } cases[] = {
        {"sample mlp", "runs/mlp"},
        {"sample mlq", "runs/mlp"},
        {"eval runs/mlq", "runs/mlp"},
        {"info mlp/", NULL},
        {"next runz/mlp", NULL},
        {"score notes", "runs/notes"},
        {"plot nots", "runs/notes"},
        {"report runs/mkp", "runs/mlp"},
        {"compare runs/mlq x", "runs/mlp"},
        {"compare seedz", "runs/seeds"},
        {"eval ./loosse", "./loose"},
        {"eval xyzzy", NULL},
    };
    make_run();
    ck_assert_int_eq(shell("cd '%s' && mkdir -p runs/mlq.txt runs/seeds && cp -r run runs/mlp && "
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
}
END_TEST

START_TEST(a_group_names_one_of_its_runs) {
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
                   "nomen: %s: it has changed since the run was trained on it; put it back, or name its new place with "
                   "--data FILE",
                   path);
    Output now = nomen("eval '%s' --data '%s'", run, path);
    ck_assert_int_eq(now.status, 0);
    ck_assert_str_ne(now.out, before.out);
    write_text(path, "ada\nbob\ncid\ndea\neli\nzoe\ngus\nhal\nida\njon\n");
    expect_refusal(nomen("eval '%s' --data '%s'", run, path), 1,
                   "nomen: %s: line 6: \"z\" (U+007A) is not in the model's vocabulary", path);
    ck_assert_int_eq(remove(path), 0);
    expect_refusal(nomen("eval '%s'", run), 1,
                   "nomen: %s: no such file or directory; "
                   "put it back, or name its new place with --data FILE",
                   path);
    expect_refusal(nomen("eval '%s' --data '%s'", run, path), 1, "nomen: %s: no such file or directory", path);
    ck_assert_int_eq(nomen("sample '%s'", run).status, 0);
}
END_TEST

START_TEST(wrong_usage_is_named_with_a_remedy) {
    static const char *const cases[][2] = {
        {"trian", "unknown command \"trian\"; did you mean nomen train?"},
        {"frobnicate", "unknown command \"frobnicate\"; see nomen --help"},
        {"help trian", "unknown command \"trian\"; did you mean nomen train?"},
        {"--verison", "unknown option \"--verison\"; did you mean nomen --version?"},
        {"-x", "unknown option \"-x\"; see nomen --help"},
        {"''", "unknown command \"\"; see nomen --help"},
        {"train", "expected CONFIG; see nomen train --help"},
        {"sample -n 5", "expected RUN; see nomen sample --help"},
        {"train a.json b.json", "unexpected argument \"b.json\"; see nomen train --help"},
        {"eval a -1", "unexpected argument \"-1\"; see nomen eval --help"},
        {"sample a -- -b", "unexpected argument \"-b\"; see nomen sample --help"},
        {"sample a --temp 0.5", "unknown option \"--temp\"; did you mean --temperature? see nomen sample --help"},
        {"sample a --num 5", "unknown option \"--num\"; did you mean --count? see nomen sample --help"},
        {"sample a --n 5", "unknown option \"--n\"; did you mean -n? see nomen sample --help"},
        {"train a --lr 0.1", "unknown option \"--lr\"; did you mean --set train.lr=0.1? see nomen train --help"},
        {"train a --learning-rate=0.1",
         "unknown option \"--learning-rate=0.1\"; did you mean --set train.lr=0.1? see nomen train --help"},
        {"train a --batch-size 64",
         "unknown option \"--batch-size\"; did you mean --set train.batch_size=64? see nomen train --help"},
        {"train a --batch",
         "unknown option \"--batch\"; did you mean --set train.batch_size=VALUE? see nomen train --help"},
        {"train a --optimizer adam",
         "unknown option \"--optimizer\"; did you mean --set train.optimizer.type=adam? see nomen train --help"},
        {"train a --dim 20",
         "unknown option \"--dim\"; did you mean --set 'model.layers[N].dim=20'? see nomen train --help"},
        {"train a --hidden 100", "unknown option \"--hidden\"; see nomen train --help"},
        {"plot loss",
         "expected a run beside the kind of picture, as in nomen plot runs/mlp loss; see nomen plot --help"},
        {"sample a --prefx=x", "unknown option \"--prefx=x\"; did you mean --prefix? see nomen sample --help"},
        {"eval a --frobnicate", "unknown option \"--frobnicate\"; see nomen eval --help"},
        {"eval a -x", "unknown option \"-x\"; see nomen eval --help"},
        {"train a --steps", "--steps needs a value: N; see nomen train --help"},
        {"train a --steps -1000",
         "--steps: expected a whole number from 1 to 1000000000000000, found \"-1000\"; see nomen train --help"},
        {"train a --seed 1e3",
         "--seed: expected a whole number from 0 to 9007199254740991, found \"1e3\"; see nomen train --help"},
        {"train a --run ''", "--run: expected a directory, found \"\"; see nomen train --help"},
        {"train a --resume=yes", "--resume: expected anyway, found \"yes\"; see nomen train --help"},
        {"train a --force=1", "--force takes no value, found \"1\"; see nomen train --help"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_refusal(nomen("%s", cases[i][0]), 2, "nomen: %s", cases[i][1]);
    Output both = nomen("train a --force --resume");
    ck_assert_msg(both.status == 2 && strstr(both.err, "give one of them; see nomen train --help\n"), "%s", both.err);
}
END_TEST

START_TEST(help_and_version_succeed) {
    static const char *const words[] = {"", "--help", "-h", "train --help", "train -h", "train x --steps 5 --help"};
    for (size_t i = 0; i < COUNT(words); i++) {
        Output output = nomen("%s", words[i]);
        ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
        ck_assert_msg(strncmp(output.out, "usage: nomen ", 13) == 0, "%s", output.out);
    }
    Output version = nomen("--version");
    ck_assert_msg(version.status == 0 && strncmp(version.out, "nomen ", 6) == 0, "%s", version.out);
}
END_TEST

SUITE(cli_usage, NEEDS_NOTHING) {
    ADD(sample_checks_its_options);
    ADD(sample_checks_its_prefix);
    ADD(what_is_no_run_is_refused);
    ADD(a_run_that_does_not_exist_suggests_another);
    ADD(a_group_names_one_of_its_runs);
    ADD(eval_sees_that_the_data_changed);
    ADD(wrong_usage_is_named_with_a_remedy);
    ADD(help_and_version_succeed);
}
