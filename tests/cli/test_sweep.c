// nomen train --sweep through the built program: a run for each value, its directory, the table, signals, wrong values.
#include "cli/run.h"

#define LINEAR "model.layers[2].out"

static const char *value_run(const char *group, const char *name) { return scratch(textf("%s/%s", group, name)); }

START_TEST(each_run_has_the_bits_of_its_value_alone) {
    static const char *const widths[] = {"8", "9"};
    char *out = ok(train("group", "--steps 60 --seeds 2 --sweep '" LINEAR "=8,9'"));
    for (size_t i = 0; i < COUNT(widths); i++)
        for (unsigned long long seed = 2147483647; seed < 2147483649; seed++) {
            const char *run = value_run("group", textf("layers.2.out=%s/seed-%llu", widths[i], seed));
            ok(train("alone", textf("--steps 60 --quiet --force --seed %llu --set '" LINEAR "=%s'", seed, widths[i])));
            expect_same_runs(run, scratch("alone"));
            expect_words(out, textf("\nlayers.2.out=%s seed %llu  train ", widths[i], seed));
        }
    char *lowest = strstr(out, "\n\nlowest dev loss: layers.2.out="), *table = strstr(out, "\n\n");
    ck_assert(lowest && table < lowest);
    lowest[1] = '\0';
    char *words = strstr(lowest + 2, "; next: nomen ") + strlen("; next: nomen ");
    words[strlen(words) - 1] = '\0';
    ok(nomen("%s", words));
    ck_assert_str_eq(
        ok(nomen("compare '%s' '%s'", value_run("group", "layers.2.out=8"), value_run("group", "layers.2.out=9"))),
        table + 2);
    expect_words(table, "layers.2.out=9\n                2 ");
    const char *group = scratch("group");
    expect_refusal(nomen("compare '%s'", group), 1,
                   "nomen: %s: it holds runs, such as those of several seeds; name one, such as %s", group,
                   value_run("group", "layers.2.out=8/seed-2147483647"));
}
END_TEST

START_TEST(directories_have_safe_names) {
    static const struct {
        const char *sweeps, *names[4];
    } cases[] = {
        {"--sweep 'train.lr=[[0, 0.1], [3, 0.01]], 5e-2'", {"lr=0_0.1_3_0.01", "lr=5e-2"}},
        {"--sweep 'train.optimizer={\"type\": \"sgd\"},{\"type\": \"adamw\", \"weight_decay\": 0.1}'",
         {"optimizer=type_sgd", "optimizer=type_adamw_weight_decay_0.1"}},
        {"--sweep 'data.path=names.txt,a/../d\xC3\xA9 f.txt'", {"path=names.txt", "path=a_.._d\xC3\xA9_f.txt"}},
        {"--sweep seed=1,2 --sweep '" LINEAR "=4,\"vocab\"'",
         {"seed=1,layers.2.out=4", "seed=1,layers.2.out=vocab", "seed=2,layers.2.out=4", "seed=2,layers.2.out=vocab"}},
    };
    write_config();
    ok(shell("cd '%s' && mkdir a && cp names.txt 'd\xC3\xA9 f.txt'", scratch(".")));
    for (size_t i = 0; i < COUNT(cases); i++) {
        ok(train("group", textf("--steps 3 --quiet --force %s", cases[i].sweeps)));
        for (size_t k = 0; k < COUNT(cases[i].names) && cases[i].names[k]; k++)
            ck_assert_msg(exists(inside(value_run("group", cases[i].names[k]), "model.safetensors")), "no %s",
                          cases[i].names[k]);
    }
}
END_TEST

START_TEST(counts_are_swept_on_their_dev_loss) {
    const char *group = scratch("counts");
    char *out = ok(nomen("train configs/bigram-counts.json --run '%s' --sweep model.smoothing=0,1", group));
    expect_words(out, "\nsmoothing=0  train 2.4523  dev inf  after ");
    expect_words(out, "smoothing=0: the dev ");
    expect_no_words(out, "seed");
    const char *run = value_run("counts", "smoothing=1");
    char *model = read_text(inside(run, "model.safetensors"), NULL);
    expect_refusal(nomen("train configs/bigram-counts.json --run '%s' --sweep model.smoothing=2,1", group), 1,
                   "nomen: %s: a run exists there; --resume continues it, --force replaces it, --run names another",
                   run);
    ck_assert(!exists(value_run("counts", "smoothing=2")));
    ok(nomen("train configs/bigram-counts.json --run '%s' --sweep model.smoothing=2,1 --resume --quiet", group));
    ck_assert_str_eq(read_text(inside(run, "model.safetensors"), NULL), model);
    ok(nomen(
        "train configs/bigram-counts.json --run '%s' --sweep model.ngram=2,3 --set model.smoothing=3 --force --quiet",
        group));
    ok(nomen("compare '%s/ngram=2' '%s/ngram=3' '%s/smoothing=2'", group, group, group));
}
END_TEST

START_TEST(what_cannot_be_swept_is_refused) {
    const char *config = write_config();
    static const struct {
        const char *options, *line;
        int status;
    } cases[] = {
        {"--sweep train.lr", "--sweep: expected KEY=VALUE,VALUE..., found \"train.lr\"; see nomen train --help", 2},
        {"--sweep =1,2", "--sweep: expected KEY=VALUE,VALUE..., found \"=1,2\"; see nomen train --help", 2},
        {"--sweep train.lr=1",
         "--sweep: expected two values or more, found \"train.lr=1\"; --set sets one; see nomen train --help", 2},
        {"--sweep train.lr=1,,2", "--sweep: train.lr=1,,2: value 2 is empty; see nomen train --help", 2},
        {"--sweep 'train.lr=[1,2],[1 2]'",
         "--sweep: the values [1,2] and [1 2] would have the same run directory, lr=1_2; see nomen train --help", 2},
        {"--sweep train.lr=1,2 --sweep train.lr=3,4",
         "--sweep: train.lr is given twice; give all its values in one; see nomen train --help", 2},
        {"--sweep train.lr=1,2 --set train.lr=3",
         "--sweep: train.lr is set by another option too; give it once; see nomen train --help", 2},
        {"--sweep train.steps=1,2 --steps 3",
         "--sweep: train.steps is set by another option too; give it once; see nomen train --help", 2},
        {"--sweep seed=1,2,3,4,5,6,7,8 --sweep train.lr=1,2,3,4,5,6,7,8,9",
         "--sweep: expected at most 64 combinations of values; see nomen train --help", 2},
        {"--sweep train.lr=1,fast", "%s: train.lr: expected a number or a list of [step, rate], found \"fast\"", 1},
        {"--sweep data.split=[1],[0.5,0.5] --set 'train.early_stop={\"patience\":1}'",
         "%s: split=1: train.early_stop: it needs a dev split; give data.split a second share, or remove early_stop",
         1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Output output = train("group", cases[i].options);
        ck_assert_int_eq(output.status, cases[i].status);
        const char *line = cases[i].line[0] == '%' ? textf("%s%s", config, cases[i].line + 2) : cases[i].line;
        ck_assert_str_eq(output.err, textf("nomen: %s\n", line));
        ck_assert(!exists(scratch("group")));
    }
    make_run();
    expect_refusal(train("run", "--sweep train.lr=1,2"), 1, "nomen: %s: a single run exists there; --run names another",
                   scratch("run"));
    ok(train("group/lr=1", "--steps 3 --quiet"));
    expect_refusal(train("group", "--sweep train.lr=1,2 --seeds 2"), 1,
                   "nomen: %s: a single run exists there; --run names another", value_run("group", "lr=1"));
    expect_refusal(nomen("train configs/bigram-counts.json --sweep model.ngram=2,3 --seeds 2 --run '%s'", scratch("n")),
                   1, "nomen: configs/bigram-counts.json: counts do not depend on the seed; --seeds is for networks");
}
END_TEST

// The others are compared.
START_TEST(a_value_that_diverges_ends_only_its_own_run) {
    Output output = train("group", "--steps 60 --sweep train.l2_mean=0,1e30,0.1");
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.err, "nomen: 1 of 3 runs failed\n");
    expect_words(output.out, textf("\nl2_mean=1e30 failed: %s: step ", value_run("group", "l2_mean=1e30")));
    expect_words(output.out, textf("; next: nomen sample %s\n", value_run("group", "l2_mean=0.1")));
    output = train("one", "--steps 60 --sweep train.l2_mean=1e30,0");
    ck_assert_str_eq(output.err, "nomen: 1 of 2 runs failed\n");
    expect_words(output.out, textf("%s\n                1 ", value_run("one", "l2_mean=0")));
    expect_no_words(output.out, "no test is possible");
    expect_words(output.out, "\nlowest dev loss: l2_mean=0; next: ");
}
END_TEST

START_TEST(a_loss_above_uniform_guessing_is_under_the_table) {
    char *out = ok(train("group", "--steps 100 --sweep train.lr=0.1,1000"));
    expect_words(out, textf("\n%s: train loss ", value_run("group", "lr=1000")));
    expect_words(out, textf("\nlowest dev loss: lr=0.1; next: nomen sample %s\n", value_run("group", "lr=0.1")));
    out = ok(train("noise", "--steps 100 --sweep train.lr=1000,2000"));
    expect_words(out, "; its names are noise; try other values\n");
    expect_no_words(out, "next: nomen sample");
}
END_TEST

START_TEST(a_stopped_sweep_goes_on) {
    const char *sweep = "--sweep 'train.optimizer={\"type\":\"sgd\"},{\"type\":\"adamw\"}'";
    static const char *const names[] = {"optimizer=type_sgd", "optimizer=type_adamw"};
    Output output = shell("\"$NOMEN\" train '%s' --run '%s' %s --threads 2 & p=$!; has_rows() { for i in sgd adamw; do "
                          "[ $(cat '%s'/optimizer=type_$i/metrics.csv 2>/dev/null | wc -l) -gt 20 ] || return 1; "
                          "done; }; " UNTIL("has_rows") "kill -TERM $p; wait $p",
                          write_config(), scratch("group"), sweep, scratch("group"));
    const char *words =
        textf("train %s/config.json --run %s %s --resume", value_run("group", names[0]), scratch("group"), sweep);
    ck_assert_int_eq(output.status, 143);
    ck_assert_str_eq(output.err, textf("nomen: 2 of 2 runs are not finished; continue with: nomen %s\n", words));
    unsigned long long a = step_of(value_run("group", names[0])), b = step_of(value_run("group", names[1]));
    const char *steps = textf("--quiet --steps %llu", (a > b ? a : b) + 123);
    ok(nomen("%s %s", words, steps));
    ok(train("whole", textf("%s %s", sweep, steps)));
    for (size_t i = 0; i < COUNT(names); i++)
        expect_same_runs(value_run("group", names[i]), value_run("whole", names[i]));
}
END_TEST

SUITE(cli_sweep, NEEDS_NOTHING) {
    ADD(each_run_has_the_bits_of_its_value_alone);
    ADD(directories_have_safe_names);
    ADD(counts_are_swept_on_their_dev_loss);
    ADD(what_cannot_be_swept_is_refused);
    ADD(a_value_that_diverges_ends_only_its_own_run);
    ADD(a_loss_above_uniform_guessing_is_under_the_table);
    ADD(a_stopped_sweep_goes_on);
}
