// What pictures are drawn from: one run with its model, data and metrics, or several to be compared.
#ifndef NOMEN_DRAW_SOURCE_H
#define NOMEN_DRAW_SOURCE_H

#include "train/load.h"
#include "train/metrics.h"

typedef struct PlotRun {
    const char *path; // of the run, as it was given or as it lies in its group
    const char *name; // as a person would call it, wherever it was called from: its directory, or DIR/FILE of a file
    bool is_dir;      // else a model file
    SavedModel saved; // the latest
    Metrics metrics;
    const char *no_metrics; // why there are none; NULL where there are
} PlotRun;

// Runs that differ in their seed alone, drawn in one colour; most often just one.
typedef struct PlotGroup {
    const char *path;
    size_t n;
    PlotRun *runs; // (n)
} PlotGroup;

typedef struct PlotSource {
    size_t n;
    PlotGroup *groups;   // (n)
    PlotRun *run;        // where it is one run: that one; else NULL
    Dataset dataset;     // of the one run
    const char *no_data; // why there is none; NULL where there is
    const char *several; // where there are several runs: how many, for a person
    bool has_codes;      // a picture was drawn of it that shows characters by their codes
    size_t n_notes;
    const char **notes; // what a person should know of the source: sentences without a full stop
} PlotSource;

enum { PLOT_GROUPS_MAX = 12 };

// Opens one run or several: run directories, model files, or directories of runs, each of which is a group where its
// runs differ in their seed alone and stands for its runs where not. `data` is where the one run's names file lies now,
// or NULL for where its config says; it must be the file that it was trained on. A names file that `data` does not name
// and that is gone or has changed is no error (no_data), nor are metrics that are missing or none (no_metrics). Errors:
// no such run, one given twice (wrong usage), a damaged model file, more than PLOT_GROUPS_MAX groups. The source keeps
// to `arena`.
bool plot_source_open(PlotSource *source, size_t n_runs, const char *const *runs, const char *data, Arena *arena,
                      Error *err);

#endif
