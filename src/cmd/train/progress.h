// What training shows as it goes on: a line that renews itself on a terminal, a few plain lines anywhere else.
#ifndef NOMEN_CMD_TRAIN_PROGRESS_H
#define NOMEN_CMD_TRAIN_PROGRESS_H

#include "cmd/share/status.h"
#include "train/trainer.h"

typedef struct Progress {
    const Trainer *trainer; // its steps and its best dev loss
    uint64_t first;         // the step that this call begins with
    double first_seconds;   // of training before this call
    bool is_live;           // there is a terminal whose line can be renewed
    StatusLine line;
    Sparkline losses;     // of the minibatches of this call
    double loss;          // the latest of them; NaN before
    double shown_seconds; // when the line was renewed last
    uint64_t next_line;   // the step from which the next plain line is due
    MetricsRow row;       // the last with split losses; NaN before
} Progress;

// For standard output as it is.
Progress progress_start(const Trainer *trainer);

// For TrainEvents: `context` is a Progress. The second is for a live one only.
void progress_row(void *context, const MetricsRow *row);
void progress_step(void *context, const MetricsRow *latest);

// The parts of the line after `latest`; returns their number. Speed and time left are by the steps of this call alone.
size_t progress_parts(const Progress *progress, const MetricsRow *latest, StatusPart parts[STATUS_PARTS]);

// Ends a line that renews itself, so that what follows starts on its own.
void progress_end(Progress *progress);

#endif
