// The state of training besides weights and optimizer: steps made, generator, best dev loss, early stopping.
#pragma once

#include "base/rng.h"
#include "config/config.h"

// Early stopping counts the evaluations at multiples of eval_every, each once.
typedef struct EarlyStopState {
    uint64_t counted_at;   // step of the last evaluation counted; 0 before the first
    uint64_t without_gain; // evaluations since the last gain
    double dev_loss;       // at the last gain; infinity before the first
} EarlyStopState;

typedef struct TrainState {
    uint64_t step;        // updates made
    Rng rng;              // before the minibatch of this step is drawn
    double best_dev_loss; // infinity before the first evaluation
    double seconds;       // of training so far
    EarlyStopState early_stop;
} TrainState;

// The state before the first step. The caller seeds the generator.
TrainState train_state_begin(void);

// Counts the evaluation at this step, if train.early_stop is set.
void train_state_count_evaluation(TrainState *state, const EarlyStop *rule, double dev_loss);

// Returns true if train.early_stop has ended training.
bool train_state_ended_early(const TrainState *state, const EarlyStop *rule);

// Returns true if all steps are made or training has ended early.
bool train_state_is_finished(const TrainState *state, const TrainConfig *train);
