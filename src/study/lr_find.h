// Part 2's search for a learning rate: train while the rate's exponent rises evenly, and look where the loss is lowest.
#ifndef NOMEN_STUDY_LR_FIND_H
#define NOMEN_STUDY_LR_FIND_H

#include "train/trainer.h"

typedef struct LrPoint {
    double rate;
    double loss;   // of the minibatch, before the update at this rate
    double smooth; // mean of the losses around it
} LrPoint;

typedef enum LrOutcome {
    LR_FOUND,     // the loss fell to a valley: `best` is in it
    LR_TOO_LARGE, // it never fell below where it began
    LR_TOO_SMALL, // it fell by no more than minibatches differ
} LrOutcome;

typedef struct LrSweep {
    size_t n_planned, n; // points; fewer are made where the loss stops being finite
    LrPoint *points;
    size_t window;      // losses in a smoothed one
    size_t first, last; // points whose windows are whole, among which `best` is looked for; all where none is
    size_t best;        // of these the point whose smoothed loss is lowest
    LrOutcome outcome;
} LrSweep;

// Makes n >= 2 steps, the i-th at the rate from (to / from)^(i / (n - 1)), 0 < from < to. The trainer's weights are
// moved by it. An error where not even the first loss is finite.
bool lr_find(Trainer *trainer, double from, double to, size_t n, LrSweep *sweep, Arena *arena, Error *err);

#endif
