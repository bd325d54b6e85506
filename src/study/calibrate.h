// Part 3's calibration: recomputes batch norm's running statistics from the whole training split, after training.
#pragma once

#include "nn/model.h"

// Sets each layer's running statistics to those of its input over all examples, in double. Layers are set first to
// last, so each input already uses the new statistics of the layers before. A statistic that is not finite is an error.
bool calibrate(Model *model, const ContextCounts *examples, Error *err);

// Returns true if a layer has running statistics.
bool can_calibrate(const Network *network);
