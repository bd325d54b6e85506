// Trains a config in memory and compares its results with the values that the config expects (config/config.h).
#pragma once

#include "config/config.h"

typedef enum Verdict {
    VERDICT_AGREES,      // within 0.6 units of the last printed decimal; names: the same
    VERDICT_OFF,         // differs
    VERDICT_UNMET,       // differs, but is in the block "unmet", which gives the reason
    VERDICT_OTHER_NAMES, // not judged, because the value is that of another names file (expect.names_sha256)
    VERDICT_LEFT_OUT,    // needs more steps than a quick verification makes
    N_VERDICTS,
} Verdict;

enum { QUICK_STEPS = 1001, FOUND_BYTES = 512, NAME_BYTES = 128 };

// An expected value, or list of names, beside the one found.
typedef struct Finding {
    char name[NAME_BYTES]; // "minibatch loss, step 10000"
    const char *expected;  // as the config writes it
    char found[FOUND_BYTES];
    Verdict verdict;
} Finding;

typedef void (*FindingHandler)(void *context, const Finding *finding);

// Checks the block `expect` without training: fails if `expect` is empty or asks for results that this config cannot
// have.
bool verify_check(const Config *config, Error *err);

// Trains a config that passed verify_check and calls `handle` for each expected value as soon as it is known. With
// `quick` the training stops after QUICK_STEPS. Errors: a key that names no statistic of this model, as
// trainer_create, and numbers that are not finite.
bool verify(const Config *config, bool quick, FindingHandler handle, void *context, Error *err);
