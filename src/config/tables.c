// The config's keys: one entry a key, with its type, bounds, default and help. Layers and optimizers bring their own.
#include "config/config.h"
#include "config/fields.h"
#include "nn/layers/registry.h"
#include "nn/optimizer/optimizer.h"
#include "nn/optimizer/schedule.h"

const char *const SAMPLE_METHODS[] = {"race", "inverse", NULL};

#define INIT_FORM(what, key, least, text)                                                    \
    {                                                                                        \
        what, { .name = key, .kind = FIELD_NUMBER, .min = least, .max = 1e30, .help = text } \
    }

const InitForm INIT_FORMS[N_INIT_FORMS] = {
    INIT_FORM(INIT_CONSTANT, "constant", -1e30, "every one this number"),
    INIT_FORM(INIT_NORMAL, "normal", 0, "normal, with this standard deviation"),
    INIT_FORM(INIT_UNIFORM, "uniform", 0, "uniform between this number's negative and it"),
    INIT_FORM(INIT_KAIMING_NORMAL, "kaiming_normal", 0, "normal, with standard deviation this gain / sqrt(fan in)"),
    INIT_FORM(INIT_KAIMING_UNIFORM, "kaiming_uniform", 0, "uniform, bounded by this gain times sqrt(3 / fan in)"),
};

const Field init_mean = {
    .name = "mean", .kind = FIELD_NUMBER, .preset = "0", .min = -1e30, .max = 1e30, .help = "of the normal"};

const Field rate_step = {.kind = FIELD_WHOLE, .max = STEPS_MAX, .help = "the step from which the rate holds"};
const Field rate_value = {.kind = FIELD_NUMBER, .max = 1e30, .help = "a learning rate"};

static const Field DATA_FIELDS[] = {
    {.name = "path",
     .kind = FIELD_TEXT,
     .offset = offsetof(DataConfig, path),
     .min = 1,
     .help = "the names file, one name a line; relative to the config's directory"},
    {.name = "split",
     .kind = FIELD_SPLIT,
     .offset = offsetof(DataConfig, split),
     .preset = "[0.8, 0.1, 0.1]",
     .help = "shares of the names for train, dev and test"},
    {.name = "shuffle_seed",
     .kind = FIELD_MAYBE,
     .offset = offsetof(DataConfig, shuffle_seed),
     .preset = "null",
     .max = WHOLE_MAX,
     .help = "shuffles the names before the split as Python's random does; left out: file order"},
    {.name = "unique",
     .kind = FIELD_BOOL,
     .offset = offsetof(DataConfig, unique),
     .preset = "false",
     .help = "keep only the first of equal names"},
    {0}};

static const Field NETWORK_FIELDS[] = {
    {.name = "context",
     .kind = FIELD_WHOLE,
     .offset = offsetof(ModelConfig, context),
     .min = 1,
     .max = 4096,
     .help = "how many symbols the network sees"},
    {.name = "layers",
     .kind = FIELD_LIST,
     .offset = offsetof(ModelConfig, layers),
     .registry = layer_registry,
     .help = "the layers in order, the first an embedding, the last with one logit a symbol"},
    {0}};

static const Field COUNTS_FIELDS[] = {{.name = "ngram",
                                       .kind = FIELD_WHOLE,
                                       .offset = offsetof(ModelConfig, ngram),
                                       .min = 1,
                                       .max = 16,
                                       .help = "symbols a tuple: 2 counts bigrams, 3 trigrams"},
                                      {.name = "smoothing",
                                       .kind = FIELD_NUMBER,
                                       .offset = offsetof(ModelConfig, smoothing),
                                       .preset = "1",
                                       .max = 1e9,
                                       .help = "added to every count"},
                                      {0}};

static const Field EARLY_STOP_FIELDS[] = {
    {.name = "patience",
     .kind = FIELD_WHOLE,
     .offset = offsetof(EarlyStop, patience),
     .min = 1,
     .max = 1e9,
     .help = "evaluations in a row without a gain that end training"},
    {.name = "least_gain",
     .kind = FIELD_NUMBER,
     .offset = offsetof(EarlyStop, least_gain),
     .preset = "0",
     .max = 1e30,
     .help = "how far below the last gain's dev loss another must be to count as one"},
    {0}};

static const Record EARLY_STOP = {NULL, EARLY_STOP_FIELDS, sizeof(EarlyStop), "when to end training early"};

static const Field TRAIN_FIELDS[] = {
    {.name = "steps",
     .kind = FIELD_WHOLE,
     .offset = offsetof(TrainConfig, steps),
     .min = 1,
     .max = STEPS_MAX,
     .help = "updates to make"},
    {.name = "batch_size",
     .kind = FIELD_WHOLE,
     .offset = offsetof(TrainConfig, batch_size),
     .preset = "32",
     .min = 1,
     .max = 1e9,
     .word = "all",
     .help = "examples a step, drawn with replacement; \"all\" for the whole train split"},
    {.name = "optimizer",
     .kind = FIELD_TYPED,
     .offset = offsetof(TrainConfig, optimizer),
     .preset = "{\"type\": \"sgd\"}",
     .registry = optimizer_registry,
     .help = "how gradients become updates"},
    {.name = "lr",
     .kind = FIELD_SCHEDULE,
     .offset = offsetof(TrainConfig, lr),
     .preset = "0.1",
     .record = &rate_curve,
     .help = "learning rate: a number, [[from step, rate], ...], or {\"from\": rate, \"to\": rate, ...} for a curve"},
    {.name = "l2_mean",
     .kind = FIELD_NUMBER,
     .offset = offsetof(TrainConfig, l2_mean),
     .preset = "0",
     .max = 1e30,
     .help = "lambda of lambda mean(W^2), over all weights (not biases), added to the loss"},
    {.name = "clip_norm",
     .kind = FIELD_NUMBER,
     .offset = offsetof(TrainConfig, clip_norm),
     .preset = "null",
     .min = 1e-30,
     .max = 1e30,
     .is_nullable = true,
     .help = "gradients whose norm, over all parameters, is larger are scaled down to it; left out: never"},
    {.name = "early_stop",
     .kind = FIELD_OBJECT,
     .offset = offsetof(TrainConfig, early_stop),
     .preset = "null",
     .record = &EARLY_STOP,
     .is_nullable = true,
     .help = "ends training when the dev loss no longer falls; left out: never"},
    {.name = "log_every",
     .kind = FIELD_WHOLE,
     .offset = offsetof(TrainConfig, log_every),
     .preset = "1000",
     .min = 1,
     .max = STEPS_MAX,
     .help = "steps between rows with the minibatch's loss"},
    {.name = "eval_every",
     .kind = FIELD_WHOLE,
     .offset = offsetof(TrainConfig, eval_every),
     .preset = "20000",
     .min = 1,
     .max = STEPS_MAX,
     .help = "steps between rows with the train and dev loss"},
    {.name = "checkpoint_every",
     .kind = FIELD_WHOLE,
     .offset = offsetof(TrainConfig, checkpoint_every),
     .preset = "20000",
     .min = 1,
     .max = STEPS_MAX,
     .help = "steps between checkpoints"},
    {0}};

static const Field SAMPLE_FIELDS[] = {{.name = "count",
                                       .kind = FIELD_WHOLE,
                                       .offset = offsetof(SampleConfig, count),
                                       .preset = "20",
                                       .min = 1,
                                       .max = 1e8,
                                       .help = "names to make"},
                                      {.name = "temperature",
                                       .kind = FIELD_NUMBER,
                                       .offset = offsetof(SampleConfig, temperature),
                                       .preset = "1",
                                       .max = 1e6,
                                       .help = "divides the logits; 0 takes the most likely symbol"},
                                      {.name = "method",
                                       .kind = FIELD_CHOICE,
                                       .offset = offsetof(SampleConfig, method),
                                       .preset = "\"race\"",
                                       .choices = SAMPLE_METHODS,
                                       .help = "torch.multinomial without (race) or with (inverse) replacement"},
                                      {0}};

static const Record DATA = {NULL, DATA_FIELDS, sizeof(DataConfig), "names and how they are split"};
static const Record NETWORK = {NULL, NETWORK_FIELDS, sizeof(ModelConfig), "a network"};
static const Record COUNTS = {NULL, COUNTS_FIELDS, sizeof(ModelConfig), "counts"};
static const Record TRAIN = {NULL, TRAIN_FIELDS, sizeof(TrainConfig), "how the network is trained"};
static const Record SAMPLE = {NULL, SAMPLE_FIELDS, sizeof(SampleConfig), "what sample does unless told otherwise"};

// Both kinds of config agree but for the model, and that counts are not trained in steps.
#define FIELDS_BEFORE_MODEL                                                                                      \
    {.name = "$schema",                                                                                          \
     .kind = FIELD_TEXT,                                                                                         \
     .offset = offsetof(Config, schema),                                                                         \
     .is_note = true,                                                                                            \
     .help = "the schema that editors check this file with; nomen passes over it"},                              \
        {.name = "name",                                                                                         \
         .kind = FIELD_TEXT,                                                                                     \
         .offset = offsetof(Config, name),                                                                       \
         .preset = "\"\"",                                                                                       \
         .pattern = "^([^./\\u0000-\\u001f\\u007f-\\u009f][^/\\u0000-\\u001f\\u007f-\\u009f]*)?$",               \
         .help = "names the run directory; left out: the file's name"},                                          \
        {.name = "seed",                                                                                         \
         .kind = FIELD_WHOLE,                                                                                    \
         .offset = offsetof(Config, seed),                                                                       \
         .preset = "2147483647",                                                                                 \
         .max = WHOLE_MAX,                                                                                       \
         .help = "of initial weights, minibatches and samples"},                                                 \
    {                                                                                                            \
        .name = "data", .kind = FIELD_OBJECT, .offset = offsetof(Config, data), .preset = "{}", .record = &DATA, \
        .help = "names and how they are split"                                                                   \
    }
#define FIELD_SAMPLE                                                                                                   \
    {                                                                                                                  \
        .name = "sample", .kind = FIELD_OBJECT, .offset = offsetof(Config, sample), .preset = "{}", .record = &SAMPLE, \
        .help = "what sample does unless told otherwise"                                                               \
    }

#define FIELD_EXPECT(what)                                                                           \
    {                                                                                                \
        .name = "expect", .kind = FIELD_OBJECT, .offset = offsetof(Config, expect), .is_note = true, \
        .record = &(what), .help = "results that nomen verify compares with what it finds"           \
    }

static const Field NETWORK_CONFIG_FIELDS[] = {FIELDS_BEFORE_MODEL,
                                              {.name = "model",
                                               .kind = FIELD_OBJECT,
                                               .offset = offsetof(Config, model),
                                               .record = &NETWORK,
                                               .help = "{\"context\": ..., \"layers\": [...]} or {\"ngram\": ...}"},
                                              {.name = "train",
                                               .kind = FIELD_OBJECT,
                                               .offset = offsetof(Config, train),
                                               .preset = "{}",
                                               .record = &TRAIN,
                                               .help = "how the network is trained"},
                                              FIELD_SAMPLE,
                                              FIELD_EXPECT(network_expect),
                                              {0}};

static const Field COUNTS_CONFIG_FIELDS[] = {
    FIELDS_BEFORE_MODEL,
    {.name = "model", .kind = FIELD_OBJECT, .offset = offsetof(Config, model), .record = &COUNTS, .help = "counts"},
    FIELD_SAMPLE,
    FIELD_EXPECT(counts_expect),
    {0}};

const Record network_config = {NULL, NETWORK_CONFIG_FIELDS, sizeof(Config), "a network's config"};
const Record counts_config = {NULL, COUNTS_CONFIG_FIELDS, sizeof(Config), "a counting model's config"};
