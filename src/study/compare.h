// Measures and compares runs in groups: a group is one run, or several runs that differ only in their seed.
#pragma once

#include "data/dataset.h"
#include "study/statistics.h"

// An operand of a comparison and its model files.
typedef struct GroupFiles {
    const char *path;   // as given
    bool is_group;      // a directory of run directories; otherwise one run
    size_t n;           // runs
    const char **files; // (n) model files
} GroupFiles;

// Finds the model files of a run directory, a model file or a directory of run directories: model.safetensors or, if
// `best`, best.safetensors.
bool compare_find(GroupFiles *group, const char *path, bool best, Arena *arena, Error *err);

// The measured results of a group.
typedef struct GroupResult {
    GroupFiles files;
    uint64_t *seeds;          // (files.n)
    double *losses[N_PARTS];  // (files.n) exact losses of each part
    Spread loss[N_PARTS];     // of these losses; n = 0 for an empty part
    size_t examples[N_PARTS]; // 0 for an empty part
    Spread seconds;           // of training; NaN if unknown for a run
    size_t n_parameters;      // 0 for counts
    size_t n_symbols;         // in the vocabulary
    DataConfig data;          // without its path
    char data_sha256[SHA256_HEX_BYTES];
    size_t n_unfinished; // runs with steps left
} GroupResult;

// Evaluates all runs of a group on their own data. It is an error if the data changed since training, or if the runs
// differ in more than their seed, or share a seed. A best.safetensors has no seconds, and counts as finished.
bool compare_measure(GroupResult *group, const GroupFiles *files, Arena *arena, Error *err);

// A group compared with the first one.
typedef struct GroupTest {
    bool same_data; // both were measured on the same examples; otherwise no test is made
    bool is_tested;
    Welch welch;  // only the difference if not tested
    bool differs; // p < GroupComparison.level
} GroupTest;

typedef struct GroupComparison {
    size_t n;
    const GroupResult *groups; // (n)
    Part part;                 // whose losses are tested
    GroupTest *tests;          // (n); the first is unused
    size_t n_tests;            // groups with is_tested
    double level;              // 0.05 / n_tests (Bonferroni)
} GroupComparison;

// Tests every group against the first. c->groups and c->part are set.
bool compare_test(GroupComparison *c, Arena *arena, Error *err);
