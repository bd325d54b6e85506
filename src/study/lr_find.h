// Part 2's search for a learning rate: trains while the rate rises exponentially, and finds where the loss is lowest.
#pragma once

#include "train/trainer.h"

typedef struct LrPoint {
    double rate;
    double loss;   // of the minibatch, before the update at this rate
    double smooth; // mean of the losses in a window around it
} LrPoint;

typedef enum LrOutcome {
    LR_FOUND,     // the loss fell to a minimum
    LR_TOO_LARGE, // the loss never fell below its start
    LR_TOO_SMALL, // the loss fell by less than the noise between minibatches
} LrOutcome;

typedef struct LrSweep {
    size_t n_planned, n; // the sweep ends early if the loss is no longer finite
    LrPoint *points;     // (n)
    size_t window;       // width of the smoothing window, in points
    size_t first, last;  // points with a whole window; all points if there are none
    size_t best;         // point from first to last with the lowest smoothed loss
    LrOutcome outcome;
} LrSweep;

// Trains n >= 2 steps, step i at the rate from (to / from)^(i / (n - 1)), 0 < from < to. The trainer's weights change.
// It is an error if even the first loss is not finite.
bool lr_find(Trainer *trainer, double from, double to, size_t n, LrSweep *sweep, Arena *arena, Error *err);
