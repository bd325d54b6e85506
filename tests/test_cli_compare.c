// nomen compare through the built program: tables, tests, JSON, what is told beside them, what is refused.
#include "cli_run.h"

#include <cjson/cJSON.h>
#include <math.h>

static void expect_words(const char *text, const char *words) {
    ck_assert_msg(strstr(text, words), "\"%s\" stands not in:\n%s", words, text);
}

static void make(const char *run, const char *options) {
    Output output = train(run, options);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}

// Three seeds each of the config, and of it with a lower rate.
static void make_groups(void) {
    make("a", "--quiet --steps 150 --seeds 3");
    make("b", "--quiet --steps 150 --seeds 3 --seed 50 --set train.lr=0.001");
}

// Compares from within the scratch folder, so that paths are short; every line fits 80 columns.
static Output compare(const char *words) {
    Output output =
        nomen("--version > '%s'; NOMEN=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && \"$NOMEN\" compare %s",
              scratch("version"), scratch("."), words);
    for (const char *line = output.out; *line && *line != '{'; line = strchr(line, '\n') + 1)
        ck_assert_msg(utf8_count(line, strcspn(line, "\n")) <= 80, "too wide: %.*s", (int)strcspn(line, "\n"), line);
    return output;
}

static char *report(const char *words) {
    Output output = compare(words);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    return output.out;
}

static cJSON *json_of(const char *text) {
    cJSON *tree = cJSON_Parse(text);
    ck_assert_msg(tree != NULL, "no JSON: %s", text);
    return tree;
}

static const cJSON *item(const cJSON *tree, const char *list, int i, const char *key) {
    const cJSON *found =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, list), i), key);
    ck_assert_msg(found, "no %s[%d].%s", list, i, key);
    return found;
}

static double number_in(const cJSON *object, const char *key) {
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);
    ck_assert_msg(cJSON_IsNumber(number), "no number: %s", key);
    return number->valuedouble;
}

static double eval_loss(const char *run, const char *part) {
    cJSON *tree = json_of(nomen("eval '%s' --json", run).out);
    double loss = number_in(cJSON_GetObjectItemCaseSensitive(tree, part), "loss");
    cJSON_Delete(tree);
    return loss;
}

START_TEST(losses_are_those_of_eval) {
    make_groups();
    cJSON *tree = json_of(report("a b --json"));
    ck_assert_int_eq(item(tree, "groups", 0, "runs")->valueint, 3);
    ck_assert_double_gt(number_in(item(tree, "groups", 0, "seconds"), "mean"), 0);
    ck_assert_int_eq(item(tree, "groups", 1, "parameters")->valueint, 20 * 4 + 12 * 8 + 8 + 8 * 20 + 20);
    static const char *const parts[] = {"train", "dev", "test"};
    for (size_t p = 0; p < COUNT(parts); p++) {
        double sum = 0;
        const cJSON *figures = item(tree, "groups", 1, parts[p]);
        const cJSON *losses = cJSON_GetObjectItemCaseSensitive(figures, "losses");
        for (int i = 0; i < 3; i++) {
            char run[32];
            snprintf(run, sizeof run, "b/seed-%d", 50 + i);
            ck_assert_int_eq(cJSON_GetArrayItem(item(tree, "groups", 1, "seeds"), i)->valueint, 50 + i);
            double loss = eval_loss(scratch(run), parts[p]);
            ck_assert_double_eq(cJSON_GetArrayItem(losses, i)->valuedouble, loss);
            sum += loss;
        }
        ck_assert_double_eq_tol(number_in(figures, "mean"), sum / 3, 1e-12);
    }
    cJSON_Delete(tree);
}
END_TEST

START_TEST(a_difference_beyond_the_spread_is_called_one) {
    make_groups();
    cJSON *tree = json_of(report("a b --json"));
    double a = number_in(item(tree, "groups", 0, "dev"), "mean"), b = number_in(item(tree, "groups", 1, "dev"), "mean");
    double sa = number_in(item(tree, "groups", 0, "dev"), "sd"), sb = number_in(item(tree, "groups", 1, "dev"), "sd");
    const cJSON *test = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "tests"), 0);
    ck_assert_double_eq_tol(number_in(test, "difference"), b - a, 1e-12);
    ck_assert_double_eq_tol(number_in(test, "t"), (b - a) / sqrt((sa * sa + sb * sb) / 3), 1e-9);
    ck_assert_double_gt(number_in(test, "df"), 2);
    ck_assert_double_lt(number_in(test, "df"), 4);
    double p = number_in(test, "p");
    bool is_beyond = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(test, "beyond_spread"));
    ck_assert(p > 0 && p < 1 && is_beyond == (p < 0.05));
    cJSON_Delete(tree);
    // Its own second half beside it differs by nothing but the seeds.
    make("c", "--quiet --steps 150 --seeds 3 --seed 90");
    char *text = report("a c");
    expect_words(text, "dev loss beside that of a (Welch's t-test, two-sided):");
    expect_words(text, "  within the spread of seeds\n");
    make("d", "--quiet --steps 1 --seeds 3 --seed 100 --set 'model.layers[4].weight=\"zeros\"' --set train.lr=0.0001");
    expect_words(report("a d --split train"), "  higher beyond seeds' spread\n");
    expect_words(report("d a --split train"), "  lower beyond seeds' spread\n");
}
END_TEST

START_TEST(several_tests_share_the_level) {
    make_groups();
    make("c", "--quiet --steps 150 --seeds 2 --seed 90");
    expect_words(report("a b c"), "2 tests: a difference is called one where p is below 0.0250 (0.05/2).\n");
    cJSON *tree = json_of(report("a b c --json"));
    ck_assert_double_eq(number_in(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "tests"), 1), "level"),
                        0.025);
    cJSON_Delete(tree);
    ck_assert_ptr_null(strstr(report("a b"), "tests:"));
}
END_TEST

START_TEST(one_group_alone_has_its_table) {
    make("a", "--quiet --steps 60 --seeds 2");
    char *text = report("a");
    expect_words(text, "run          runs     mean     sd");
    expect_words(text, "\na               2 ");
    ck_assert_ptr_null(strstr(text, "Welch"));
}
END_TEST

START_TEST(single_runs_are_shown_without_spread_or_test) {
    make("a", "--quiet --steps 60");
    make("b", "--quiet --steps 60 --seeds 2");
    char *text = report("a b");
    expect_words(text, "      -   ");
    expect_words(text, "  not tested\n");
    expect_words(text, "a is one run: it has no spread between seeds, so that nothing can be tested with\n  it\n");
    cJSON *tree = json_of(report("a b --json"));
    ck_assert(cJSON_IsNull(item(tree, "tests", 0, "p")) && cJSON_IsNull(item(tree, "tests", 0, "beyond_spread")));
    ck_assert(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(item(tree, "groups", 0, "dev"), "sd")));
    cJSON_Delete(tree);
    ck_assert_int_eq(compare("a/model.safetensors a/best.safetensors").status, 0);
}
END_TEST

// Weights that begin and stay at zero are the same from every seed.
START_TEST(no_spread_at_all_is_told) {
    static const char zeros[] = "--quiet --steps 5 --seeds 2 --set train.lr=0 --set 'model.layers[4].weight=\"zeros\"'";
    make("a", zeros);
    make("b", zeros);
    char *text = report("a b");
    expect_words(text, "  not tested\n");
    expect_words(text, "a has no spread between its seeds: their losses are equal\n");
    expect_words(text, "b has no spread between its seeds: their losses are equal\n");
}
END_TEST

START_TEST(other_data_and_splits_are_told) {
    make("a", "--quiet --steps 60 --seeds 2");
    make("b", "--quiet --steps 60 --seeds 2 --set data.shuffle_seed=null --set 'data.split=[0.5,0.25,0.25]'");
    char *text = report("a b --json");
    expect_words(text,
                 "a and b were not measured on the same examples: the split is 0.8, 0.1, 0.1 shuffled by 1 in the "
                 "one, 0.5, 0.25, 0.25 in file order in the other");
    write_text(scratch("other.txt"), "dab\nbob\nada\nian\nina\nann\nnan\nbea\nabe\nbab\n");
    char options[PATH_MAX];
    snprintf(options, sizeof options, "--quiet --steps 60 --seeds 2 --data '%s'", scratch("other.txt"));
    make("c", options);
    expect_words(report("a c --json"), "a and c were not measured on the same examples: their names files differ "
                                       "(SHA-256 ");
    make("d", "--quiet --steps 60 --seeds 2 --set 'data.split=[1]'");
    text = report("a d");
    expect_words(text, "train loss beside that of a");
    expect_words(text, "\nthe data of d has no dev split, so that the train loss is compared for all\n");
    expect_refusal(compare("a d --split dev"), 1, "nomen: d: its data has no dev split");
    make("e", "--quiet --steps 60 --seeds 2 --seed 1");
    expect_words(report("a e --json"), "\"notes\":[]}");
}
END_TEST

// However far apart the losses are; one that is of the same data has the whole level to itself.
START_TEST(no_verdict_is_given_across_data) {
    make("a", "--quiet --steps 1 --seeds 3 --set 'model.layers[4].weight=\"zeros\"' --set train.lr=0.0001");
    make("b", "--quiet --steps 400 --seeds 3 --set data.shuffle_seed=null");
    make("c", "--quiet --steps 400 --seeds 3");
    char *text = report("a b c --split train");
    const char *row = strstr(text, "\nb               -");
    ck_assert_msg(row, "%s", text);
    ck_assert_msg(strncmp(strchr(row + 1, '\n') - 10, "other data", 10) == 0, "%s", text);
    expect_words(text, "  lower beyond seeds' spread\n");
    ck_assert_ptr_null(strstr(text, "tests:"));
    cJSON *tree = json_of(report("a b c --split train --json"));
    ck_assert(cJSON_IsFalse(item(tree, "tests", 0, "same_data")));
    ck_assert(cJSON_IsNull(item(tree, "tests", 0, "beyond_spread")));
    ck_assert(cJSON_IsTrue(item(tree, "tests", 1, "same_data")));
    ck_assert(cJSON_IsTrue(item(tree, "tests", 1, "beyond_spread")));
    ck_assert_double_eq(item(tree, "tests", 1, "level")->valuedouble, 0.05);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(names_that_changed_or_are_gone_are_told_of_the_run) {
    make("a", "--quiet --steps 60 --seeds 2");
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    write_text(path, "ada\nbob\n");
    expect_refusal(compare("a"), 1,
                   "nomen: a/seed-2147483647/model.safetensors: its names file, %s, has changed since; put it back",
                   path);
    ck_assert_int_eq(remove(path), 0);
    expect_refusal(compare("a"), 1, "nomen: a/seed-2147483647/model.safetensors: %s: no such file or directory", path);
}
END_TEST

START_TEST(a_run_with_steps_left_is_told) {
    make("a", "--quiet --steps 60 --seeds 2");
    make("b", "--quiet --steps 60 --seeds 2");
    // As a signal leaves it: the config wants more steps than the model has made.
    Output output = nomen("train '%s' --run '%s' --seeds 2 --force --quiet & p=$!; for try in $(seq 1000); do "
                          "[ $(cat '%s/seed-2147483648/metrics.csv' 2>/dev/null | wc -l) -gt 9 ] && break; sleep 0.01; "
                          "done; kill $p; wait $p",
                          write_config(), scratch("b"), scratch("b"));
    ck_assert_int_eq(output.status, 143);
    expect_words(report("a b --json"),
                 "2 of the 2 runs in b are not finished: b/seed-2147483647/model.safetensors is at step ");
    expect_words(report("a b/seed-2147483648 --json"), "\"b/seed-2147483648/model.safetensors is not finished: step ");
}
END_TEST

START_TEST(long_names_stand_on_lines_of_their_own) {
    make("a-group-with-a-long-name", "--quiet --steps 60 --seeds 2");
    make("b", "--quiet --steps 60 --seeds 2");
    expect_words(report("b a-group-with-a-long-name"), "\na-group-with-a-long-name\n                2   ");
}
END_TEST

START_TEST(losses_beyond_all_bounds_keep_the_table) {
    make("a", "--quiet --steps 60 --seeds 2 --set train.lr=1e20");
    make("b", "--quiet --steps 60 --seeds 2");
    expect_words(report("a b"), "e+");
}
END_TEST

START_TEST(counts_are_compared_too) {
    write_config();
    write_text(scratch("n.json"), "{\"data\":{\"path\":\"names.txt\",\"shuffle_seed\":1},\"model\":{\"ngram\":2}}");
    ck_assert_int_eq(nomen("train '%s' --quiet --run '%s'", scratch("n.json"), scratch("n")).status, 0);
    make("a", "--quiet --steps 60 --seeds 2");
    expect_words(report("n a"), "n               1 ");
    cJSON *tree = json_of(report("n a --json"));
    ck_assert(cJSON_IsNull(item(tree, "groups", 0, "parameters")));
    ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, "notes")), 1);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(best_weights_on_request) {
    make("a", "--quiet --steps 1000 --seeds 2 --set train.lr=0.5");
    cJSON *tree = json_of(report("a --best --json"));
    const cJSON *losses = cJSON_GetObjectItemCaseSensitive(item(tree, "groups", 0, "dev"), "losses");
    ck_assert_double_eq(cJSON_GetArrayItem(losses, 0)->valuedouble,
                        eval_loss(scratch("a/seed-2147483647/best.safetensors"), "dev"));
    ck_assert_double_ne(cJSON_GetArrayItem(losses, 0)->valuedouble, eval_loss(scratch("a/seed-2147483647"), "dev"));
    cJSON_Delete(tree);
}
END_TEST

static void expect_seconds(const char *words, int i, double expected) {
    cJSON *tree = json_of(report(words));
    const cJSON *mean = cJSON_GetObjectItemCaseSensitive(item(tree, "groups", i, "seconds"), "mean");
    if (isnan(expected))
        ck_assert(cJSON_IsNull(mean));
    else
        ck_assert_double_eq(mean->valuedouble, expected);
    // The sixteen names are soon learnt by heart: the best step is none of the end, and yet all are finished.
    ck_assert_ptr_null(strstr(report(words), "not finished"));
    cJSON_Delete(tree);
}

START_TEST(best_weights_are_as_old_as_their_run) {
    make("a", "--quiet --steps 1000 --seeds 2 --set train.lr=0.5");
    cJSON *tree = json_of(report("a a/seed-2147483647/best.safetensors --json"));
    double mean = number_in(item(tree, "groups", 0, "seconds"), "mean");
    cJSON_Delete(tree);
    tree = json_of(report("a/seed-2147483647 a/seed-2147483648/best.safetensors --json"));
    double first = number_in(item(tree, "groups", 0, "seconds"), "mean");
    cJSON_Delete(tree);
    expect_seconds("a --best --json", 0, mean);
    expect_seconds("a a/seed-2147483647/best.safetensors --json", 1, first);
    ck_assert_int_eq(rename(scratch("a/seed-2147483647/model.safetensors"), scratch("last.safetensors")), 0);
    expect_seconds("a --best --json", 0, (double)NAN);
    expect_words(report("a --best"), "      -\n");
    make("b", "--quiet --steps 70");
    ck_assert_int_eq(rename(scratch("a/seed-2147483648/best.safetensors"), scratch("b/other.safetensors")), 0);
    expect_seconds("b b/other.safetensors --json", 1, (double)NAN);
}
END_TEST

START_TEST(what_cannot_be_compared_is_refused) {
    make("a", "--quiet --steps 60 --seeds 2");
    make("one", "--quiet --steps 60");
    static const struct {
        const char *words, *line;
        int status;
    } cases[] = {
        {"one", "one is one run; compare takes two or more, or a folder of one run a seed; see nomen compare --help",
         2},
        {"a/seed-2147483647",
         "a/seed-2147483647 is one run; compare takes two or more, or a folder of one run a seed; see nomen compare "
         "--help",
         2},
        {"", "RUN... is missing; see nomen compare --help", 2},
        {"one ./one/", "./one/model.safetensors is given twice; see nomen compare --help", 2},
        {"a a/seed-2147483648", "a/seed-2147483648/model.safetensors is given twice; see nomen compare --help", 2},
        {"a none", "none: no such run; nomen train makes one", 1},
        {"a empty", "empty: no model.safetensors in it; train it first", 1},
        {"a half", "half/seed-1: no model.safetensors in it; train it first", 1},
        {"a c.json", "c.json: it is cut short, or no safetensors file", 1},
        {"a --split all", "--split: expected train or dev or test, found \"all\"; see nomen compare --help", 2},
        {"one ''", "the run's name is empty", 1},
    };
    ck_assert_int_eq(
        nomen("--version && cd '%s' && mkdir -p empty half/seed-1 && cp one/config.json half/seed-1", scratch("."))
            .status,
        0);
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(compare(cases[i].words), cases[i].status, "nomen: %s", cases[i].line);
    char *model = read_text(scratch("one/model.safetensors"), NULL);
    write_bytes(scratch("one/model.safetensors"), model, 100);
    ck_assert_int_eq(compare("a one").status, 1);
}
END_TEST

START_TEST(a_group_is_one_training) {
    make("a/x", "--quiet --steps 60 --seed 1");
    make("a/y", "--quiet --steps 60 --seed 2");
    expect_words(report("a"), "\na               2 ");
    make("a/z", "--quiet --steps 60 --seed 3 --set train.lr=0.5");
    expect_refusal(compare("a"), 1,
                   "nomen: a/z/model.safetensors: train.lr[0][1]: the first run has 0.1, this one 0.5 (the first: "
                   "a/x/model.safetensors); a group's runs differ in their seed alone");
    make("a/z", "--quiet --steps 60 --seed 2 --force");
    expect_refusal(compare("a"), 1,
                   "nomen: a/z/model.safetensors: it has the seed of a/y/model.safetensors, 2, so that they are the "
                   "same run");
    write_text(scratch("other.txt"), "dab\nbob\nada\nian\nina\nann\nnan\nbea\nabe\nbab\n");
    char options[PATH_MAX];
    snprintf(options, sizeof options, "--quiet --steps 60 --seed 3 --force --data '%s'", scratch("other.txt"));
    make("a/z", options);
    expect_refusal(compare("a"), 1,
                   "nomen: a/z/model.safetensors: it was trained on another names file than a/x/model.safetensors");
    write_text(scratch("names.txt"), "changed\nsince\nthen\nada\nbob\ncid\ndea\neli\nfay\ngus\n");
    ck_assert_int_eq(compare("a").status, 1);
}
END_TEST

SUITE(cli_compare, NEEDS_NOTHING) {
    ADD(losses_are_those_of_eval);
    ADD(a_difference_beyond_the_spread_is_called_one);
    ADD(several_tests_share_the_level);
    ADD(one_group_alone_has_its_table);
    ADD(single_runs_are_shown_without_spread_or_test);
    ADD(no_spread_at_all_is_told);
    ADD(other_data_and_splits_are_told);
    ADD(no_verdict_is_given_across_data);
    ADD(names_that_changed_or_are_gone_are_told_of_the_run);
    ADD(a_run_with_steps_left_is_told);
    ADD(long_names_stand_on_lines_of_their_own);
    ADD(losses_beyond_all_bounds_keep_the_table);
    ADD(counts_are_compared_too);
    ADD(best_weights_on_request);
    ADD(best_weights_are_as_old_as_their_run);
    ADD(what_cannot_be_compared_is_refused);
    ADD(a_group_is_one_training);
}
