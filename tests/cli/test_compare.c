// nomen compare through the built program: tables, tests, notes, JSON, and which runs are accepted.
#include "cli/run.h"

#include <math.h>

#define ZEROS "--set 'model.layers[4].weight=\"zeros\"' "

static void make(const char *run, const char *options) { ok(train(run, textf("--quiet %s", options))); }

// Compares in the scratch directory, so that paths are short.
static Output compare(const char *words) { return shell("cd '%s' && \"$NOMEN\" compare %s", scratch("."), words); }

static char *report(const char *words) { return expect_columns(ok(compare(words))); }

static cJSON *json_report(const char *words) { return json_of(ok(compare(textf("%s --json", words)))); }

static double eval_loss(const char *run, const char *part) {
    return number_at(json_of(ok(nomen("eval '%s' --json", scratch(run)))), textf("%s.loss", part));
}

START_TEST(losses_are_those_of_eval_and_tested) {
    make("a", "--steps 150 --seeds 3");
    make("b", "--steps 150 --seeds 3 --seed 50 --set train.lr=0.001");
    cJSON *tree = json_report("a b");
    ck_assert_double_eq(number_at(tree, "groups.0.runs"), 3);
    ck_assert_double_gt(number_at(tree, "groups.0.seconds.mean"), 0);
    ck_assert_double_eq(number_at(tree, "groups.1.parameters"), 20 * 4 + 12 * 8 + 8 + 8 * 20 + 20);
    ck_assert_double_eq(number_at(tree, "groups.1.seeds.2"), 52);
    static const char *const parts[] = {"train", "dev", "test"};
    for (size_t p = 0; p < COUNT(parts); p++) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double loss = number_at(tree, textf("groups.1.%s.losses.%d", parts[p], i));
            ck_assert_double_eq(loss, eval_loss(textf("b/seed-%d", 50 + i), parts[p]));
            sum += loss;
        }
        ck_assert_double_eq_tol(number_at(tree, textf("groups.1.%s.mean", parts[p])), sum / 3, 1e-12);
    }
    double difference = number_at(tree, "groups.1.dev.mean") - number_at(tree, "groups.0.dev.mean");
    double sa = number_at(tree, "groups.0.dev.sd"), sb = number_at(tree, "groups.1.dev.sd");
    ck_assert_double_eq_tol(number_at(tree, "tests.0.difference"), difference, 1e-12);
    ck_assert_double_eq_tol(number_at(tree, "tests.0.t"), difference / sqrt((sa * sa + sb * sb) / 3), 1e-9);
    double df = number_at(tree, "tests.0.df"), p = number_at(tree, "tests.0.p");
    ck_assert(df > 2 && df < 4 && p > 0 && p < 1);
    expect_value(tree, "tests.0.beyond_spread", p < 0.05 ? "true" : "false");
    make("c", "--steps 150 --seeds 3 --seed 90");
    make("d", "--steps 1 --seeds 3 --seed 100 --set train.lr=0.0001 " ZEROS);
    char *text = report("a c");
    expect_words(text, "dev loss compared with that of a (Welch's t-test, two-sided):");
    expect_words(text, "  within seeds' spread\n");
    expect_no_words(text, "tests:");
    expect_words(report("a d --split train"), "  higher beyond seeds' spread\n");
    expect_words(report("d a --split train"), "  lower beyond seeds' spread\n");
    expect_words(report("a b c"), "2 tests: a difference counts if p is below 0.0250 (0.05/2).\n");
    tree = json_report("a b c");
    ck_assert_double_eq(number_at(tree, "tests.1.level"), 0.025);
}
END_TEST

START_TEST(groups_without_a_spread_are_not_tested) {
    make("a", "--steps 60");
    make("b", "--steps 60 --seeds 2");
    make("c", "--steps 5 --seeds 2 --set train.lr=0 " ZEROS);
    make("d", "--steps 5 --seeds 2 --set train.lr=0 " ZEROS);
    static const char *const cases[][2] = {
        {"b", "run          runs     mean     sd"},
        {"b", "\nb               2 "},
        {"a b", "a               1 "},
        {"a b", "      -   "},
        {"a b", "  not tested\n"},
        {"a b", "\na has no spread between seeds, so no test is possible\n"},
        {"c d", "  not tested\n"},
        {"c d", "\nno run has a spread between seeds, so no test is possible\n"},
        {"a/model.safetensors a/best.safetensors", "  not tested\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_words(report(cases[i][0]), cases[i][1]);
    expect_no_words(report("b"), "Welch");
    cJSON *tree = json_report("a b");
    static const char *const nulls[] = {"tests.0.p", "tests.0.beyond_spread", "groups.0.dev.sd"};
    for (size_t i = 0; i < COUNT(nulls); i++) expect_value(tree, nulls[i], "null");
}
END_TEST

// The groups e and a have other steps, log rows and seeds, but the same data.
START_TEST(other_data_and_splits_are_reported) {
    static const char other[] = "dab\nbob\nada\nian\nina\nann\nnan\nbea\nabe\nbab\n";
    make("a", "--steps 60 --seeds 2");
    make("b", "--steps 60 --seeds 2 --set data.shuffle_seed=null --set 'data.split=[0.5,0.25,0.25]'");
    make("d", "--steps 60 --seeds 2 --set 'data.split=[1]'");
    make("e", "--steps 80 --seeds 2 --seed 1");
    write_text(scratch("other.txt"), other);
    make("f", textf("--steps 60 --seeds 2 --data '%s' --set data.unique=true", scratch("other.txt")));
    static const char *const cases[][2] = {
        {"a b", "a and b were not measured on the same examples: their splits differ\""},
        {"a d", "the data of d has no dev split, so the train losses are compared\""},
        {"a f", "a and f were not measured on the same examples: their names files differ\""},
        {"d", "\"notes\":[]}"},
        {"a e", "\"notes\":[]}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_words(ok(compare(textf("%s --json", cases[i][0]))), cases[i][1]);
    }
    expect_words(report("a d"), "train loss compared with that of a");
    expect_refusal(compare("a d --split dev"), 1, "nomen: d: its data has no dev split");
    cJSON *tree = json_report("a d");
    ck_assert(json_find(tree, "groups.0.dev") && !json_find(tree, "groups.1.dev"));
}
END_TEST

// Losses on other data are not tested, however far apart, and leave the whole level to the others.
START_TEST(no_verdict_is_given_across_data) {
    make("a", "--steps 1 --seeds 3 --set train.lr=0.0001 " ZEROS);
    make("b", "--steps 400 --seeds 3 --set data.shuffle_seed=null");
    make("c", "--steps 400 --seeds 3");
    char *text = report("a b c --split train");
    const char *row = strstr(text, "\nb               -");
    ck_assert_msg(row, "%s", text);
    ck_assert_msg(strncmp(strchr(row + 1, '\n') - 10, "other data", 10) == 0, "%s", text);
    expect_words(text, "  lower beyond seeds' spread\n");
    expect_no_words(text, "tests:");
    cJSON *tree = json_report("a b c --split train");
    static const char *const values[][2] = {{"tests.0.same_data", "false"},
                                            {"tests.0.beyond_spread", "null"},
                                            {"tests.1.same_data", "true"},
                                            {"tests.1.beyond_spread", "true"}};
    for (size_t i = 0; i < COUNT(values); i++) expect_value(tree, values[i][0], values[i][1]);
    ck_assert_double_eq(number_at(tree, "tests.1.level"), 0.05);
}
END_TEST

static void make_counts(const char *run, const char *smoothing) {
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("n.json"), "{'data':{'path':'names.txt','shuffle_seed':1},'model':{'ngram':2}}");
    ok(nomen("train '%s' --quiet --run '%s' --set model.smoothing=%s", scratch("n.json"), scratch(run), smoothing));
}

START_TEST(extreme_values_keep_the_table) {
    make("zeros", "--steps 5 --seeds 6 --set train.lr=1e-6 " ZEROS);
    make("trained", "--steps 200 --seeds 6 --set train.lr=0.2");
    expect_words(report("zeros trained --split train"), "  lower beyond seeds' spread\n");
    make("a-group-with-a-long-name", "--steps 60 --seeds 2 --set train.lr=1e20");
    expect_words(report("trained a-group-with-a-long-name"), "\na-group-with-a-long-name\n                2 ");
    expect_words(report("trained a-group-with-a-long-name"), "e+");
    make_counts("n", "1");
    expect_words(report("n trained"), "n               1 ");
    expect_words(report("n trained"), "\nn is counts, which have no spread, so no test is possible\n");
    cJSON *tree = json_report("n trained");
    expect_value(tree, "groups.0.parameters", "null");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "notes")), 1);
}
END_TEST

START_TEST(counts_are_compared_without_a_test) {
    make_counts("one", "1");
    make_counts("ten", "10");
    make_counts("same", "1");
    make_counts("none", "0");
    double difference = eval_loss("ten", "dev") - eval_loss("one", "dev");
    char *text = report("one ten same none");
    expect_words(text, "\ndev loss compared with that of one:\n\nrun          difference  verdict\nten");
    expect_words(text, textf("%10.4f  %s\n", difference, difference < 0 ? "lower" : "higher"));
    expect_words(text, "    0.0000  equal\nnone                inf  higher\n");
    expect_words(text, "\nnone: the dev loss is infinite, because ");
    expect_no_words(text, "seed");
    expect_no_words(text, "Welch");
    cJSON *tree = json_report("one ten");
    expect_value(tree, "tests.0.beyond_spread", "null");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "notes")), 0);
}
END_TEST

START_TEST(changed_or_missing_names_are_an_error_of_the_run) {
    make("a", "--steps 60 --seeds 2");
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    write_text(path, "ada\nbob\n");
    expect_refusal(compare("a"), 1,
                   "nomen: a/seed-2147483647/model.safetensors: %s: it has changed since the run was trained on it; "
                   "put it back",
                   path);
    ck_assert_int_eq(remove(path), 0);
    expect_refusal(compare("a"), 1,
                   "nomen: a/seed-2147483647/model.safetensors: %s: no such file or directory; "
                   "put it back",
                   path);
}
END_TEST

START_TEST(unfinished_runs_are_reported) {
    make("a", "--steps 60 --seeds 2");
    static const char *const runs[] = {"a/seed-2147483648", "a/seed-2147483647"};
    static const char *const notes[] = {"1 of 2 runs in a not finished\"", "2 of 2 runs in a not finished\""};
    for (size_t i = 0; i < COUNT(runs); i++) {
        const char *run = scratch(runs[i]);
        ck_assert_int_eq(rename(with_text(run, "step", "59"), inside(run, "model.safetensors")), 0);
        expect_words(ok(compare("a --json")), notes[i]);
    }
}
END_TEST

START_TEST(best_weights_are_measured_without_their_time) {
    make("a", "--steps 1000 --seeds 2 --set train.lr=0.5");
    cJSON *tree = json_report("a --best");
    double loss = number_at(tree, "groups.0.dev.losses.0");
    ck_assert_double_eq(loss, eval_loss("a/seed-2147483647/best.safetensors", "dev"));
    ck_assert_double_ne(loss, eval_loss("a/seed-2147483647", "dev"));
    expect_value(tree, "groups.0.seconds.mean", "null");
    char *text = report("a --best");
    expect_words(text, "      -\n");
    expect_no_words(text, "not finished"); // though the best step is not the last
}
END_TEST

START_TEST(operands_that_are_no_runs_are_refused) {
    make("a", "--steps 60 --seeds 2");
    make("one", "--steps 60");
    static const struct {
        const char *words, *line;
        int status;
    } cases[] = {
        {"one",
         "one is one run; compare takes two or more, or a directory of one run per seed; see nomen compare "
         "--help",
         2},
        {"a none --best", "none: no such run; nomen train makes one", 1},
        {"a empty", "empty: no model.safetensors in it; train it first", 1},
        {"a half", "half/seed-1: no model.safetensors in it; train it first", 1},
        {"a c.json", "c.json: expected a run, found a config; nomen train c.json makes a run", 1},
        {"a --split all", "--split: expected train, dev or test, found \"all\"; see nomen compare --help", 2},
    };
    shell("cd '%s' && mkdir -p empty half/seed-1 && cp one/config.json half/seed-1", scratch("."));
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(compare(cases[i].words), cases[i].status, "nomen: %s", cases[i].line);
}
END_TEST

// With early stop, the evaluations decide when training ends, so eval_every belongs to the training.
START_TEST(the_runs_of_a_group_differ_only_in_their_seed) {
#define EARLY "--steps 60 --force --set 'train.early_stop={\"patience\":9}' "
    write_text(scratch("other.txt"), "dab\nbob\nada\nian\nina\nann\nnan\nbea\nabe\nbab\n");
    const struct {
        const char *run, *options, *error; // of the comparison after this training; NULL if it succeeds
    } steps[] = {
        {"a/x", "--steps 60 --seed 1", NULL},
        {"a/y", "--steps 60 --seed 2", NULL},
        {"a/z", "--steps 60 --seed 3 --set train.lr=0.5",
         "z/model.safetensors: the runs of a group may differ only in their seed: train.lr[0][1]: expected "
         "0.1, found 0.5; a/* names each as one run"},
        {"a/z", "--steps 60 --seed 3 --force --set train.eval_every=20", NULL},
        {"a/z", "--steps 60 --seed 2 --force",
         "z/model.safetensors: it has the same seed as a/y/model.safetensors, 2, "
         "so they are the same run"},
        {"a/z", textf("--steps 60 --seed 3 --force --data '%s'", scratch("other.txt")),
         "z/model.safetensors: it was trained on another names file than a/x/model.safetensors"},
        {"e/x", EARLY "--seed 1 --set train.eval_every=5", NULL},
        {"e/y", EARLY "--seed 2 --set train.eval_every=6",
         "y/model.safetensors: the runs of a group may differ only in their seed: train.eval_every: expected "
         "5, found 6; e/* names each as one run"},
        {"e/y", EARLY "--seed 2 --set train.eval_every=5 --set train.log_every=3", NULL},
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        char group[] = {steps[i].run[0], '\0'};
        make(steps[i].run, steps[i].options);
        if (steps[i].error)
            expect_refusal(compare(group), 1, "nomen: %s/%s", group, steps[i].error);
        else if (steps[i].run[2] != 'x')
            report(group);
    }
}
END_TEST

SUITE(cli_compare, NEEDS_NOTHING) {
    ADD(losses_are_those_of_eval_and_tested);
    ADD(groups_without_a_spread_are_not_tested);
    ADD(other_data_and_splits_are_reported);
    ADD(no_verdict_is_given_across_data);
    ADD(extreme_values_keep_the_table);
    ADD(counts_are_compared_without_a_test);
    ADD(changed_or_missing_names_are_an_error_of_the_run);
    ADD(unfinished_runs_are_reported);
    ADD(best_weights_are_measured_without_their_time);
    ADD(operands_that_are_no_runs_are_refused);
    ADD(the_runs_of_a_group_differ_only_in_their_seed);
}
