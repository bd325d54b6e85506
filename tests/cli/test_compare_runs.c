// Which runs nomen compare takes, through the built program: groups, best weights, unfinished ones, what is refused.
#include "cli/compare.h"

START_TEST(names_that_changed_or_are_gone_are_told_of_the_run) {
    make("a", "--quiet --steps 60 --seeds 2");
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    write_text(path, "ada\nbob\n");
    expect_refusal(compare("a"), 1,
                   "nomen: a/seed-2147483647/model.safetensors: its names file, %s, has changed since; put it back",
                   path);
    ck_assert_int_eq(remove(path), 0);
    expect_refusal(compare("a"), 1,
                   "nomen: a/seed-2147483647/model.safetensors: %s: no such file or directory; put it back", path);
}
END_TEST

START_TEST(a_run_with_steps_left_is_told) {
    make("a", "--quiet --steps 60 --seeds 2");
    // As a signal leaves it: the config wants more steps than the model has made.
    Output output = nomen("train '%s' --run '%s' --seeds 2 --quiet & p=$!; " UNTIL(
                              "[ -s '%s/model.safetensors' ] && [ -s '%s/model.safetensors' ]") "kill $p; wait $p",
                          write_config(), scratch("b"), scratch("b/seed-2147483647"), scratch("b/seed-2147483648"));
    ck_assert_int_eq(output.status, 143);
    expect_words(report("a b --json"),
                 "2 of the 2 runs in b are not finished: b/seed-2147483647/model.safetensors is at step ");
    expect_words(report("a b/seed-2147483648 --json"), "\"b/seed-2147483648/model.safetensors is not finished: step ");
    // One of the two alone: a model that has made fewer steps than it is to make.
    SafeTensors model = read_model(scratch("a/seed-2147483648"), "model.safetensors");
    Error err;
    for (size_t i = 0; i < model.n_texts; i++)
        if (strcmp(model.texts[i].key, "step") == 0) model.texts[i].value = "59";
    ck_assert(safetensors_write(scratch("a/seed-2147483648/model.safetensors"), &model, &err));
    expect_words(report("a --json"),
                 "1 of the 2 runs in a is not finished: a/seed-2147483648/model.safetensors is at step "
                 "59 of 60\"");
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
        {"one", "one is one run; compare takes two or more, or a directory of one run a seed; see nomen compare --help",
         2},
        {"a/seed-2147483647",
         "a/seed-2147483647 is one run; compare takes two or more, or a directory of one run a seed; see nomen compare "
         "--help",
         2},
        {"", "RUN is missing; see nomen compare --help", 2},
        {"one ./one/", "./one/model.safetensors is given twice; see nomen compare --help", 2},
        {"a a/seed-2147483648", "a/seed-2147483648/model.safetensors is given twice; see nomen compare --help", 2},
        {"a none --best", "none: no such run; did you mean one?", 1},
        {"a none", "none: no such run; did you mean one?", 1},
        {"a empty", "empty: no model.safetensors in it; train it first", 1},
        {"a half", "half/seed-1: no model.safetensors in it; train it first", 1},
        {"a c.json", "c.json: expected a run's directory or model file, found a text", 1},
        {"a --split all", "--split: expected train, dev or test, found \"all\"; see nomen compare --help", 2},
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
    make("a/z", "--quiet --steps 60 --seed 3 --force --set train.eval_every=20");
    expect_words(report("a"), "\na               3 ");
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

// It decides there when training ends.
START_TEST(early_stop_makes_eval_every_part_of_the_training) {
    static const char early[] = "--quiet --steps 60 --set 'train.early_stop={\"patience\":9}'";
    char options[256];
    snprintf(options, sizeof options, "%s --seed 1 --set train.eval_every=5", early);
    make("a/x", options);
    snprintf(options, sizeof options, "%s --seed 2 --set train.eval_every=6", early);
    make("a/y", options);
    expect_refusal(compare("a"), 1,
                   "nomen: a/y/model.safetensors: train.eval_every: the first run has 5, this one 6 (the first: "
                   "a/x/model.safetensors); a group's runs differ in their seed alone");
    snprintf(options, sizeof options, "%s --seed 2 --force --set train.eval_every=5 --set train.log_every=3", early);
    make("a/y", options);
    expect_words(report("a"), "\na               2 ");
}
END_TEST

SUITE(cli_compare_runs, NEEDS_NOTHING) {
    ADD(names_that_changed_or_are_gone_are_told_of_the_run);
    ADD(a_run_with_steps_left_is_told);
    ADD(best_weights_on_request);
    ADD(best_weights_are_as_old_as_their_run);
    ADD(what_cannot_be_compared_is_refused);
    ADD(a_group_is_one_training);
    ADD(early_stop_makes_eval_every_part_of_the_training);
}
