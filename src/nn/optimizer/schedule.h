// Learning rates over a run: steps, or a curve with a warm-up.
#pragma once

#include "base/field.h"

extern const char *const SCHEDULE_SHAPES[]; // "cosine", "linear", NULL

// The fields of a RateCurve.
extern const Record rate_curve;

// Returns the rate at `step`: that of the last RateStep with from <= step or, on a curve of N steps with W of warm-up,
//     from (step + 1) / (W + 1)                       for step < W, then
//     to + (from - to) (1 + cos(pi x)) / 2, cosine    with x = (step - W) / (N - W), at most 1
//     to + (from - to) (1 - x),             linear
// These are the closed forms of torch.optim's CosineAnnealingLR(N - W, to) (Loshchilov and Hutter 2017) and LinearLR.
double schedule_rate(const Schedule *schedule, uint64_t step);

// Returns the highest rate of all steps.
double schedule_highest(const Schedule *schedule);
