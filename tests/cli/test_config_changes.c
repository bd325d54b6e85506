// Configs through the built program: changes by --set, and what is unusual but must be taken.
#include "cli/config.h"

START_TEST(refuses_changes_that_fit_nowhere) {
    const char *path = config_with("", "3", LAYERS, ", 'lr': 0.1", "");
    static const Refused wrong_usage[] = {
        {"train.steps", "expected KEY=VALUE, found \"train.steps\""},
        {"=5", "expected KEY=VALUE, found \"=5\""},
        {"", "expected KEY=VALUE, found \"\""},
    };
    for (size_t i = 0; i < COUNT(wrong_usage); i++)
        expect_refusal(nomen("train '%s' --run '%s' --set '%s'", path, scratch("run"), wrong_usage[i].json), 2,
                       "nomen: --set: %s; see nomen train --help", wrong_usage[i].message);
    static const Refused wrong[] = {
        {"train.stps=3", "train.stps: unknown key; did you mean \"steps\"?"},
        {"stps=3", "stps: unknown key; the keys here are $schema, name, seed, data, model, train, sample, expect"},
        {"train.steps=", "train.steps: " WHOLE "1 to 1000000000000000, found \"\""},
        {"train.steps=0", "train.steps: " WHOLE "1 to 1000000000000000, found 0"},
        {"train.steps=three", "train.steps: " WHOLE "1 to 1000000000000000, found \"three\""},
        {"train.lr=[[0,0.1]", "train.lr: expected JSON after \"[\", found [[0,0.1]"},
        {"train.lr={from:0.1}", "train.lr: expected JSON after \"{\", found {from:0.1}"},
        {"train.lr= [0 0.1]", "train.lr: expected JSON after \"[\", found  [0 0.1]"},
        {"train.lr.x=5", "train.lr.x: no such place in the config"},
        {"train=5", "train: expected an object, found 5"},
        {"model.layers[3].dim=5", "model.layers[3].dim: no such place in the config"},
        {"model.layers[-1].dim=5", "model.layers[-1].dim: no such place in the config"},
        {"model.layers[x].dim=5", "model.layers[x].dim: no such place in the config"},
        {"model.layers[99999999999999999999]=5", "model.layers[99999999999999999999]: no such place in the config"},
        {"model.layers[2=5", "model.layers[2: no such place in the config"},
        {"model.layers[2]x=5", "model.layers[2]x: no such place in the config"},
        {"model]layers=5", "model]layers: no such place in the config"},
        {"[0]=1", "[0]: no such place in the config"},
        {".seed=1", ".seed: no such place in the config"},
        {"model.layers=[]", "model.layers: expected a list of objects, at least one, found []"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        expect_refusal(nomen("train '%s' --run '%s' --set '%s'", path, scratch("run"), wrong[i].json), 1,
                       "nomen: %s: %s", path, wrong[i].message);
        keep_refused(path, wrong[i].json, wrong[i].message);
        ck_assert(!exists(scratch("run")));
    }
}
END_TEST

START_TEST(refuses_changes_that_are_too_long_or_not_utf8) {
    const char *path = config_with("", "3", LAYERS, "", "");
    char key[200], change[256];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    snprintf(change, sizeof change, "--set %s=1", key);
    expect_refusal(train(path, change), 1, "nomen: %s: %s: no such place in the config", path, key);
    expect_refusal(train(path, "--set 'n\xFF=1'"), 1, "nomen: %s: n\xFF: the change is not UTF-8, which JSON requires",
                   path);
    expect_refusal(train(path, "--set 'name=\xFF'"), 1, "nomen: %s: name: the change is not UTF-8, which JSON requires",
                   path);
}
END_TEST

START_TEST(refuses_places_that_are_not_utf8) {
    char *text = read_text(config_with("", "3", LAYERS, "", ""), NULL);
    write_text(scratch("c\xFF.json"), text);
    expect_refusal(
        train(scratch("c\xFF.json"), ""), 1,
        "nomen: %s: name: expected a directory name without \"/\", control characters or a leading \".\", found "
        "\"c\xFF\"",
        scratch("c\xFF.json"));
    ck_assert_int_eq(mkdir(scratch("d\xFF"), 0777), 0);
    write_text(scratch("d\xFF/c.json"), text);
    expect_refusal(train(scratch("d\xFF/c.json"), ""), 1,
                   "nomen: %s: data.path: \"%s\" is not UTF-8, which JSON requires; rename it", scratch("d\xFF/c.json"),
                   scratch("d\xFF/names.txt"));
}
END_TEST

START_TEST(says_where_the_lectures_names_come_from) {
    const char *path = write_config("{'data': {'path': 'data/lecture/names.txt'}, 'model': {'ngram': 2}}");
    char real[PATH_MAX];
    expect_refusal(train(path, ""), 1,
                   "nomen: %s: data.path: %s/data/lecture/names.txt: no such file or directory; correct it, or give "
                   "--data FILE (make lecture-data in nomen's source tree downloads the lectures' names)",
                   path, realpath(scratch("."), real));
    static const char *const others[][2] = {
        {"audit", ""}, {"diagnose", ", or give --data FILE"}, {"gradcheck", ", or give --data FILE"}};
    path = config_with("", "3", LAYERS, "", "");
    ck_assert_int_eq(remove(scratch("names.txt")), 0);
    for (size_t i = 0; i < COUNT(others); i++)
        expect_refusal(nomen("%s '%s'", others[i][0], path), 1,
                       "nomen: %s: data.path: %s/names.txt: no such file or directory; correct it%s", path, real,
                       others[i][1]);
}
END_TEST

START_TEST(refuses_a_change_with_a_doubled_key) {
    const char *path = write_config("{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}}");
    expect_refusal(train(path, "--set 'model={\"ngram\":2,\"ngram\":3}'"), 1,
                   "nomen: %s: model.ngram: duplicate key; remove one", path);
}
END_TEST

START_TEST(takes_changes_to_items_of_lists) {
    const char *path = config_with("", "3", LAYERS, "", "");
    accept(path,
           "--set 'model.layers[0].dim=7' --set 'train.lr=[[0,0.5],[2,0.1]]' --set 'name=a=b' --seed 3 --steps 4");
    char *config = read_text(scratch("run/config.json"), NULL);
    static const char *const parts[] = {"\"dim\": 7", "\"lr\": [[0, 0.5], [2, 0.1]]", "\"name\": \"a=b\"",
                                        "\"seed\": 3", "\"steps\": 4"};
    for (size_t i = 0; i < COUNT(parts); i++) ck_assert_msg(strstr(config, parts[i]), "%s in %s", parts[i], config);
}
END_TEST

START_TEST(takes_what_is_unusual_but_right) {
    static const char *const data[] = {", 'split': [1]", ", 'split': [1, 0, 0]", ", 'split': [0.8, 0, 0.2]",
                                       ", 'unique': true", ", 'shuffle_seed': null, 'split': [0.5, 0.5]"};
    for (size_t i = 0; i < COUNT(data); i++) accept(config_with(data[i], "3", LAYERS, "", ""), "--force");
    static const char *const layers[] = {
        EMBEDDING
        ", {'type': 'flatten', 'n': 2}, {'type': 'linear', 'out': 3, 'bias': false}, {'type': 'relu'}, " FLATTEN
        ", {'type': 'linear', 'out': 'vocab', 'weight': {'normal': 1, 'mean': -3}}",
        EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 17, 'weight': {'uniform': 0}, 'bias': {'constant': -1}}",
        EMBEDDING ", " FLATTEN ", " VOCAB ", {'type': 'tanh'}, {'type': 'flatten', 'n': 1}",
    };
    for (size_t i = 0; i < COUNT(layers); i++) accept(config_with("", "8", layers[i], "", ""), "--force");
    accept(config_with("", "3", LAYERS, "", ", 'name': 'Zo\xC3\xAB \xE6\x97\xA5'"), "--force");
    accept(write_config("{'data': {'path': 'names.txt'}, 'model': {'ngram': 16}}"), "--force");
}
END_TEST

START_TEST(takes_a_batch_larger_than_the_split) {
    accept(config_with("", "3", LAYERS, "", ""), "--set train.batch_size=5000");
}
END_TEST

START_TEST(finds_data_from_the_configs_own_dir) {
    char *text = read_text(config_with("", "3", LAYERS, "", ""), NULL);
    ck_assert_int_eq(mkdir(scratch("far"), 0777), 0);
    char *place = strstr(text, "names.txt"), moved[JSON_BYTES];
    snprintf(moved, sizeof moved, "%.*s../%s", (int)(place - text), text, place);
    write_text(scratch("far/c.json"), moved);
    accept(scratch("far/c.json"), "");
    char *config = read_text(scratch("run/config.json"), NULL), path[PATH_MAX + 16], resolved[PATH_MAX];
    snprintf(path, sizeof path, "\"path\": \"%s\"", realpath(scratch("names.txt"), resolved));
    ck_assert_msg(strstr(config, path), "%s in %s", path, config);
}
END_TEST

START_TEST(takes_files_with_odd_names) {
    write_text(scratch("-odd \xC3\xA9 'x.json"), read_text(config_with("", "3", LAYERS, "", ""), NULL));
    Output output = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\") && cd '%s' && "
                          "\"$N\" train --quiet --run '-r \xC3\xBC' -- \"-odd \xC3\xA9 'x.json\" && "
                          "\"$N\" sample -n 3 -- '-r \xC3\xBC' && \"$N\" eval --json './-r \xC3\xBC'",
                          scratch(""));
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    ck_assert(exists(scratch("-r \xC3\xBC/model.safetensors")));
}
END_TEST

START_TEST(names_the_run_after_the_file_here) {
    write_text(scratch("my model.v2.json"), read_text(config_with("", "3", LAYERS, "", ""), NULL));
    Output output = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\") && cd '%s' && "
                          "\"$N\" train --quiet 'my model.v2.json'",
                          scratch(""));
    ck_assert_str_eq(output.err, "");
    ck_assert(exists(scratch("runs/my model.v2/model.safetensors")));
}
END_TEST

START_TEST(cuts_long_values_between_characters) {
    static char more[1024];
    for (size_t at = 0; at < 400; at += 2) memcpy(more + at, "\xC3\xA9", 3);
    config_with("", "3", LAYERS, "", "");
    for (int shift = 0; shift < 2; shift++) {
        Output output = nomen("train '%s' --run '%s' --set 'train.lr=%s%s'", scratch("c.json"), scratch("run"),
                              shift ? "x" : "", more);
        refuse_somehow(output);
        for (size_t at = 0, n, all = strlen(output.err); at < all; at += n) {
            uint32_t c;
            n = utf8_decode(output.err + at, all - at, &c);
            ck_assert_msg(n > 0, "the line is no UTF-8 at byte %zu: %s", at, output.err);
        }
    }
}
END_TEST

START_TEST(a_long_path_does_not_hide_the_reason) {
    Output output = nomen("train \"$(printf 'd%%.0s' $(seq 200))/$(printf 'd%%.0s' $(seq 200))/$(printf 'd%%.0s' "
                          "$(seq 200))/$(printf 'd%%.0s' $(seq 200))/$(printf 'd%%.0s' $(seq 200))/"
                          "$(printf 'd%%.0s' $(seq 200))/c.json\"");
    ck_assert_int_eq(output.status, 1);
    ck_assert_msg(strstr(output.err, "no such file or directory\n"), "%s", output.err);
}
END_TEST

// A path need not be UTF-8, a config and a model file must be: what was trained must be of use afterwards.
START_TEST(never_trains_what_it_cannot_read_back) {
    const char *path = config_with("", "3", LAYERS, "", "");
    write_text(scratch("n\xFF.txt"), NAMES);
    Output output = nomen("train '%s' --run '%s' --quiet --data '%s'", path, scratch("run"), scratch("n\xFF.txt"));
    if (output.status == 0) ck_assert_str_eq(nomen("eval '%s' >/dev/null", scratch("run")).err, "");
    output = nomen("train '%s' --run '%s' --quiet --set 'name=\xFF'", path, scratch("run2"));
    if (output.status == 0) ck_assert_str_eq(nomen("eval '%s' >/dev/null", scratch("run2")).err, "");
}
END_TEST

SUITE(cli_config_changes, NEEDS_NOTHING) {
    ADD(refuses_changes_that_fit_nowhere);
    ADD(refuses_changes_that_are_too_long_or_not_utf8);
    ADD(refuses_places_that_are_not_utf8);
    ADD(says_where_the_lectures_names_come_from);
    ADD(refuses_a_change_with_a_doubled_key);
    ADD(takes_changes_to_items_of_lists);
    ADD(takes_what_is_unusual_but_right);
    ADD(takes_a_batch_larger_than_the_split);
    ADD(finds_data_from_the_configs_own_dir);
    ADD(takes_files_with_odd_names);
    ADD(names_the_run_after_the_file_here);
    ADD(cuts_long_values_between_characters);
    ADD(a_long_path_does_not_hide_the_reason);
    ADD(never_trains_what_it_cannot_read_back);
}
