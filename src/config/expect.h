// The block `expect` of a config: results of the lectures or of earlier runs, which nomen verify compares with its own.
#ifndef NOMEN_CONFIG_EXPECT_H
#define NOMEN_CONFIG_EXPECT_H

#include "base/field.h"

typedef struct ExpectedData {
    Figure names, symbols;   // in the names file
    Figure train, dev, test; // examples
} ExpectedData;

typedef struct ExpectedSamples {
    MaybeWhole seed; // not given: the config's
    Texts race, inverse;
} ExpectedSamples;

typedef struct ExpectedFigures {
    ExpectedData data;
    Figure parameters;
    Figures counts;    // by tuple, "." is the boundary
    Figures untrained; // mean negative log-likelihood per symbol under the initial weights, by name
    Figures loss;      // of a minibatch, l2 term included, by step
    Figure train_loss, dev_loss, test_loss;
    Figures diagnostics; // of the last step, by "layers.2.std" and the like (study/diagnose.h)
    ExpectedSamples samples;
    const char *why; // only in `unmet`: why these results cannot be reproduced
} ExpectedFigures;

typedef struct Expect {
    ExpectedFigures met;
    ExpectedFigures unmet; // shown beside the results found, never counted as off
} Expect;

extern const Record expect_record;

#endif
