// What training shows: one line that renews itself on a terminal, a few plain lines anywhere else.
#ifndef NOMEN_CMD_PROGRESS_H
#define NOMEN_CMD_PROGRESS_H

#include "run/trainer.h"

typedef struct Progress {
    uint64_t first, steps; // the steps this call makes: [first, steps)
    double first_seconds;  // of training before this call
    bool is_terminal;
    bool has_line;        // the cursor stands behind a line that renews itself
    double drawn_seconds; // when that line was drawn last
    uint64_t next_line;   // the step from which the next plain line is due
} Progress;

// For standard output as it is.
Progress progress_start(const Trainer *trainer);

// For TrainEvents: `context` is a Progress.
void progress_row(void *context, const MetricsRow *row);
void progress_step(void *context, const MetricsRow *latest);

// Ends a line that renews itself, so that what follows starts on its own.
void progress_end(Progress *progress);

#endif
