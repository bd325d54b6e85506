// The losses of a split that a run measured, as pictures draw them.
#ifndef NOMEN_DRAW_MEASURED_H
#define NOMEN_DRAW_MEASURED_H

#include "draw/picture.h"
#include "train/metrics.h"

// That of the dev or the train split; NaN where the row has none.
double measured_loss(const MetricsRow *row, bool is_dev);

// Rows of step and loss for the data block that is open: all of them or, where there are more than can be told apart,
// one in so many and the last. Returns how many were measured.
size_t measured_add(Picture *picture, const Metrics *metrics, bool is_dev);

#endif
