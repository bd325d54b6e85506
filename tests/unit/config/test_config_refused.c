// What is refused of a config, and with which message.
#include "cli/config.h"

#include "config/config.h"
#include "nn/layer.h"

#define KEYS "unknown key; the keys here are $schema, name, seed, random, data, model, train, sample, expect"
#define COUNTS(data, model, more) "{'data': {'path': 'names.txt'" data "}, 'model': {'ngram': 2" model "}" more "}"
#define COLUMN "expected a column's number from 1, or its name, found "
#define DATA(keys) NETWORK(", " keys, "3", LAYERS, "", "")
#define LAYER(layer) NETWORK("", "8", EMBEDDING ", " layer, "", "")
#define WEIGHT(keys) NETWORK("", "3", EMBEDDING ", " FLATTEN ", {'type': 'linear', 'out': 'vocab', " keys "}", "", "")
#define TRAIN(keys) NETWORK("", "3", LAYERS, ", " keys, "")
#define MORE(keys) NETWORK("", "3", LAYERS, "", ", " keys)
#define STEPS(keys) \
    "{'data': {'path': 'names.txt'}, 'model': {'context': 3, 'layers': [" LAYERS "]}, 'train': {" keys "}}"
#define ABOVE_0 "expected a number from 1e-30 to 1e+30, found "
#define BELOW_1(key) "train.optimizer." key ": expected a number from 0 to 0.999999, found 1"
#define TYPES "expected one of %s, found "
#define SPLIT "data.split: expected one to three shares, train first and above 0, that sum to 1, found "
#define NAME "name: expected a directory name without \"/\", control characters or a leading \".\", found "
#define ANY_WEIGHT "model.layers[2].weight: expected an initial value such as \"zeros\" or {\"normal\": 0.01}, found "
#define ANY_BIAS "model.layers[2].bias: expected an initial value such as \"zeros\" or {\"normal\": 0.01}, found "

static const Refused REFUSED[] = {
    // Not JSON.
    {"", "line 1, column 1: not JSON, here or just before"},
    {"{", "line 1, column 2: not JSON, here or just before"},
    {"{\n 'seed': 1,\n 'data': { 'path' 'x' }\n}", "line 3, column 19: not JSON, here or just before"},
    {"{'\xC3\xA9\xE6\x97\xA5': 1 'b'}", "line 1, column 10: not JSON, here or just before"},
    {"{\n'seed': NaN}", "line 2, column 9: not JSON, here or just before"},
    {"{'a': 1} x", "line 1, column 10: not JSON, here or just before"},
    {"{\n 'name': 'a\xC3'}", "line 2, column 12: not UTF-8"},
    {"{'seed\\u0000x': 1}", "line 1, column 7: a NUL character"},
    {"[]", "expected a JSON object"},
    // Keys.
    {"{'seed': 1, 's\\u0065ed': 2}", "seed: duplicate key; remove one"},
    {NETWORK("", "1", "{'type': 'relu', 'type': 'relu'}", "", ""), "model.layers[0].type: duplicate key; remove one"},
    {"{'SEED': 1}", "SEED: " KEYS},
    {TRAIN("'batchsize': 4"), "train.batchsize: unknown key; did you mean \"batch_size\"?"},
    {MORE("'sample': {'top_k': 4}"), "sample.top_k: unknown key; the keys here are count, temperature, method"},
    {COUNTS("", ", 'context': 1", ""), "model.context: unknown key; the keys here are ngram, smoothing"},
    {COUNTS("", "", ", 'train': {'steps': 2}"), "train: counts (model.ngram) are not trained in steps; remove train"},
    {"{}", DATA_PATH_MISSING},
    {"{'data': {'path': 'x'}}", "model: missing key ({\"context\": ..., \"layers\": [...]} or {\"ngram\": ...})"},
    {"{'data': {'path': 'x'}, 'model': {}}",
     "model.context: missing key (number of preceding symbols the network sees)"},
    {STEPS(""), "train.steps: missing key (number of updates)"},
    // Values.
    {"{'name': null}", "name: expected a string, found null"},
    {COUNTS("", "", ", 'name': 'a/b'"), NAME "\"a/b\""},
    {COUNTS("", "", ", 'name': '.hidden'"), NAME "\".hidden\""},
    {COUNTS("", "", ", 'name': 'a\\u0007b'"), NAME "\"a\ab\""},
    {"{'seed': -1}", "seed: " WHOLE "0 to 9007199254740991, found -1"},
    {"{'seed': 1.5}", "seed: " WHOLE "0 to 9007199254740991, found 1.5"},
    {"{'seed': '1'}", "seed: " WHOLE "0 to 9007199254740991, found \"1\""},
    {"{'data': null}", "data: expected an object, found null"},
    {"{'data': {'path': ''}}", "data.path: expected a string that is not empty, found \"\""},
    {DATA("'unique': 'true'"), "data.unique: expected true or false, found \"true\""},
    {DATA("'shuffle_seed': -1"), "data.shuffle_seed: " WHOLE "0 to 9007199254740991, found -1"},
    {DATA("'column': 0"), "data.column: " COLUMN "0"},
    {DATA("'column': 1.5"), "data.column: " COLUMN "1.5"},
    {DATA("'weight': ''"), "data.weight: " COLUMN "\"\""},
    {DATA("'normalize': 'NFD'"), "data.normalize: expected one of NFC, found \"NFD\""},
    {MORE("'random': 'python'"), "random: expected one of lectures, makemore, microgpt, found \"python\""},
    {"{'random': 'makemore', 'data': {'path': 'x', 'shuffle_seed': 42}, 'model': {'context': 1, 'layers': [{'type': "
     "'embedding', 'dim': 'vocab'}]}, 'train': {'steps': 1}}",
     "data.shuffle_seed: with random \"makemore\" the key seed shuffles the names; remove shuffle_seed"},
    {DATA("'split': []"), SPLIT "[]"},
    {DATA("'split': [0,1]"), SPLIT "[0,1]"},
    {DATA("'split': [0.9,0.2]"), SPLIT "[0.9,0.2]"},
    {DATA("'split': [1,0,0,0]"), SPLIT "[1,0,0,0]"},
    {DATA("'split': 0.8"), SPLIT "0.8"},
    {DATA("'split': ['a']"), SPLIT "[\"a\"]"},
    {DATA("'split': [0.9,-0.1,0.2]"), SPLIT "[0.9,-0.1,0.2]"},
    {"{'data': {'path': 'a'}, 'model': {'ngram': 0}}", "model.ngram: " WHOLE "1 to 16, found 0"},
    {COUNTS("", ", 'smoothing': -1", ""), "model.smoothing: expected a number from 0 to 1e+09, found -1"},
    {MORE("'sample': {'count': 0}"), "sample.count: " WHOLE "1 to 100000000, found 0"},
    {MORE("'sample': {'temperature': 1e999}"),
     "sample.temperature: expected a number from 0 to 1e+06, found " HUGE_FOUND},
    {MORE("'sample': {'method': 'raze'}"),
     "sample.method: expected one of race, inverse, lockstep, choices, found \"raze\""},
    // Training.
    {STEPS("'steps': 0"), "train.steps: " WHOLE "1 to 1000000000000000, found 0"},
    {STEPS("'steps': 1e400"), "train.steps: " WHOLE "1 to 1000000000000000, found " HUGE_FOUND},
    {STEPS("'steps': 3, 'batch_size': 0"), "train.batch_size: " WHOLE "1 to 1000000000 or \"all\", found 0"},
    {STEPS("'steps': 3, 'batch_size': 'full'"),
     "train.batch_size: " WHOLE "1 to 1000000000 or \"all\", found \"full\""},
    {TRAIN("'log_every': 0"), "train.log_every: " WHOLE "1 to 1000000000000000, found 0"},
    {TRAIN("'l2_mean': -1"), "train.l2_mean: " NUMBER "-1"},
    {TRAIN("'lr': 1e400"), "train.lr: " NUMBER HUGE_FOUND},
    {TRAIN("'lr': -0.1"), "train.lr: " NUMBER "-0.1"},
    {TRAIN("'lr': 'fast'"), "train.lr: expected a number or a list of [step, rate], found \"fast\""},
    {TRAIN("'lr': [0.1]"), "train.lr[0]: expected [step, rate], found 0.1"},
    {TRAIN("'lr': [[0, 0.1, 2]]"), "train.lr[0]: expected [step, rate], found [0,0.1,2]"},
    {TRAIN("'lr': [[1, 0.1]]"), "train.lr[0]: expected steps that increase from 0, found 1"},
    {TRAIN("'lr': [[0, 0.1], [5, 0.2], [5, 0.1]]"), "train.lr[2]: expected steps that increase from 0, found 5"},
    {TRAIN("'lr': [[0, 0.1], [5, 'x']]"), "train.lr[1][1]: " NUMBER "\"x\""},
    {TRAIN("'lr': [[0, 0.1], [0.5, 1]]"), "train.lr[1][0]: " WHOLE "0 to 1000000000000000, found 0.5"},
    {TRAIN("'optimizer': 'sgd'"), "train.optimizer: expected an object with a \"type\", found \"sgd\""},
    {TRAIN("'optimizer': {}"), "train.optimizer.type: missing key"},
    {TRAIN("'optimizer': {'type': 'sdg'}"), "train.optimizer.type: expected one of sgd, adam, adamw, found \"sdg\""},
    {TRAIN("'optimizer': {'type': 'adamw', 'beta_1': 0.9}"),
     "train.optimizer.beta_1: unknown key; did you mean \"beta1\"?"},
    {TRAIN("'optimizer': {'type': 'adamw', 'momentum': 0.9}"),
     "train.optimizer.momentum: unknown key; the keys here are beta1, beta2, eps, weight_decay, type"},
    {TRAIN("'optimizer': {'type': 'sgd', 'momentum': 1}"), BELOW_1("momentum")},
    {TRAIN("'optimizer': {'type': 'adamw', 'eps': 0}"), "train.optimizer.eps: " ABOVE_0 "0"},
    {TRAIN("'clip_norm': 0"), "train.clip_norm: " ABOVE_0 "0"},
    {TRAIN("'lr': {'form': 0.1}"), "train.lr.form: unknown key; did you mean \"from\"?"},
    {TRAIN("'lr': {'to': 0.1}"), "train.lr.from: missing key (rate after the warm-up)"},
    {TRAIN("'lr': {'from': -1}"), "train.lr.from: " NUMBER "-1"},
    {TRAIN("'lr': {'from': 0.1, 'shape': 'cosin'}"), "train.lr.shape: expected one of cosine, linear, found \"cosin\""},
    {TRAIN("'lr': {'from': 0.1, 'warmup': 3}"), "train.lr.warmup: expected fewer steps than the curve has, 3, found 3"},
    {TRAIN("'lr': {'from': 0.1, 'warmup': 7, 'steps': 6}"),
     "train.lr.warmup: expected fewer steps than the curve has, 6, found 7"},
    {TRAIN("'early_stop': {'patience': 0}"), "train.early_stop.patience: " WHOLE "1 to 1000000000, found 0"},
    {TRAIN("'early_stop': 3"), "train.early_stop: expected an object, found 3"},
    // Layers.
    {NETWORK("", "0", LAYERS, "", ""), "model.context: " WHOLE "1 to 4096, found 0"},
    {NETWORK("", "8", "", "", ""), "model.layers: expected a list of objects, at least one, found []"},
    {LAYER("5"), "model.layers[1]: expected an object with a \"type\", found 5"},
    {LAYER("{'type': 5}"), "model.layers[1].type: " TYPES "5"},
    {LAYER("{'type': 'conv'}"), "model.layers[1].type: " TYPES "\"conv\""},
    {LAYER("{'type': 'linear', 'output': 5}"), "model.layers[1].output: unknown key; did you mean \"out\"?"},
    {LAYER("{'type': 'linear', 'out': 0}"), "model.layers[1].out: " WHOLE "1 to 1000000 or \"vocab\", found 0"},
    {LAYER("{'type': 'dropout'}"),
     "model.layers[1].share: missing key (probability with which training sets a float to 0)"},
    {LAYER("{'type': 'dropout', 'share': 1}"), "model.layers[1].share: expected a number from 0 to 0.99, found 1"},
    {LAYER("{'type': 'tanh', 'x': 1}"), "model.layers[1].x: unknown key; the keys here are type"},
    {WEIGHT("'weight': 'zero'"), ANY_WEIGHT "\"zero\""},
    {WEIGHT("'weight': false"), ANY_WEIGHT "false"},
    {WEIGHT("'weight': {'norml': 1}"), "model.layers[2].weight.norml: unknown key; did you mean \"normal\"?"},
    {WEIGHT("'weight': {'xavier': 1}"),
     "model.layers[2].weight.xavier: unknown key; the keys here are constant, normal, "
     "uniform, kaiming_normal, kaiming_uniform"},
    {WEIGHT("'weight': {'uniform': 1, 'mean': 0}"),
     "model.layers[2].weight.mean: unknown key; the keys here are uniform"},
    {WEIGHT("'weight': {'normal': -1}"), "model.layers[2].weight.normal: " NUMBER "-1"},
    {WEIGHT("'weight': {'constant': 1e31}"),
     "model.layers[2].weight.constant: expected a number from -1e+30 to 1e+30, found 1e+31"},
    {WEIGHT("'weight': {'normal': 1, 'mean': 'x'}"),
     "model.layers[2].weight.mean: expected a number from -1e+30 to 1e+30, found \"x\""},
    {WEIGHT("'bias': true"), ANY_BIAS "true"},
};

// Changes to MORE("'name': 'a'").
static const Refused REFUSED_CHANGES[] = {
    {"train.stps=3", "train.stps: unknown key; did you mean \"steps\"?"},
    {"stps=3", "stps: unknown key; did you mean \"train.steps\"?"},
    {"lr=", "lr: unknown key; did you mean \"train.lr\"?"},
    {"layers[2].out=3", "layers: unknown key; did you mean \"model.layers\"?"},
    {"model.dim=3", "model.dim: unknown key; did you mean \"model.layers[N].dim\"?"},
    {"frobnicate=3", "frobnicate: " KEYS},
    {"train.steps=", "train.steps: " WHOLE "1 to 1000000000000000, found \"\""},
    {"train.steps=three", "train.steps: " WHOLE "1 to 1000000000000000, found \"three\""},
    {"train.lr=[[0,0.1]", "train.lr: expected a number or a list of [step, rate], found \"[[0,0.1]\""},
    {"train=5", "train: expected an object, found 5"},
    {"model={\"ngram\":2,\"ngram\":3}", "train: counts (model.ngram) are not trained in steps; remove train"},
    {"sample={\"count\":2,\"count\":3}", "sample.count: duplicate key; remove one"},
    {"name.x=5", "name.x: no such place in the config"},
    {"model.layers[3].dim=5", "model.layers[3].dim: no such place in the config"},
    {"model.layers[-1].dim=5", "model.layers[-1].dim: no such place in the config"},
    {"model.layers[99999999999999999999]=5", "model.layers[99999999999999999999]: no such place in the config"},
    {"[]=1", "[]: no such place in the config"},
    {"n\xFF=1", "n\xFF: the change is not UTF-8, which JSON requires"},
    {"name=\xFF", "name: the change is not UTF-8, which JSON requires"},
};

// Puts the names of all layer types in place of a message's "%s".
static const char *complete(Arena *arena, const char *message) {
    Error err;
    const char *gap = strstr(message, "%s"), *names = "";
    for (size_t i = 0; gap && layer_registry(i); i++)
        names = arena_format(arena, &err, "%s%s%s", names, i > 0 ? ", " : "", layer_registry(i)->name);
    return gap ? arena_format(arena, &err, "%.*s%s%s", (int)(gap - message), message, names, gap + 2) : message;
}

static void expect_refused(const char *path, const char *set, const char *message) {
    Arena arena = {0};
    Config config;
    Error err = {0};
    const ConfigChanges changes = {.n = set[0] != '\0', .set = &set};
    ck_assert_msg(!config_load(&config, path, &changes, &arena, &err), "loaded, but expected: %s", message);
    const char *prefix = arena_format(&arena, &err, "%s: ", path);
    ck_assert(strncmp(err.text, prefix, strlen(prefix)) == 0);
    ck_assert_str_eq(err.text + strlen(prefix), complete(&arena, message));
    arena_free(&arena);
    keep_refused(path, set, message);
}

START_TEST(messages_name_the_place_and_what_was_expected) {
    for (size_t i = 0; i < COUNT(REFUSED); i++) expect_refused(write_config(REFUSED[i].json), "", REFUSED[i].message);
    for (size_t i = 0; i < COUNT(REFUSED_CHANGES); i++)
        expect_refused(write_config(MORE("'name': 'a'")), REFUSED_CHANGES[i].json, REFUSED_CHANGES[i].message);
    const char *path = scratch("c.json");
    write_bytes(path, "{\n \"a\": \"x\0y\"}", 15);
    expect_refused(path, "", "line 2, column 9: a NUL character");
    expect_refused(scratch("missing.json"), "", "no such file or directory");
    expect_refused(scratch(""), "", "expected a file, found a directory");
    static char key[200];
    memset(key, 'k', sizeof key - 1);
    expect_refused(write_config(MORE("'name': 'a'")), textf("%s=1", key),
                   textf("%s: no such place in the config", key));
}
END_TEST

START_TEST(deep_nesting_and_long_names_are_one_error) {
    static char text[JSON_BYTES];
    memset(text, '[', 5000);
    expect_refused(write_config(text), "", "line 1, column 1001: not JSON, here or just before");
    for (size_t i = 0; i < 900; i++) memcpy(text + 5 * i, "{'a':", 6);
    memcpy(text + 4500, "1", 1);
    for (size_t i = 0; i < 900; i++) memcpy(text + 4501 + i, "}", 2);
    expect_refused(write_config(text), "", "a: " KEYS);
    snprintf(text, sizeof text, "{'name': '%08000d', 'seed': 'x'}", 7);
    expect_refused(write_config(text), "", "seed: " WHOLE "0 to 9007199254740991, found \"x\"");
}
END_TEST

START_TEST(long_values_are_cut_between_characters) {
    static char change[1024] = "train.lr=";
    for (size_t at = strlen(change); at < 400; at += 2) memcpy(change + at, "\xC3\xA9", 3);
    for (int shift = 0; shift < 2; shift++) {
        Arena arena = {0};
        Config config;
        Error err = {0};
        const char *set = change;
        if (shift) memmove(change + 10, change + 9, strlen(change + 9) + 1);
        if (shift) change[9] = 'x';
        ck_assert(!config_load(&config, write_config(MORE("'name': 'a'")), &(ConfigChanges){.n = 1, .set = &set},
                               &arena, &err));
        ck_assert_msg(utf8_is_valid(err.text, strlen(err.text)) && strstr(err.text, "\xC3\xA9..."), "%s", err.text);
        arena_free(&arena);
    }
}
END_TEST

SUITE(config_refused, NEEDS_NOTHING) {
    ADD(messages_name_the_place_and_what_was_expected);
    ADD(deep_nesting_and_long_names_are_one_error);
    ADD(long_values_are_cut_between_characters);
}
