// Part 3's calibration: running figures from the whole training split, once, after training.
#ifndef NOMEN_STUDY_CALIBRATE_H
#define NOMEN_STUDY_CALIBRATE_H

#include "nn/model.h"

// Sets the running figures of every layer that has them, first to last, to those of its input over all examples
// counted, in double; the layers before it use theirs, set just before. An error where memory runs out or a figure is
// not finite.
bool calibrate(Network *network, const ContextCounts *examples, Error *err);

// Whether there is a layer to calibrate.
bool can_calibrate(const Network *network);

#endif
