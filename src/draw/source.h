// What pictures are drawn from: one run with its model, data and metrics, or several runs to compare.
#pragma once

#include "train/load.h"
#include "train/metrics.h"

typedef struct PlotRun {
    const char *path; // as given, or within its group
    const char *name; // its directory's name, or DIR/FILE of a model file, whatever the current directory is
    SavedModel saved; // the latest
    Metrics metrics;
    const char *no_metrics; // why there are none, or NULL
} PlotRun;

// Runs that differ only in their seed, drawn in one colour.
typedef struct PlotGroup {
    const char *path;
    size_t n;
    PlotRun *runs; // (n)
} PlotGroup;

typedef struct PlotSource {
    size_t n;
    PlotGroup *groups;   // (n)
    PlotRun *run;        // the run, if it is only one; otherwise NULL
    Dataset dataset;     // of the one run
    const char *no_data; // why there is none, or NULL
    const char *prefix;  // for attention, or NULL
} PlotSource;

enum { PLOT_GROUPS_MAX = 12 };

// Opens run directories, model files and directories of runs. The runs of a directory are one group if they differ only
// in their seed; otherwise each is a group of its own. `data` is the current path of the names file that the one run
// was trained on, or NULL for the path in its config. If the names file in the config is missing or has changed,
// no_data has the reason; no_metrics has the reason for missing or damaged metrics. Errors: no such run, a run given
// twice (wrong usage), a damaged model file, more than PLOT_GROUPS_MAX groups.
bool plot_source_open(PlotSource *source, size_t n_runs, const char *const *runs, const char *data, Arena *arena,
                      Error *err);

typedef struct SymbolChoice {
    size_t n;
    uint16_t *ids;    // (n) in increasing order
    const char *note; // how the symbols were chosen, followed by a space; "" for all symbols
} SymbolChoice;

// Returns why plot_symbols cannot choose the most frequent symbols (no data to count), or NULL.
const char *plot_symbols_why_not(const PlotSource *source, size_t most);

// Chooses all symbols or, if there are more than `most`, the most frequent of the train split and the boundary.
bool plot_symbols(SymbolChoice *choice, const PlotSource *source, size_t most, Arena *arena, Error *err);
