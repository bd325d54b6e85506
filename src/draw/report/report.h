// The report page of a run: a template whose places {{name}} the sections fill.
#pragma once

#include "draw/html.h"
#include "draw/source.h"

typedef struct Report {
    PlotSource source; // of one run
    PlotRun *run;
    SavedModel *saved;      // the run's
    double losses[N_PARTS]; // NaN without data, and for a split that is empty
    bool no_plots;          // leaves out the pictures
    Arena *arena;
} Report;

// Opens a run directory or a model file, as plot_source_open, and measures its losses.
bool report_open(Report *report, const char *run, const char *data, Arena *arena, Error *err);

// Writes the page.
bool report_page(Buffer *page, Report *report, Error *err);

// The sections. Each adds its HTML to `out`; report_page notices if memory ran out.

// The page's head: the run's name, a sentence about it, its main numbers.
bool report_summary(Buffer *out, Report *report, Error *err);

// The loss of each split, and which weights it belongs to.
bool report_losses(Buffer *out, Report *report, Error *err);

// Names at several temperatures with their mean -log p, and whether they are names of the data.
bool report_names(Buffer *out, Report *report, Error *err);

// The pictures of nomen plot that this run has, and why it has no others.
bool report_pictures(Buffer *out, Report *report, Error *err);

// The statistics of nomen diagnose.
bool report_step(Buffer *out, Report *report, Error *err);

// The model layer by layer, the training, the data and the whole config.
bool report_config(Buffer *out, Report *report, Error *err);

// The model for the page's scripts, as JSON:
//     {"symbols": ["", "a", ...], "labels": {"0": "end .", ...}, "context": 3, "reads_names": false,
//      "longest": 100, "config": {...}, and
//      of a network  "tensors": {"layers.0.weight": base64 of float32}
//      of counts     "contexts", "first", "targets", "counts": base64 of unsigned 16, 32, 16, 32 bits
// all little-endian. "longest" is sample_max_symbols; the arrays of counts are those of ContextCounts
// (data/context_counts.h). {"missing": reason} if the model is too large for a page.
bool report_model(Buffer *out, Report *report, Error *err);
