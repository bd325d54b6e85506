// Part 2's search for a learning rate: trains while the rate rises exponentially, until the loss has turned. It has
// turned if the smoothed loss has risen again by a tenth of its fall. A good rate is the rate with the lowest smoothed
// loss.
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
    LR_FALLING,   // the loss fell, and has not turned
} LrOutcome;

#define LR_RULE "the rate at which the smoothed loss is lowest" // what is suggested

typedef struct LrRange {
    double from, to; // 0 < from < to
    size_t n;        // steps from one to the other, at least 2
    bool widens;     // goes on at the same pace until the loss has turned, for 2 n more steps at most
} LrRange;

typedef struct LrSweep {
    size_t n;
    LrPoint *points;    // (n)
    bool overflows;     // the sweep has ended because the loss is no longer finite
    size_t window;      // width of the smoothing window, in points
    size_t first, last; // points with a whole window; all points if there are none
    size_t best;        // point from first to last with the lowest smoothed loss
    LrOutcome outcome;
} LrSweep;

// Trains, step i at the rate from (to / from)^(i / (n - 1)). The trainer's weights change. It is an error if even the
// first loss is not finite.
bool lr_find(Trainer *trainer, LrRange range, LrSweep *sweep, Arena *arena, Error *err);
