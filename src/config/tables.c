// The keys of a config, each with its type, bounds, default and help. Layers and optimizers have tables of their own.
#include "config/config.h"
#include "config/fields.h"
#include "nn/layer.h"
#include "nn/optimizer/optimizer.h"
#include "nn/optimizer/schedule.h"

const char *const SAMPLE_METHODS[] = {"race", "inverse", "lockstep", "choices", NULL};
const char *const RANDOM_USES[] = {"lectures", "makemore", "microgpt", NULL};

static const Field DATA_FIELDS[] = {
    FIELD(DataConfig, path, FIELD_TEXT, .min = 1,
          .help = "the names file, one name per line; relative to the config's directory"),
    FIELD(DataConfig, split, FIELD_SPLIT, .preset = "[0.8, 0.1, 0.1]",
          .help = "shares of the names in the train, dev and test splits"),
    FIELD(DataConfig, shuffle_seed, FIELD_MAYBE, .preset = "null", .max = WHOLE_MAX,
          .help = "seed of a shuffle before the split, as in Python's random.shuffle; default: no shuffle"),
    FIELD(DataConfig, unique, FIELD_BOOL, .preset = "false", .help = "drop repeated names"),
    {.name = "column",
     .kind = FIELD_COLUMN,
     .offset = offsetof(DataConfig, format.column),
     .preset = "null",
     .is_nullable = true,
     .hides_preset = true,
     .help = "the column of the names if the file is a table (CSV): its number from 1, or its name in the first row; "
             "default: each line is a name"},
    {.name = "weight",
     .kind = FIELD_COLUMN,
     .offset = offsetof(DataConfig, format.weight),
     .preset = "null",
     .is_nullable = true,
     .hides_preset = true,
     .help = "the column with the count of each row, a whole number; default: each row counts once"},
    {.name = "normalize",
     .kind = FIELD_CHOICE,
     .offset = offsetof(DataConfig, format.normalize),
     .preset = "null",
     .choices = NORMAL_FORMS,
     .is_nullable = true,
     .hides_preset = true,
     .help = "\"NFC\" reads a letter and its accent as one symbol if Unicode has it; default: no change"},
    {0}};

static const Field MODEL_FIELDS[] = {
    FIELD(ModelConfig, context, FIELD_WHOLE, .only = CONFIG_NETWORK, .min = 1, .max = CONTEXT_MAX,
          .help = "number of preceding symbols the network sees"),
    FIELD(ModelConfig, layers, FIELD_LIST, .only = CONFIG_NETWORK, .registry = layer_registry,
          .help = "the layers in order; the first is an embedding, the last outputs one logit per symbol"),
    FIELD(ModelConfig, ngram, FIELD_WHOLE, .only = CONFIG_COUNTS, .min = 1, .max = 16,
          .help = "symbols per tuple: 2 counts bigrams, 3 trigrams"),
    FIELD(ModelConfig, smoothing, FIELD_NUMBER, .only = CONFIG_COUNTS, .preset = "1", .max = 1e9,
          .help = "added to every count"),
    {0}};

static const Field EARLY_STOP_FIELDS[] = {
    FIELD(EarlyStop, patience, FIELD_WHOLE, .min = 1, .max = 1e9,
          .help = "training stops after this many evaluations in a row without a gain"),
    FIELD(EarlyStop, least_gain, FIELD_NUMBER, .preset = "0", .max = 1e30,
          .help = "minimum decrease of the dev loss, since the last gain, that counts as a gain"),
    {0}};

static const Record EARLY_STOP = {.fields = EARLY_STOP_FIELDS, .size = sizeof(EarlyStop)};

static const Field TRAIN_FIELDS[] = {
    FIELD(TrainConfig, steps, FIELD_WHOLE, .min = 1, .max = STEPS_MAX, .help = "number of updates"),
    FIELD(TrainConfig, batch_size, FIELD_WHOLE, .preset = "32", .min = 1, .max = 1e9, .word = "all",
          .help = "examples per step, drawn with replacement; \"all\": the whole train split"),
    FIELD(TrainConfig, shards, FIELD_WHOLE, .preset = "1", .min = 1, .max = SHARDS_MAX,
          .help = "parts of a minibatch and of the names that threads and processes share out; the results depend on "
                  "this number, not on theirs"),
    FIELD(TrainConfig, optimizer, FIELD_TYPED, .preset = "{\"type\": \"sgd\"}", .registry = optimizer_registry,
          .help = "how gradients become updates"),
    FIELD(TrainConfig, lr, FIELD_SCHEDULE, .preset = "0.1", .record = &rate_curve,
          .help =
              "learning rate: a number, [[from step, rate], ...], or {\"from\": rate, \"to\": rate, ...} for a curve"),
    FIELD(TrainConfig, l2_mean, FIELD_NUMBER, .preset = "0", .max = 1e30,
          .help = "lambda in the loss term lambda mean(W^2), a mean over all weights without biases"),
    FIELD(TrainConfig, clip_norm, FIELD_NUMBER, .preset = "null", .min = 1e-30, .max = 1e30, .is_nullable = true,
          .help = "scales gradients down to this norm over all parameters if their norm is larger; default: no limit"),
    FIELD(TrainConfig, early_stop, FIELD_OBJECT, .preset = "null", .record = &EARLY_STOP, .is_nullable = true,
          .help = "stops training when the dev loss no longer falls; default: never"),
    FIELD(TrainConfig, log_every, FIELD_WHOLE, .preset = "1000", .min = 1, .max = STEPS_MAX,
          .help = "steps between rows with the minibatch loss"),
    FIELD(TrainConfig, eval_every, FIELD_WHOLE, .preset = "20000", .min = 1, .max = STEPS_MAX,
          .help = "steps between rows with the train and dev loss"),
    FIELD(TrainConfig, checkpoint_every, FIELD_WHOLE, .preset = "20000", .min = 1, .max = STEPS_MAX,
          .help = "steps between checkpoints"),
    {0}};

static const Field SAMPLE_FIELDS[] = {
    FIELD(SampleConfig, count, FIELD_WHOLE, .preset = "20", .min = 1, .max = 1e8, .help = "number of names"),
    FIELD(SampleConfig, temperature, FIELD_NUMBER, .preset = "1", .max = 1e6,
          .help = "divides the logits; 0 takes the most likely symbol"),
    FIELD(SampleConfig, method, FIELD_CHOICE, .preset = "\"race\"", .choices = SAMPLE_METHODS,
          .help = "draws as torch.multinomial without (race) or with (inverse) replacement, as makemore.py, all names "
                  "side by side (lockstep), or as Python's random.choices (choices)"),
    {0}};

static const Record DATA = {.fields = DATA_FIELDS, .size = sizeof(DataConfig)};
static const Record MODEL = {.fields = MODEL_FIELDS, .size = sizeof(ModelConfig)};
static const Record TRAIN = {.fields = TRAIN_FIELDS, .size = sizeof(TrainConfig)};
static const Record SAMPLE = {.fields = SAMPLE_FIELDS, .size = sizeof(SampleConfig)};

static const Field CONFIG_FIELDS[] = {
    {.name = "$schema",
     .kind = FIELD_TEXT,
     .offset = offsetof(Config, schema),
     .is_note = true,
     .help = "the schema that editors check this file against; nomen ignores it"},
    FIELD(Config, name, FIELD_TEXT, .preset = "\"\"",
          .pattern = "^([^./\\u0000-\\u001f\\u007f-\\u009f][^/\\u0000-\\u001f\\u007f-\\u009f]*)?$",
          .help = "name of the run directory; default: the file's name"),
    FIELD(Config, seed, FIELD_WHOLE, .preset = "2147483647", .max = WHOLE_MAX,
          .help = "seed of initial weights, minibatches and samples"),
    FIELD(Config, random, FIELD_CHOICE, .only = CONFIG_NETWORK, .preset = "\"lectures\"", .choices = RANDOM_USES,
          .hides_preset = true, .help = "draws random numbers as the lectures, makemore.py or microgpt do"),
    FIELD(Config, data, FIELD_OBJECT, .preset = "{}", .record = &DATA, .help = "the names and their splits"),
    FIELD(Config, model, FIELD_OBJECT, .record = &MODEL,
          .help = "{\"context\": ..., \"layers\": [...]} or {\"ngram\": ...}"),
    FIELD(Config, train, FIELD_OBJECT, .only = CONFIG_NETWORK, .preset = "{}", .record = &TRAIN,
          .help = "how the network is trained"),
    FIELD(Config, sample, FIELD_OBJECT, .preset = "{}", .record = &SAMPLE, .help = "defaults of nomen sample"),
    FIELD(Config, expect, FIELD_OBJECT, .is_note = true, .record = &expect_record,
          .help = "results that nomen verify compares with those it computes"),
    {0}};

const Record config_record = {.fields = CONFIG_FIELDS, .size = sizeof(Config)};
