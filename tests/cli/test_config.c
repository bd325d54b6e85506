// Configs through the program: layers that do not fit, the names file, options that change a config.
#include "cli/config.h"
#include "cli/output.h"

#define LAST "the last layer gives "
#define DEEP(layer) "{'type': 'residual', 'layers': [" layer "]}"
#define EXPECTED " floats per example; expected 1 x 17, one logit per symbol, or 8 x 17 to predict at every position "

START_TEST(layers_that_do_not_fit_are_refused) {
    static const Refused cases[] = {
        {EMBEDDING ", {'type': 'flatten', 'n': 3}, " VOCAB,
         "model.layers[1].n: expected a divisor of the 8 positions of the input, found 3"},
        {EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 5}",
         "model.layers[2]: " LAST "1 x 5" EXPECTED "(\"vocab\" for its size)"},
        {EMBEDDING ", {'type': 'flatten', 'n': 2}, " VOCAB,
         "model.layers[2]: " LAST "4 x 17" EXPECTED "(flatten the positions first)"},
        {EMBEDDING ", {'type': 'residual', 'layers': [{'type': 'tanh'}, {'type': 'linear', 'out': 5}]}",
         "model.layers[1].layers: expected layers that keep the shape 8 x 4, found 8 x 5 at their end"},
        {EMBEDDING ", {'type': 'residual', 'layers': [{'type': 'flatten', 'n': 3}]}",
         "model.layers[1].layers[0].n: expected a divisor of the 8 positions of the input, found 3"},
        {EMBEDDING ", " DEEP(DEEP(DEEP(DEEP(DEEP("{'type': 'tanh'}"))))),
         "model.layers[1].layers[0].layers[0].layers[0].layers[0]: expected layers nested at most 4 deep"},
        {EMBEDDING ", {'type': 'attention', 'heads': 3}, " VOCAB,
         "model.layers[1].heads: expected a number that divides the width 4, found 3"},
        {EMBEDDING ", {'type': 'position'}, " DEEP("{'type': 'position'}") ", " VOCAB,
         "model.layers[2].layers[0]: a second \"position\"; expected one at most"},
        {EMBEDDING ", " FLATTEN ", {'type': 'position'}, " VOCAB,
         "model.layers[2]: \"position\" needs every position, but a flatten before it leaves 1 of 8; put it before the "
         "flatten"},
        {EMBEDDING ", {'type': 'attention', 'heads': 3}, " VOCAB,
         "model.layers[1].heads: expected a number that divides the width 4, found 3"},
        {EMBEDDING ", {'type': 'window', 'n': 9}, " VOCAB,
         "model.layers[1].n: expected at most the context, 8, found 9"},
        {EMBEDDING ", {'type': 'flatten', 'n': 2}, {'type': 'rnn', 'out': 5}, " VOCAB,
         "model.layers[2]: \"rnn\" needs every position, but a flatten before it leaves 4 of 8; put it before the "
         "flatten"},
        {FLATTEN ", " VOCAB,
         "model.layers[0]: expected a layer that takes symbols (embedding) first, found \"flatten\""},
        {EMBEDDING ", " EMBEDDING, "model.layers[1]: \"embedding\" takes symbols, so it can only come first"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *path = config_with("", "8", cases[i].json, "", "");
        expect_refusal(train(path, ""), 1, "nomen: %s: %s", path, cases[i].message);
        ck_assert(!exists(scratch("run")));
        keep_refused(path, "", cases[i].message);
    }
}
END_TEST

// The memory of the machine ends the line.
START_TEST(buffers_larger_than_memory_are_refused) {
    static const char *const configs[] = {
        NETWORK("", "3",
                EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 1000000}, "
                          "{'type': 'linear', 'out': 1000000}, " VOCAB,
                "", ""),
        NETWORK("", "4096", "{'type': 'embedding', 'dim': 1000000}, " FLATTEN ", " VOCAB, "", ""),
        "{'data': {'path': 'names.txt'}, 'train': {'steps': 3, 'batch_size': 1e9}, 'model': {'context': 3, "
        "'layers': [{'type': 'embedding', 'dim': 1000}, " FLATTEN ", " VOCAB "]}}"};
    double gib = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1024.0 * 1024 * 1024);
    for (size_t i = 0; i < COUNT(configs); i++) {
        char start[PATH_MAX], end[64];
        double needed;
        const char *path = write_config(configs[i]);
        Output output = train(path, "");
        snprintf(start, sizeof start, "nomen: %s: model: needs ", path);
        snprintf(end, sizeof end, " GiB of memory; there are %.1f GiB\n", gib);
        ck_assert_msg(strncmp(output.err, start, strlen(start)) == 0, "%s", output.err);
        ck_assert_int_eq(sscanf(output.err + strlen(start), "%lf", &needed), 1);
        ck_assert(needed > gib && output.status == 1);
        ck_assert_str_eq(strstr(output.err, " GiB of memory"), end);
    }
}
END_TEST

START_TEST(set_needs_a_key_and_a_value) {
    static const char *const changes[] = {"train.steps", "=5", ""};
    const char *path = config_with("", "3", LAYERS, "", "");
    for (size_t i = 0; i < COUNT(changes); i++)
        expect_refusal(nomen("train '%s' --set '%s'", path, changes[i]), 2,
                       "nomen: --set: expected KEY=VALUE, found \"%s\"; see nomen train --help", changes[i]);
}
END_TEST

// --seed and --steps win over --set.
START_TEST(options_change_the_config_of_the_run) {
    const char *path = config_with("", "3", LAYERS, "", "");
    Output output = train(path, "--set 'model.layers[0].dim=7' --set 'train.lr=[[0,0.5],[2,0.1]]' --set 'name=a=b' "
                                "--set train.batch_size=5000 --set seed=2 --seed 3 --steps 4");
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
    char *config = read_text(scratch("run/config.json"), NULL);
    static const char *const parts[] = {"\"dim\": 7", "\"lr\": [[0, 0.5], [2, 0.1]]", "\"name\": \"a=b\"",
                                        "\"seed\": 3", "\"steps\": 4"};
    for (size_t i = 0; i < COUNT(parts); i++) ck_assert_msg(strstr(config, parts[i]), "%s in %s", parts[i], config);
}
END_TEST

START_TEST(unusual_configs_train) {
    static const char *const configs[] = {
        NETWORK(", 'split': [1, 0, 0], 'unique': true", "3", LAYERS, "", ", 'name': 'Zo\xC3\xAB \xE6\x97\xA5'"),
        NETWORK(", 'split': [0.8, 0, 0.2], 'shuffle_seed': null", "8",
                EMBEDDING ", {'type': 'flatten', 'n': 2}, {'type': 'linear', 'out': 3, 'bias': false}, "
                          "{'type': 'relu'}, " FLATTEN
                          ", {'type': 'linear', 'out': 'vocab', 'weight': {'normal': 1, 'mean': -3}}",
                "", ""),
        NETWORK("", "3",
                EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 17, 'weight': {'uniform': 0}, "
                          "'bias': {'constant': -1}}, {'type': 'flatten', 'n': 1}",
                "", ""),
        "{'data': {'path': 'names.txt'}, 'model': {'ngram': 16}}",
    };
    for (size_t i = 0; i < COUNT(configs); i++) {
        Output output = train(write_config(configs[i]), "--force");
        ck_assert_int_eq(output.status, 0);
        ck_assert_msg(output.err[0] == '\0' || strstr(output.err, "uniform guessing"), "%s", output.err);
        ck_assert_int_eq(nomen("eval '%s'", scratch("run")).status, 0);
    }
}
END_TEST

START_TEST(data_path_is_relative_to_the_config) {
    write_text(scratch("names.txt"), NAMES);
    ck_assert_int_eq(mkdir(scratch("far"), 0777), 0);
    write_json(scratch("far/c.json"), "%s", "{'data': {'path': '../names.txt'}, 'model': {'ngram': 2}}");
    ck_assert_str_eq(train(scratch("far/c.json"), "--steps 20").err,
                     textf("nomen: %s counts and has no training steps; --steps is ignored\n", scratch("far/c.json")));
    char *config = read_text(scratch("run/config.json"), NULL), path[PATH_MAX + 16], real[PATH_MAX];
    snprintf(path, sizeof path, "\"path\": \"%s\"", realpath(scratch("names.txt"), real));
    ck_assert_msg(strstr(config, path), "%s in %s", path, config);
}
END_TEST

START_TEST(a_missing_names_file_has_a_remedy) {
    static const char *const others[][2] = {
        {"audit", ""}, {"diagnose", ", or give --data FILE"}, {"gradcheck", ", or give --data FILE"}};
    const char *path = write_config("{'data': {'path': 'data/lecture/names.txt'}, 'model': {'ngram': 2}}");
    char real[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("."), real));
    expect_refusal(train(path, ""), 1,
                   "nomen: %s: data.path: %s/data/lecture/names.txt: no such file or directory; make lecture-data "
                   "in nomen's source tree downloads it, or give --data FILE",
                   path, real);
    expect_words(nomen("configs").out, "mlp                      configs/mlp.json\n");
    Output listed = shell("cd '%s' && mkdir configs && cp c.json configs/own.json && \"$NOMEN\" configs", scratch("."));
    expect_words(listed.out, "own                      configs/own.json  (names missing)\n");
    expect_words(listed.err, " make lecture-data in nomen's source tree downloads it, or give --data FILE\n");
    path = config_with("", "3", LAYERS, "", "");
    ck_assert_int_eq(remove(scratch("names.txt")), 0);
    for (size_t i = 0; i < COUNT(others); i++)
        expect_refusal(nomen("%s '%s'", others[i][0], path), 1,
                       "nomen: %s: data.path: %s/names.txt: no such file or directory; correct it%s", path, real,
                       others[i][1]);
}
END_TEST

START_TEST(odd_file_names_work) {
    config_with("", "3", LAYERS, "", "");
    Output output = shell("cd '%s' && cp c.json \"./-odd \xC3\xA9 'x.json\" && cp c.json 'my model.v2.json' && "
                          "\"$NOMEN\" train --quiet --steps 500 --run '-r \xC3\xBC' -- \"-odd \xC3\xA9 'x.json\" && "
                          "\"$NOMEN\" sample -n 3 -- '-r \xC3\xBC' && \"$NOMEN\" eval --json './-r \xC3\xBC' && "
                          "\"$NOMEN\" train --quiet 'my model.v2.json'",
                          scratch("."));
    ck_assert_str_eq(output.err, "");
    ck_assert(output.status == 0 && exists(scratch("runs/my model.v2/model.safetensors")));
}
END_TEST

// JSON must be UTF-8, so a run could not be read back.
START_TEST(paths_that_are_not_utf8_are_refused) {
    config_with("", "3", LAYERS, "", "");
    ck_assert_int_eq(
        shell("cd '%s' && mkdir d\xFF && cp c.json names.txt d\xFF && cp c.json c\xFF.json", scratch(".")).status, 0);
    expect_refusal(train(scratch("c\xFF.json"), ""), 1,
                   "nomen: %s: name: expected a directory name without \"/\", control characters or a leading \".\", "
                   "found \"c\xFF\"",
                   scratch("c\xFF.json"));
    expect_refusal(train(scratch("d\xFF/c.json"), ""), 1,
                   "nomen: %s: data.path: \"%s\" is not UTF-8, which JSON requires; rename it", scratch("d\xFF/c.json"),
                   scratch("d\xFF/names.txt"));
    Output output = nomen("train '%s' --data '%s'", scratch("c.json"), scratch("d\xFF/names.txt"));
    ck_assert_msg(output.status == 1 && strstr(output.err, "is not UTF-8, which JSON requires"), "%s", output.err);
}
END_TEST

SUITE(cli_config, NEEDS_NOTHING) {
    ADD(layers_that_do_not_fit_are_refused);
    ADD(buffers_larger_than_memory_are_refused);
    ADD(set_needs_a_key_and_a_value);
    ADD(options_change_the_config_of_the_run);
    ADD(unusual_configs_train);
    ADD(data_path_is_relative_to_the_config);
    ADD(a_missing_names_file_has_a_remedy);
    ADD(odd_file_names_work);
    ADD(paths_that_are_not_utf8_are_refused);
}
