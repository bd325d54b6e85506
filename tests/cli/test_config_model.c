// Configs through the built program: models, splits and names that are refused, and in which words.
#include "cli/config.h"

START_TEST(refuses_layers_that_do_not_fit) {
    static const Refused cases[] = {
        {EMBEDDING ", {'type': 'flatten', 'n': 3}, " VOCAB,
         "model.layers[1].n: expected a divisor of the 8 positions that come in, found 3"},
        {EMBEDDING ", {'type': 'flatten', 'n': 16}, " VOCAB,
         "model.layers[1].n: expected a divisor of the 8 positions that come in, found 16"},
        {EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 5}",
         "model.layers[2]: the last layer gives 1 x 5 floats an example; expected 1 x 17, one logit a symbol "
         "(\"vocab\" for its size)"},
        {EMBEDDING ", " FLATTEN, "model.layers[1]: the last layer gives 1 x 32 floats an example; expected 1 x 17, one "
                                 "logit a symbol (\"vocab\" for its size)"},
        {EMBEDDING ", " VOCAB, "model.layers[1]: the last layer gives 8 x 17 floats an example; expected 1 x 17, one "
                               "logit a symbol (flatten the positions first)"},
        {FLATTEN ", " VOCAB,
         "model.layers[0]: expected a layer that takes symbols (embedding) first, found \"flatten\""},
        {VOCAB, "model.layers[0]: expected a layer that takes symbols (embedding) first, found \"linear\""},
        {EMBEDDING ", " EMBEDDING, "model.layers[1]: \"embedding\" takes symbols, so it can only come first"},
        {"", "model.layers: expected a list of objects, at least one, found []"},
        {"5", "model.layers[0]: expected an object with a \"type\", found 5"},
        {"{}", "model.layers[0].type: missing key"},
        {"{'type': 5}",
         "model.layers[0].type: expected one of embedding, flatten, linear, tanh, relu, batchnorm, found 5"},
        {"{'type': 'lstm'}",
         "model.layers[0].type: expected one of embedding, flatten, linear, tanh, relu, batchnorm, found \"lstm\""},
        {"{'type': 'embeding'}",
         "model.layers[0].type: expected one of embedding, flatten, linear, tanh, relu, batchnorm, found \"embeding\""},
        {"{'type': 'embedding'}", "model.layers[0].dim: missing key (floats a symbol; \"vocab\" for one logit a "
                                  "symbol, which makes the table a bigram model)"},
        {EMBEDDING ", {'type': 'linear', 'output': 5}", "model.layers[1].output: unknown key; did you mean \"out\"?"},
        {EMBEDDING ", {'type': 'linear', 'out': 0}",
         "model.layers[1].out: " WHOLE "1 to 1000000 or \"vocab\", found 0"},
        {EMBEDDING ", {'type': 'flatten', 'n': 0}", "model.layers[1].n: " WHOLE "1 to 1000000, found 0"},
        {EMBEDDING ", {'type': 'tanh', 'x': 1}", "model.layers[1].x: unknown key; the keys here are type"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) refuse(config_with("", "8", cases[i].json, "", ""), cases[i].message);
}
END_TEST

#define ANY_WEIGHT "expected an initial value such as \"ones\" or {\"normal\": 0.01}, found "
START_TEST(refuses_initial_values_it_does_not_know) {
    static const Refused cases[] = {
        {"'weight': 'zero'", "weight: " ANY_WEIGHT "\"zero\""},
        {"'weight': 0.1", "weight: " ANY_WEIGHT "0.1"},
        {"'weight': false", "weight: " ANY_WEIGHT "false"},
        {"'weight': {}", "weight: " ANY_WEIGHT "{}"},
        {"'weight': {'xavier': 1}", "weight.xavier: unknown key; the keys here are constant, normal, uniform, "
                                    "kaiming_normal, kaiming_uniform"},
        {"'weight': {'norml': 1}", "weight.norml: unknown key; did you mean \"normal\"?"},
        {"'weight': {'normal': 1, 'uniform': 1}", "weight.uniform: unknown key; the keys here are normal, mean"},
        {"'weight': {'uniform': 1, 'mean': 0}", "weight.mean: unknown key; the keys here are uniform"},
        {"'weight': {'normal': -1}", "weight.normal: " NUMBER "-1"},
        {"'weight': {'normal': 'a'}", "weight.normal: " NUMBER "\"a\""},
        {"'weight': {'kaiming_normal': 1e400}", "weight.kaiming_normal: " NUMBER HUGE_FOUND},
        {"'weight': {'constant': 1e31}", "weight.constant: expected a number from -1e+30 to 1e+30, found 1e+31"},
        {"'weight': {'normal': 1, 'mean': 'x'}", "weight.mean: expected a number from -1e+30 to 1e+30, found \"x\""},
        {"'bias': true",
         "bias: expected an initial value such as \"zeros\" or {\"normal\": 0.01}, or false, found true"},
        {"'bias': 'none'",
         "bias: expected an initial value such as \"zeros\" or {\"normal\": 0.01}, or false, found \"none\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char layers[256], message[256];
        snprintf(layers, sizeof layers, EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 'vocab', %s}",
                 cases[i].json);
        snprintf(message, sizeof message, "model.layers[2].%s", cases[i].message);
        refuse(config_with("", "3", layers, "", ""), message);
    }
}
END_TEST

START_TEST(refuses_splits_that_are_none) {
    static const char *const splits[] = {"[]",  "[0,1]", "[0.9,0.2]",  "[1,0,0,0]",      "0.8",
                                         "'x'", "['a']", "[0.5,0.25]", "[0.9,-0.1,0.2]", "null"};
    for (size_t i = 0; i < COUNT(splits); i++) {
        char data[64], found[64], message[160];
        snprintf(data, sizeof data, ", 'split': %s", splits[i]);
        snprintf(found, sizeof found, "%s", splits[i]);
        for (char *at = found; *at; at++)
            if (*at == '\'') *at = '"';
        snprintf(message, sizeof message,
                 "data.split: expected one to three shares, train first and above 0, that sum to 1, found %s", found);
        refuse(config_with(data, "3", LAYERS, "", ""), message);
    }
}
END_TEST

START_TEST(refuses_names_that_name_no_dir) {
    static const char *const names[] = {"a/b", ".hidden", "..", "/"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char more[64], message[160];
        snprintf(more, sizeof more, ", 'name': '%s'", names[i]);
        snprintf(message, sizeof message,
                 "name: expected a directory name without \"/\", control characters or a leading \".\", found \"%s\"",
                 names[i]);
        refuse(config_with("", "3", LAYERS, "", more), message);
    }
}
END_TEST

// The line ends with what this machine has, which differs; how much is needed may differ with the model's slabs.
static void refuse_for_memory(const char *path) {
    char start[512], end[64];
    double gib = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1024.0 * 1024 * 1024), needed;
    Output output = train(path, "");
    snprintf(start, sizeof start, "nomen: %s: model: needs ", path);
    snprintf(end, sizeof end, " GiB of memory, this machine has %.1f GiB\n", gib);
    refuse_somehow(output);
    ck_assert_msg(strncmp(output.err, start, strlen(start)) == 0, "%s", output.err);
    ck_assert_msg(sscanf(output.err + strlen(start), "%lf", &needed) == 1 && needed > gib, "%s", output.err);
    ck_assert_str_eq(strstr(output.err, " GiB of memory"), end);
}

START_TEST(refuses_buffers_beyond_the_machines_memory) {
    refuse_for_memory(config_with("", "3",
                                  EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 1000000}, "
                                            "{'type': 'linear', 'out': 1000000}, " VOCAB,
                                  "", ""));
    refuse_for_memory(config_with("", "4096", "{'type': 'embedding', 'dim': 1000000}, " FLATTEN ", " VOCAB, "", ""));
    static const char wide[] =
        "{'data': {'path': 'names.txt'}, 'train': {'steps': 3, 'batch_size': 1e9}, 'model': "
        "{'context': 3, 'layers': [{'type': 'embedding', 'dim': 1000}, " FLATTEN ", " VOCAB "]}}";
    refuse_for_memory(write_config(wide));
}
END_TEST

SUITE(cli_config_model, NEEDS_NOTHING) {
    ADD(refuses_layers_that_do_not_fit);
    ADD(refuses_initial_values_it_does_not_know);
    ADD(refuses_splits_that_are_none);
    ADD(refuses_names_that_name_no_dir);
    ADD(refuses_buffers_beyond_the_machines_memory);
}
