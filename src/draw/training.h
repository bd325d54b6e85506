// A run's training in memory, for pictures of what no run keeps: activations, gradients, updates.
#ifndef NOMEN_DRAW_TRAINING_H
#define NOMEN_DRAW_TRAINING_H

#include "draw/plot.h"
#include "train/trainer.h"

typedef struct Training {
    Config config;
    Trainer trainer; // of this config: the struct must stay where it is
} Training;

// Why a source cannot be trained: it is counts, or its data is not there. NULL where it can.
const char *training_why_not(const PlotSource *source);

// From the initial weights on, as the config says.
bool training_begin(Training *training, const PlotSource *source, Arena *arena, Error *err);

// From where the run stands. Every row of the batch can be seen (trainer_create's by_rows), so where the batch is the
// whole split, WHOLE_SPLIT_ROWS examples are drawn from it instead.
enum { WHOLE_SPLIT_ROWS = 1000 };
bool training_go_on(Training *training, const PlotSource *source, Arena *arena, Error *err);

// How many of `wanted` steps take seconds, not minutes: a matter of the network's and the batch's size alone, so that
// the picture is the same on every machine. 20 at the least, or `wanted`.
size_t training_steps(const Training *training, size_t wanted);

#endif
