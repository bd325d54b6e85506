// metrics.csv: a row a measurement, with the header step,lr,loss,train_loss,dev_loss,seconds.
#ifndef NOMEN_TRAIN_METRICS_H
#define NOMEN_TRAIN_METRICS_H

#include "base/file.h"

#include <stdint.h>

// NaN stands for a field that was not measured, and is written as nothing.
typedef struct MetricsRow {
    uint64_t step; // updates made so far
    double lr;
    double loss;       // of the minibatch about to be used, l2 term included
    double train_loss; // of the weights at this moment, without it
    double dev_loss;
    double seconds; // of training so far
} MetricsRow;

// Opens the file at `path` to be added to, keeping only its rows before `step`: those that a checkpoint made at `step`
// covers. A missing file starts with the header.
bool metrics_open(AppendFile *file, const char *path, uint64_t step, Error *err);

// Writes one row, whole.
bool metrics_add(AppendFile *file, const MetricsRow *row, Error *err);

// The number that a row of the file has for x: nine digits are written.
double metrics_figure(double x);

// A whole file of them.
typedef struct Metrics {
    size_t n;
    MetricsRow *rows;
    bool is_cut; // a row cut short stands at the end; it is not among them
} Metrics;

// The rows of the file at `path`, which may be none; their steps never fall. An error where there is no such file, the
// header is another, or a row other than one cut short at the end is none.
bool metrics_read(Metrics *metrics, const char *path, Arena *arena, Error *err);

// Whether the file at `path` has the rows before `step`, as far as that can be told: from 0 on, to one no further from
// it than `every` steps. One that is missing, or holds anything but rows, has not; one that cannot be read is an error.
bool metrics_reach(const char *path, uint64_t step, uint64_t every, bool *reach, Error *err);

// The last row with a train loss of the file at `path`; *found is false where there is none, or no such file. A row cut
// short at the end of the file counts for nothing, as in metrics_open; any other that is no row is an error.
bool metrics_last_measured(const char *path, MetricsRow *row, bool *found, Error *err);

#endif
