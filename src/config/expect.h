// What a config expects of its own results: the block `expect`, which nomen verify compares with what it finds.
#ifndef NOMEN_CONFIG_EXPECT_H
#define NOMEN_CONFIG_EXPECT_H

#include "base/field.h"

// Figures of the names file.
typedef struct ExpectedData {
    Figure names, symbols, train, dev, test; // the last three are examples
} ExpectedData;

typedef struct ExpectedSamples {
    MaybeWhole seed; // not given: the config's
    Texts race, inverse;
} ExpectedSamples;

typedef struct ExpectedFigures {
    ExpectedData data;
    Figure parameters;
    Figures counts;    // of counts; by the tuple's symbols, "." for the boundary
    Figures untrained; // mean negative log-likelihood of a name under the initial weights; by the name
    Figures loss;      // of a minibatch, l2 term included; by the step
    Figure train_loss, dev_loss, test_loss;
    Figures diagnostics; // of the last step; by "layers.2.std" and the like (study/diagnose.h)
    ExpectedSamples samples;
    const char *why; // where these figures cannot be met: what keeps them from it
} ExpectedFigures;

typedef struct Expect {
    ExpectedFigures met;
    ExpectedFigures unmet; // shown beside what is found, never counted as off
} Expect;

// The block of a network's config, and of a config that counts.
extern const Record network_expect, counts_expect;

#endif
