// Training a config and holding what it gives against what the config expects (config/expect.h).
#ifndef NOMEN_STUDY_VERIFY_H
#define NOMEN_STUDY_VERIFY_H

#include "config/config.h"

typedef enum Verdict {
    VERDICT_AGREES,   // within 0.6 units of the last printed decimal; names: the same
    VERDICT_OFF,      // not so
    VERDICT_UNMET,    // not so, and among the figures that cannot be met
    VERDICT_LEFT_OUT, // needs more steps than a quick verification makes
    N_VERDICTS,
} Verdict;

enum { QUICK_STEPS = 1001, FOUND_BYTES = 512, WHAT_BYTES = 128 };

// One figure, or one list of names.
typedef struct Finding {
    char what[WHAT_BYTES]; // "loss, step 10000"
    const char *expected;  // as the config writes it
    char found[FOUND_BYTES];
    Verdict verdict;
} Finding;

typedef struct VerifyEvents {
    void *context;
    void (*found)(void *context, const Finding *finding); // as soon as it is known
} VerifyEvents;

// Trains the config in memory (nothing is written) and calls `found` for each expected figure; *counts says how many
// got each verdict. With `quick` only what QUICK_STEPS steps can tell is looked at. Errors: a config that expects
// nothing, a figure that its model or its run does not have ("expect.loss.300000: ..."), as trainer_create, and
// training that ends in numbers that are not finite.
bool verify(const Config *config, bool quick, const VerifyEvents *events, size_t counts[N_VERDICTS], Error *err);

// The same checks of the block itself, without training.
bool verify_check(const Config *config, Error *err);

#endif
