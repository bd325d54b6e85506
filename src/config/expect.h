// The block `expect` of a config: results of the lectures or of earlier runs, which nomen verify compares with its own.
#ifndef NOMEN_CONFIG_EXPECT_H
#define NOMEN_CONFIG_EXPECT_H

#include "base/field.h"

typedef struct ExpectedData {
    ExpectedValue names, symbols;   // in the names file
    ExpectedValue train, dev, test; // examples
} ExpectedData;

typedef struct ExpectedSamples {
    MaybeWhole seed; // not given: the config's
    Texts race, inverse;
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
    ExpectedResults unmet; // shown beside the results found, never counted as off
} Expect;

extern const Record expect_record;

#endif
