// A config: read from JSON by the tables in config/tables.c and those of the layers and optimizers, checked, with every
// default filled in.
#pragma once

#include "base/buffer.h"
#include "base/file.h"
#include "data/dataset.h"
#include "nn/model.h"

// Training ends after `patience` evaluations in a row whose dev loss is not more than `least_gain` below the dev loss
// of the last gain.
typedef struct EarlyStop {
    uint64_t patience; // 0: never
    double least_gain;
} EarlyStop;

enum { CONTEXT_MAX = 4096 }; // positions that a network reads
enum { SHARDS_MAX = 65536 };

typedef struct TrainConfig {
    uint64_t steps;
    uint64_t batch_size; // FIELD_WORD: the whole train split
    uint64_t shards;     // world/shards.h
    Typed optimizer;     // an OptimizerType's record
    Schedule lr;
    double l2_mean;   // lambda in the loss term lambda mean(W^2)
    double clip_norm; // 0: none
    EarlyStop early_stop;
    uint64_t log_every, eval_every, checkpoint_every;
} TrainConfig;

typedef struct SampleConfig {
    uint64_t count;
    double temperature;
    const char *method; // one of SAMPLE_METHODS
} SampleConfig;

extern const char *const SAMPLE_METHODS[]; // "race", "inverse", "lockstep", "choices", NULL: by DrawMethod
extern const char *const RANDOM_USES[];    // "lectures", "makemore", "microgpt", NULL: by RandomUse

// The block `expect` of a config: results of the lectures or of earlier runs, which nomen verify compares with its own.
typedef struct ExpectedData {
    ExpectedValue names, symbols;   // in the names file
    ExpectedValue train, dev, test; // examples
} ExpectedData;

typedef struct ExpectedSamples {
    MaybeWhole seed; // not given: the config's
    Texts race, inverse, lockstep, choices;
} ExpectedSamples;

typedef struct ExpectedResults {
    ExpectedData data;
    ExpectedValue parameters;
    ExpectedList counts;    // by tuple, "." is the boundary
    ExpectedList untrained; // mean negative log-likelihood per symbol under the initial weights, by name
    ExpectedList loss;      // of a minibatch, l2 term included, by step
    ExpectedValue train_loss, dev_loss, test_loss;
    ExpectedList diagnostics; // of the last step, by "layers.2.std" and the like (study/diagnose.h)
    ExpectedSamples samples;
    const char *why; // only in `unmet`: why these results cannot be reproduced
} ExpectedResults;

typedef struct Expect {
    ExpectedResults met;
    const char *names_sha256; // of the names file that has these results; NULL: not given
    ExpectedResults unmet;    // shown beside the results found, never counted as off
} Expect;

typedef struct Config {
    const char *path;   // of the file it was read from, for errors
    const char *schema; // for editors; never written
    const char *name;
    uint64_t seed;
    const char *random; // one of RANDOM_USES, in `data` as a RandomUse; NULL for an n-gram
    DataConfig data;    // its path is absolute
    ModelConfig model;
    TrainConfig train; // all zero for an n-gram
    SampleConfig sample;
    Expect expect; // never written, because it does not affect training
} Config;

typedef struct NamedConfig {
    const char *name, *path; // "mlp", "configs/mlp.json"
} NamedConfig;

typedef struct NamedConfigs {
    size_t n;
    NamedConfig *items; // (n), in alphabetical order, each name once
} NamedConfigs;

// Lists the configs in ./configs, in share/nomen/configs beside the program's directory (an installed nomen), and in
// configs beside that directory (a nomen in its source tree), each with its subdirectories `lectures` and `makemore`. A
// config in `makemore` is named makemore/NAME. If two have the same name, the first counts.
bool config_list(NamedConfigs *out, Arena *arena, Error *err);

// Returns the path that an operand names: the config.json in a run directory, the operand itself if it is a file or a
// path, else the config of that name. Returns NULL if there is none.
const char *config_find(const char *operand, Arena *arena, Error *err);

// Returns the path of a file that ships with nomen, such as "data/names.txt", or "" if it is not installed.
const char *shipped_file(const char *name, Arena *arena, Error *err);

// What a command line changes in a config before it is read.
typedef struct ConfigChanges {
    const char *data;       // the names file, relative to the current directory; NULL: the config's own
    size_t n;               // of `set`
    const char *const *set; // "train.lr=0.1", "model.layers[2].out=300"; a value that is not JSON is a string
    uint64_t steps;         // train.steps of a network; 0: the config's own
} ConfigChanges;

// Finds the config that `operand` names, reads it with the changes, and checks that its names file exists. `changes` is
// NULL for commands without --data and --set.
bool config_open(Config *config, const char *operand, const ConfigChanges *changes, Arena *arena, Error *err);

// Reads the config at `path`. `changes` may be NULL. Errors name the file, then line and column or the key.
bool config_load(Config *config, const char *path, const ConfigChanges *changes, Arena *arena, Error *err);

// Returns how to get the names file that does not exist, such as "correct it"; NULL if it exists.
const char *config_missing_names(const Config *config);

// Returns false if the names file does not exist. The error suggests --data if the command has that option.
bool config_check_names(const Config *config, bool has_data_option, Error *err);

// Reads JSON text as written by config_write. `changes` may be NULL. Errors name the file `path`.
bool config_parse(Config *config, const char *text, const char *path, const ConfigChanges *changes, Arena *arena,
                  Error *err);

// Sets err to how a config is made for a list of names, which was given in place of `expected`. Returns false.
bool config_refuse_names(const char *path, const char *expected, Arena *arena, Error *err);

// Writes the complete config without `expect` as one compact JSON object, keys in the order of the tables.
void config_write(const Config *config, Buffer *out);

// Does the same without the path of the names file, which may differ from machine to machine.
void config_write_without_path(const Config *config, Buffer *out);

// Returns the same text indented, with a newline at the end.
const char *config_print(const Config *config, Arena *arena, Error *err);

// Returns true if a run with config `old` can resume with `new`: only steps, the three _every settings and
// data.path (the data is compared by its hash) differ. Otherwise sets err to the first other difference.
bool config_can_resume(const Config *old, const Config *new, Error *err);

// Returns true if two configs describe the same training from two seeds. Besides the seed, settings that do not
// affect training may differ: name, data.path, sample and the three _every settings, but eval_every only without early
// stop. Otherwise sets err to the first other difference.
bool config_same_but_seed(const Config *first, const Config *second, Error *err);

extern const char *const STARTER_KINDS[]; // "counts", "bigram", "mlp", ..., NULL

// Writes a first config of this kind for the names file `names`: the lectures' networks in sizes that fit the names.
// The config calls the file `data`, and has `schema` as its "$schema" unless that is "". *table becomes what the file
// seems to be.
bool starter_write(Buffer *out, const char *kind, const char *names, const char *data, const char *schema,
                   TableGuess *table, Error *err);

// Writes a compact JSON Schema (2020-12) of all configs. It rejects what config_load rejects, except for rules that
// involve two values (shapes that fit, shares that sum to 1, increasing steps), the names, or the text itself.
void config_schema(Buffer *out);

// Returns true if the key has no default, or if its default is an object that lacks a required key.
bool field_is_required(const Field *field);

// `path` is the key's path, such as "train.lr" or "model.layers[].dim". `type` is the "type" of the object that has the
// key, or NULL. `kind` is the kind of config that has the key, or requires it if it is required; CONFIG_ANY below an
// optional object.
typedef void ConfigKeyVisit(void *context, const char *path, const char *type, ConfigKind kind, const Field *field);

// Visits every key, except those below expect.unmet, which are the keys of expect.
void config_keys(ConfigKeyVisit *visit, void *context);

enum { KEY_PATH_BYTES = 256 };

// Finds the key, outside `expect`, that a name without its path means, such as "lr", "batch-size" or "learning-rate",
// and writes its path: "train.lr", "model.layers[N].dim". Returns NULL if there is none.
const Field *config_key_find(const char *name, char path[KEY_PATH_BYTES]);
