// What a comparison of runs measures: groups of one run or more, each the same training from different seeds.
#ifndef NOMEN_STUDY_COMPARE_H
#define NOMEN_STUDY_COMPARE_H

#include "data/dataset.h"
#include "study/welch.h"

// An operand of a comparison and the model files it stands for.
typedef struct GroupFiles {
    const char *path;   // as it was given
    bool is_group;      // a directory of runs, of one or more; else it is a run itself
    size_t n;           // runs
    const char **files; // model files, (n)
} GroupFiles;

// A run directory or a model file is one run; any other directory is a group of the run directories in it. With `best`
// a run directory's best.safetensors is meant, otherwise its model.safetensors. Errors: no such run, or none in the
// directory.
bool compare_find(GroupFiles *group, const char *path, bool best, Arena *arena, Error *err);

// No run twice, however it is written: it would be compared with itself, or counted as two seeds. Wrong usage.
bool compare_check_distinct(const GroupFiles *groups, size_t n, Arena *arena, Error *err);

// What a group was measured to be.
typedef struct GroupFigures {
    GroupFiles files;
    uint64_t *seeds;          // (files.n)
    double *losses[N_PARTS];  // exact, (files.n); of the split p only where examples[p] > 0
    Spread loss[N_PARTS];     // of them
    size_t examples[N_PARTS]; // of the split p; 0 where the data has none
    Spread seconds;           // of training; NaN where a run's are not known
    size_t n_parameters;      // 0 for counts
    DataConfig data;          // without its path
    char data_sha256[SHA256_HEX_BYTES];
    size_t n_unfinished;  // runs that have steps left
    size_t unfinished;    // the first of them
    uint64_t step, steps; // how far it is
} GroupFigures;

// Evaluates every run of the group on the splits of its own data, which must be as it was. A best.safetensors is as old
// and as finished as the model.safetensors beside it; without one nothing is known of that. Runs that differ in more
// than their seed (config_same_but_seed), or not even in it, are an error that names them, as is what a model file can
// have wrong.
bool compare_measure(GroupFigures *figures, const GroupFiles *files, Arena *arena, Error *err);

#endif
