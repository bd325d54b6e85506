// Between verify.c, which checks the block and trains, and verify_figures.c, which compares.
#ifndef NOMEN_STUDY_VERIFIER_H
#define NOMEN_STUDY_VERIFIER_H

#include "study/diagnose.h"
#include "study/verify.h"

enum { SET_MET, SET_UNMET, N_SETS };

extern const char *const SET_KEYS[N_SETS]; // where each stands in a config

typedef struct Verifier {
    const Config *config;
    const ExpectedFigures *sets[N_SETS];
    bool whole; // training goes to its end
    Dataset dataset;
    Trainer trainer;
    Diagnosis diagnosis;
    const VerifyEvents *events;
    size_t *counts; // (N_VERDICTS)
    Arena *arena;
} Verifier;

// Reports one figure of a set, where one is expected; left out where it `is_known` not.
void verify_figure(Verifier *v, size_t set, const Figure *figure, bool is_known, double found, const char *what);

// Each group of a set's figures. With `reports` false the keys are checked and nothing else is done.
void verify_data(Verifier *v, size_t set);
bool verify_counts(Verifier *v, size_t set, bool reports, Error *err);
bool verify_untrained(Verifier *v, size_t set, bool reports, Error *err);
void verify_diagnostics(Verifier *v, size_t set);
bool verify_losses(Verifier *v, size_t set, Error *err);
bool verify_names(Verifier *v, size_t set, Error *err);

#endif
