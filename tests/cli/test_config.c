// Configs through the built program: what is refused of a config as a whole, its data and training, and in which words.
#include "cli/config.h"

START_TEST(refuses_a_file_that_cannot_be_read) {
    const char *path = scratch("missing.json");
    refuse(path, "no such file or directory");
    refuse(scratch("missing/c.json"), "no such file or directory");
    const char *dir = scratch("");
    expect_refusal(train(dir, ""), 1, "nomen: %s: expected a file, found a directory", dir);
    path = write_config("");
    refuse(path, "the file is empty; expected a JSON object");
    refuse(write_config(" \n\t\r\n"), "the file is empty; expected a JSON object");
}
END_TEST

START_TEST(says_where_the_json_ends_to_be_json) {
    static const Refused cases[] = {
        {"{", "line 1, column 2: not JSON: the text ends too early, or just before here"},
        {"{'data': {'path': 'a'", "line 1, column 22: not JSON: the text ends too early, or just before here"},
        {"{\n 'seed': 1,\n 'data': { 'path' 'x' }\n}", "line 3, column 19: not JSON, here or just before"},
        {"{'\xC3\xA9\xE6\x97\xA5': 1 'b'}", "line 1, column 10: not JSON, here or just before"},
        {"{\n'seed': NaN}", "line 2, column 9: not JSON, here or just before"},
        {"{'seed': +1}", "line 1, column 10: not JSON, here or just before"},
        {"{seed: 1}", "line 1, column 3: not JSON, here or just before"},
        {"{'a': 1}}", "line 1, column 9: not JSON, here or just before"},
        {"{'a': 1} x", "line 1, column 10: not JSON, here or just before"},
        {"// hello\n{}", "line 1, column 1: not JSON, here or just before"},
        {"steps = 3", "line 1, column 1: not JSON, here or just before"},
        {"{'name': '\xFF'}", "line 1, column 11: not UTF-8"},
        {"{\n 'name': 'a\xC3'}", "line 2, column 12: not UTF-8"},
        {"[]", "expected a JSON object"},
        {"'mlp'", "expected a JSON object"},
        {"null", "expected a JSON object"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) refuse(write_config(cases[i].json), cases[i].message);
    const char *path = write_config("{}");
    write_bytes(path, "{\n \"a\": \"x\0y\"}", 15);
    refuse(path, "line 2, column 9: a NUL character");
    path = write_config("null");
    expect_refusal(nomen("train '%s' --steps 3", path), 1, "nomen: %s: expected a JSON object", path);
}
END_TEST

START_TEST(bears_json_nested_deep_and_names_long) {
    static char text[JSON_BYTES];
    memset(text, '[', 5000);
    text[5000] = '\0';
    refuse_somehow(train(write_config(text), ""));
    for (size_t i = 0; i < 900; i++) memcpy(text + 5 * i, "{'a':", 6);
    for (size_t i = 0; i < 900; i++) memcpy(text + 4501 + i, "}", 2);
    memcpy(text + 4500, "1", 1);
    refuse(write_config(text),
           "a: unknown key; the keys here are $schema, name, seed, data, model, train, sample, expect");
    snprintf(text, sizeof text, "{'%08000d': 1}", 7);
    refuse_somehow(train(write_config(text), ""));
    snprintf(text, sizeof text, "{'name': '%08000d', 'seed': 'x'}", 7);
    refuse_somehow(train(write_config(text), ""));
}
END_TEST

START_TEST(refuses_doubled_and_unknown_and_missing_keys) {
    static const Refused cases[] = {
        {"{'seed': 1, 'seed': 1}", "seed: duplicate key; remove one"},
        {"{'seed': 1, 's\\u0065ed': 2}", "seed: duplicate key; remove one"},
        {"{'data': {'path': 'x'}, 'model': {'context': 1, 'layers': [{'type': 'tanh'}, {'type': 'relu', 'type': "
         "'relu'}]}}",
         "model.layers[1].type: duplicate key; remove one"},
        {"{'sed': 1}", "sed: unknown key; did you mean \"seed\"?"},
        {"{'SEED': 1}", "SEED: unknown key; the keys here are $schema, name, seed, data, model, train, sample, expect"},
        {"{'optimizer': 1}",
         "optimizer: unknown key; the keys here are $schema, name, seed, data, model, train, sample, expect"},
        {"{'data': {'Path': 'x'}}", "data.Path: unknown key; did you mean \"path\"?"},
        {"{'data': {'path': 'x', 'uniqe': true}}", "data.uniqe: unknown key; did you mean \"unique\"?"},
        {"{}", DATA_PATH_MISSING},
        {"{'data': {}}", DATA_PATH_MISSING},
        {"{'data': {'path': 'x'}}", "model: missing key ({\"context\": ..., \"layers\": [...]} or {\"ngram\": ...})"},
        {"{'data': {'path': 'x'}, 'model': {}}",
         "model.context: missing key (number of preceding symbols the network sees)"},
        {"{'data': {'path': 'x'}, 'model': {'context': 1, 'layers': [{'type': 'embedding', 'dim': 'vocab'}]}}",
         "train.steps: missing key (number of updates)"},
        {"{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}, 'train': {'steps': 2}}",
         "train: counts (model.ngram) are not trained in steps; remove train, and --steps"},
        {"{'data': {'path': 'names.txt'}, 'model': {'ngram': 2, 'context': 1}}",
         "model.context: unknown key; the keys here are ngram, smoothing"},
        {"{'data': {'path': 'names.txt'}, 'model': {'ngram': 2, 'smooth': 1}}",
         "model.smooth: unknown key; did you mean \"smoothing\"?"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) refuse(write_config(cases[i].json), cases[i].message);
    refuse(config_with("", "3", LAYERS, ", 'batchsize': 4", ""),
           "train.batchsize: unknown key; did you mean \"batch_size\"?");
    refuse(config_with("", "3", LAYERS, "", ", 'sample': {'top_k': 4}"),
           "sample.top_k: unknown key; the keys here are count, temperature, method");
}
END_TEST

// An escaped NUL would end the key early for anyone who reads it as a C string.
START_TEST(refuses_a_key_with_a_nul_in_it) {
    refuse_somehow(train(config_with("", "3", LAYERS, "", ", 'seed\\u0000x': 1"), ""));
    refuse_somehow(train(config_with(", 'split\\u0000x': [1]", "3", LAYERS, "", ""), ""));
}
END_TEST

START_TEST(refuses_values_of_the_wrong_type_or_out_of_range) {
    static const Refused cases[] = {
        {"{'name': 5}", "name: expected a string, found 5"},
        {"{'name': null}", "name: expected a string, found null"},
        {"{'data': {'path': 'a'}, 'model': {'ngram': 2}, 'name': 'a\\u0007b'}",
         "name: expected a directory name without \"/\", control characters or a leading \".\", found \"a?b\""},
        {"{'seed': -1}", "seed: " WHOLE "0 to 9007199254740991, found -1"},
        {"{'seed': 1.5}", "seed: " WHOLE "0 to 9007199254740991, found 1.5"},
        {"{'seed': '1'}", "seed: " WHOLE "0 to 9007199254740991, found \"1\""},
        {"{'seed': true}", "seed: " WHOLE "0 to 9007199254740991, found true"},
        {"{'seed': 1e16}", "seed: " WHOLE "0 to 9007199254740991, found 1e+16"},
        {"{'data': null}", "data: expected an object, found null"},
        {"{'data': {'path': ['a']}}", "data.path: expected a string, found [\"a\"]"},
        {"{'data': {'path': ''}}", "data.path: expected a string that is not empty, found \"\""},
        {"{'data': {'path': 'a', 'unique': 'true'}}", "data.unique: expected true or false, found \"true\""},
        {"{'data': {'path': 'a', 'shuffle_seed': -1}}", "data.shuffle_seed: " WHOLE "0 to 9007199254740991, found -1"},
        {"{'data': {'path': 'names.txt'}, 'model': {'ngram': 0}}", "model.ngram: " WHOLE "1 to 16, found 0"},
        {"{'data': {'path': 'names.txt'}, 'model': {'ngram': '2'}}", "model.ngram: " WHOLE "1 to 16, found \"2\""},
        {"{'data': {'path': 'names.txt'}, 'model': {'ngram': 2, 'smoothing': -1}}",
         "model.smoothing: expected a number from 0 to 1e+09, found -1"},
        {"{'data': {'path': 'names.txt'}, 'model': {'context': 0}}", "model.context: " WHOLE "1 to 4096, found 0"},
        {"{'data': {'path': 'names.txt'}, 'model': 5}", "model: expected an object, found 5"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) refuse(write_config(cases[i].json), cases[i].message);
}
END_TEST

START_TEST(refuses_training_settings_out_of_range) {
    static const Refused cases[] = {
        {", 'lr': 1e400", "train.lr: " NUMBER HUGE_FOUND},
        {", 'lr': -0.1", "train.lr: " NUMBER "-0.1"},
        {", 'lr': 'fast'", "train.lr: expected a number or a list of [step, rate], found \"fast\""},
        {", 'lr': []", "train.lr: expected a number or a list of [step, rate], found []"},
        {", 'lr': [0.1]", "train.lr[0]: expected [step, rate], found 0.1"},
        {", 'lr': [[0, 0.1, 2]]", "train.lr[0]: expected [step, rate], found [0,0.1,2]"},
        {", 'lr': [[1, 0.1]]", "train.lr[0]: expected 0 as the first step, found 1"},
        {", 'lr': [[0, 0.1], [5, 0.2], [5, 0.1]]", "train.lr[2]: expected a later step than the one before, found 5"},
        {", 'lr': [[0, 0.1], [5, 'x']]", "train.lr[1][1]: " NUMBER "\"x\""},
        {", 'lr': [[0, 0.1], [0.5, 1]]", "train.lr[1][0]: " WHOLE "0 to 1000000000000000, found 0.5"},
        {", 'l2_mean': -1", "train.l2_mean: " NUMBER "-1"},
        {", 'log_every': 0", "train.log_every: " WHOLE "1 to 1000000000000000, found 0"},
        {", 'eval_every': -5", "train.eval_every: " WHOLE "1 to 1000000000000000, found -5"},
        {", 'checkpoint_every': 0.5", "train.checkpoint_every: " WHOLE "1 to 1000000000000000, found 0.5"},
        {", 'optimizer': 'sgd'", "train.optimizer: expected an object with a \"type\", found \"sgd\""},
        {", 'optimizer': {'type': 'sdg'}", "train.optimizer.type: expected one of sgd, adamw, found \"sdg\""},
        {", 'optimizer': {}", "train.optimizer.type: missing key"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) refuse(config_with("", "3", LAYERS, cases[i].json, ""), cases[i].message);
    static const Refused samples[] = {
        {"{'count': 0}", "sample.count: " WHOLE "1 to 100000000, found 0"},
        {"{'temperature': -1}", "sample.temperature: expected a number from 0 to 1e+06, found -1"},
        {"{'temperature': 1e999}", "sample.temperature: expected a number from 0 to 1e+06, found " HUGE_FOUND},
        {"{'method': 5}", "sample.method: expected one of race, inverse, found 5"},
        {"{'method': 'raze'}", "sample.method: expected one of race, inverse, found \"raze\""},
    };
    for (size_t i = 0; i < COUNT(samples); i++) {
        char more[80];
        snprintf(more, sizeof more, ", 'sample': %s", samples[i].json);
        refuse(config_with("", "3", LAYERS, "", more), samples[i].message);
    }
}
END_TEST

START_TEST(refuses_steps_and_batches_that_make_no_sense) {
    static const Refused cases[] = {
        {"'steps': 0", "train.steps: " WHOLE "1 to 1000000000000000, found 0"},
        {"'steps': -1000", "train.steps: " WHOLE "1 to 1000000000000000, found -1000"},
        {"'steps': 2.5", "train.steps: " WHOLE "1 to 1000000000000000, found 2.5"},
        {"'steps': 1e16", "train.steps: " WHOLE "1 to 1000000000000000, found 1e+16"},
        {"'steps': 1e400", "train.steps: " WHOLE "1 to 1000000000000000, found " HUGE_FOUND},
        {"'steps': '3'", "train.steps: " WHOLE "1 to 1000000000000000, found \"3\""},
        {"'steps': 3, 'batch_size': 0", "train.batch_size: " WHOLE "1 to 1000000000 or \"all\", found 0"},
        {"'steps': 3, 'batch_size': -4", "train.batch_size: " WHOLE "1 to 1000000000 or \"all\", found -4"},
        {"'steps': 3, 'batch_size': 0.5", "train.batch_size: " WHOLE "1 to 1000000000 or \"all\", found 0.5"},
        {"'steps': 3, 'batch_size': 'full'", "train.batch_size: " WHOLE "1 to 1000000000 or \"all\", found \"full\""},
        {"'steps': 3, 'batch_size': 2e9", "train.batch_size: " WHOLE "1 to 1000000000 or \"all\", found 2000000000"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{'data': {'path': 'names.txt'}, 'model': {'context': 3, 'layers': [%s]}, "
                 "'train': {%s}}",
                 LAYERS, cases[i].json);
        refuse(write_config(json), cases[i].message);
    }
}
END_TEST

SUITE(cli_config, NEEDS_NOTHING) {
    ADD(refuses_a_file_that_cannot_be_read);
    ADD(says_where_the_json_ends_to_be_json);
    ADD(bears_json_nested_deep_and_names_long);
    ADD(refuses_doubled_and_unknown_and_missing_keys);
    ADD(refuses_a_key_with_a_nul_in_it);
    ADD(refuses_values_of_the_wrong_type_or_out_of_range);
    ADD(refuses_training_settings_out_of_range);
    ADD(refuses_steps_and_batches_that_make_no_sense);
}
