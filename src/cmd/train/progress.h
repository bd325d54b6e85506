// The progress display of training: a status line on a terminal, a few plain lines anywhere else.
#pragma once

#include "cmd/share/status.h"
#include "train/run.h"

typedef struct Progress {
    const Trainer *trainer; // its steps and its best dev loss
    uint64_t first;         // the step at which this command starts
    double first_seconds;   // of training before this command
    bool is_live;           // standard output is a terminal with a status line
    StatusLine line;
    double curve[STATUS_CURVE]; // mean minibatch losses; each is of an equal share of this command's steps
    size_t n_curve;
    uint64_t n_last;      // losses in the last of these means
    double loss;          // the latest of them
    double shown_seconds; // when the status line was last drawn
    uint64_t next_line;   // the step from which the next plain line is due
    MetricsRow row;       // the last one with split losses; NaN before
} Progress;

Progress progress_start(const Trainer *trainer);

// Callbacks for TrainEvents, with a Progress as context; progress_step only if `is_live`.
void progress_row(void *context, const MetricsRow *row);
void progress_step(void *context, const MetricsRow *latest);

// Adds the parts of the status line after `latest`, the most important first. Speed and time left are estimated from
// the steps of this command alone.
void progress_write(const Progress *progress, const MetricsRow *latest, StatusLine *line);
