// nomen compare through the built program: tables, tests, JSON, and what is told beside them.
#include "cli/compare.h"

// Three seeds each of the config, and of it with a lower rate.
static void make_groups(void) {
    make("a", "--quiet --steps 150 --seeds 3");
    make("b", "--quiet --steps 150 --seeds 3 --seed 50 --set train.lr=0.001");
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
    // Alone it is compared with nothing, so that nothing is to be told.
    expect_words(report("d --json"), "\"notes\":[]}");
    cJSON *tree = json_of(report("a d --json"));
    ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "groups"), 1), "dev"));
    cJSON_Delete(tree);
    snprintf(options, sizeof options, "--quiet --steps 60 --seeds 2 --data '%s' --set data.unique=true",
             scratch("other.txt"));
    make("f", options);
    text = report("a f --json");
    expect_words(text, "a and f were not measured on the same examples: their names files differ (SHA-256 ");
    expect_words(text,
                 "), the split is 0.8, 0.1, 0.1 shuffled by 1 in the one, 0.8, 0.1, 0.1 shuffled by 1 of different "
                 "names in the other\"");
    make("e", "--quiet --steps 60 --seeds 2 --seed 1");
    expect_words(report("a e --json"), "\"notes\":[]}");
}
END_TEST

// p has too many noughts for its column.
START_TEST(a_difference_beyond_all_doubt_has_no_smaller_p) {
    make("a", "--quiet --steps 5 --seeds 6 --set 'model.layers[4].weight=\"zeros\"' --set train.lr=1e-6");
    make("b", "--quiet --steps 200 --seeds 6 --set train.lr=0.2");
    cJSON *tree = json_of(report("a b --split train --json"));
    ck_assert_double_lt(item(tree, "tests", 0, "p")->valuedouble, 1e-4);
    cJSON_Delete(tree);
    expect_words(report("a b --split train"), "  <0.0001  lower beyond seeds' spread\n");
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

SUITE(cli_compare, NEEDS_NOTHING) {
    ADD(losses_are_those_of_eval);
    ADD(a_difference_beyond_the_spread_is_called_one);
    ADD(several_tests_share_the_level);
    ADD(one_group_alone_has_its_table);
    ADD(single_runs_are_shown_without_spread_or_test);
    ADD(no_spread_at_all_is_told);
    ADD(other_data_and_splits_are_told);
    ADD(a_difference_beyond_all_doubt_has_no_smaller_p);
    ADD(no_verdict_is_given_across_data);
    ADD(long_names_stand_on_lines_of_their_own);
    ADD(losses_beyond_all_bounds_keep_the_table);
    ADD(counts_are_compared_too);
}
