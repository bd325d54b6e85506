// metrics.csv: one row per measurement, with the header step,lr,loss,train_loss,dev_loss,seconds,mean_loss. Files of
// older versions lack the last column.
#pragma once

#include "base/file.h"

#include <stdint.h>

// NaN means not measured, and is written as an empty field.
typedef struct MetricsRow {
    uint64_t step; // updates made so far
    double lr;
    double loss;       // of the minibatch about to be used, l2 term included
    double train_loss; // of the weights at this moment, without the l2 term
    double dev_loss;
    double seconds;   // of training so far
    double mean_loss; // of `loss` over the steps since the row before
} MetricsRow;

// Opens the file for appending and drops the rows from `step` on, which a resumed run writes again. A file of an older
// version gets an empty last column.
bool metrics_open(AppendFile *file, const char *path, uint64_t step, Error *err);

// Appends one row. On an error the file keeps its old length.
bool metrics_add(AppendFile *file, const MetricsRow *row, Error *err);

typedef struct Metrics {
    size_t n;
    MetricsRow *rows;
} Metrics;

// Reads the rows of a file, without an incomplete one at its end. Fails if it is missing, has another header, or holds
// a line that is no row or goes back in step.
bool metrics_read(Metrics *metrics, const char *path, Arena *arena, Error *err);

// Finds the last row up to `step` with a train loss. row->train_loss is NaN if there is none, or no such file.
bool metrics_last_measured(const char *path, uint64_t step, MetricsRow *row, Error *err);
