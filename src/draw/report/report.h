// A run's report page: what was gathered of the run, and the page's sections, a file each.
#ifndef NOMEN_DRAW_REPORT_REPORT_H
#define NOMEN_DRAW_REPORT_REPORT_H

#include "draw/report/html.h"
#include "draw/source.h"

typedef struct Report {
    const char *run;   // as it was given
    const char *name;  // the last part of its directory's path; of a model file, with the file's name
    PlotSource source; // of one run; its data is there, unchanged, where source.no_data is NULL
    SavedModel *saved; // the run's
    TrainState state;
    size_t n_parameters;        // trained numbers; of counts, how many there are
    const MetricsRow *measured; // the last with split losses; NULL where there is none
    double losses[N_PARTS];     // where the data is there
    Arena *arena;
} Report;

// Each adds a section's inside to `out`. False, with `err`, where it cannot be had.

// The page's head: the run's name, what it is in a sentence, its main figures.
bool report_summary(Buffer *out, const Report *report, Error *err);

// The losses of each split, and whose weights they are.
bool report_losses(Buffer *out, const Report *report, Error *err);

// Names at several temperatures, with their mean -log p and where they stand.
bool report_names(Buffer *out, const Report *report, Error *err);

// The pictures of nomen plot that apply, and why the others do not.
bool report_pictures(Buffer *out, Report *report, Error *err);

// The figures of nomen diagnose.
bool report_step(Buffer *out, const Report *report, Error *err);

// The model layer by layer, the training, the data, the whole config.
bool report_config(Buffer *out, const Report *report, Error *err);

#endif
