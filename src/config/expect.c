// The keys of the block `expect`.
#include "config/expect.h"

#define FIGURE(key, type, member, text) \
    { .name = key, .kind = FIELD_FIGURE, .offset = offsetof(type, member), .is_note = true, .help = text }
#define FIGURES(key, member, text) \
    { .name = key, .kind = FIELD_FIGURES, .offset = offsetof(ExpectedFigures, member), .is_note = true, .help = text }
#define LOSSES                                                                                             \
    {                                                                                                      \
        .name = "loss", .kind = FIELD_FIGURES, .offset = offsetof(ExpectedFigures, loss), .is_note = true, \
        .pattern = "^(0|[1-9][0-9]*)$", .help = "minibatch losses by step"                                 \
    }
#define TEXTS(key, member, text) \
    { .name = key, .kind = FIELD_TEXTS, .offset = offsetof(ExpectedSamples, member), .is_note = true, .help = text }
#define OBJECT(key, type, member, what, text)                                                                    \
    {                                                                                                            \
        .name = key, .kind = FIELD_OBJECT, .offset = offsetof(type, member), .is_note = true, .record = &(what), \
        .help = text                                                                                             \
    }

static const Field DATA_FIELDS[] = {FIGURE("names", ExpectedData, names, "names in the file"),
                                    FIGURE("symbols", ExpectedData, symbols, "symbols, the boundary among them"),
                                    FIGURE("train", ExpectedData, train, "examples of the train split"),
                                    FIGURE("dev", ExpectedData, dev, "examples of the dev split"),
                                    FIGURE("test", ExpectedData, test, "examples of the test split"),
                                    {0}};

static const Field SAMPLES_FIELDS[] = {{.name = "seed",
                                        .kind = FIELD_MAYBE,
                                        .offset = offsetof(ExpectedSamples, seed),
                                        .is_note = true,
                                        .max = WHOLE_MAX,
                                        .help = "of the draws; left out: the config's seed"},
                                       TEXTS("race", race, "the first names drawn by race"),
                                       TEXTS("inverse", inverse, "the first names drawn by inverse"),
                                       {0}};

static const Record DATA = {NULL, DATA_FIELDS, sizeof(ExpectedData), "figures of the names file"};
static const Record SAMPLES = {NULL, SAMPLES_FIELDS, sizeof(ExpectedSamples), "names made up"};

#define SPLIT_LOSSES                                                                         \
    FIGURE("train_loss", ExpectedFigures, train_loss, "loss of the train split in the end"), \
        FIGURE("dev_loss", ExpectedFigures, dev_loss, "loss of the dev split in the end"),   \
        FIGURE("test_loss", ExpectedFigures, test_loss, "loss of the test split in the end")

#define NETWORK_FIGURES                                                                                              \
    OBJECT("data", ExpectedFigures, data, DATA, "figures of the names file"),                                        \
        FIGURE("parameters", ExpectedFigures, parameters, "trained numbers"),                                        \
        FIGURES("untrained", untrained, "mean negative log-likelihood of a name under the initial weights"), LOSSES, \
        SPLIT_LOSSES,                                                                                                \
        FIGURES("diagnostics", diagnostics, "what nomen diagnose finds in the last step, as \"layers.4.std\""),      \
        OBJECT("samples", ExpectedFigures, samples, SAMPLES, "names made up in the end")

#define COUNTS_FIGURES                                                                               \
    OBJECT("data", ExpectedFigures, data, DATA, "figures of the names file"),                        \
        FIGURES("counts", counts, "how often a tuple occurs, \".\" for the boundary"), SPLIT_LOSSES, \
        OBJECT("samples", ExpectedFigures, samples, SAMPLES, "names made up")

#define WHY                                                                                           \
    {                                                                                                 \
        .name = "why", .kind = FIELD_TEXT, .offset = offsetof(ExpectedFigures, why), .is_note = true, \
        .help = "what keeps these figures from being met"                                             \
    }

static const Field NETWORK_UNMET_FIELDS[] = {WHY, NETWORK_FIGURES, {0}};
static const Field COUNTS_UNMET_FIELDS[] = {WHY, COUNTS_FIGURES, {0}};
static const Record NETWORK_UNMET = {NULL, NETWORK_UNMET_FIELDS, sizeof(ExpectedFigures), "figures beyond reach"};
static const Record COUNTS_UNMET = {NULL, COUNTS_UNMET_FIELDS, sizeof(ExpectedFigures), "figures beyond reach"};

#define UNMET(what) \
    OBJECT("unmet", Expect, unmet, what, "figures that cannot be met, by the same keys, and why; shown, never off")

_Static_assert(offsetof(Expect, met) == 0, "the figures to meet are read as the block's own members");

static const Field NETWORK_EXPECT_FIELDS[] = {NETWORK_FIGURES, UNMET(NETWORK_UNMET), {0}};
static const Field COUNTS_EXPECT_FIELDS[] = {COUNTS_FIGURES, UNMET(COUNTS_UNMET), {0}};

const Record network_expect = {NULL, NETWORK_EXPECT_FIELDS, sizeof(Expect), "expected results"};
const Record counts_expect = {NULL, COUNTS_EXPECT_FIELDS, sizeof(Expect), "expected results"};
