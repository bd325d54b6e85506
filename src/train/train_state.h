// What training needs to go on besides the weights, and its form in a model file: the tensors called state.*.
#ifndef NOMEN_TRAIN_TRAIN_STATE_H
#define NOMEN_TRAIN_TRAIN_STATE_H

#include "base/rng.h"
#include "config/config.h"
#include "train/safetensors.h"

// A run that ends off its evaluation steps measures its last weights all the same. Should it be trained longer, that
// measurement must count for nothing, so what it displaces goes into the last checkpoint too.
typedef struct DisplacedBest {
    bool is_set;
    double dev_loss;     // the lowest before the end; infinity where there was none
    uint64_t step;       // of the best model
    SafeTensors content; // its tensors; none where there was none
} DisplacedBest;

// What train.early_stop goes by. Evaluations count at the steps of eval_every, each once.
typedef struct EarlyStopState {
    uint64_t counted_at; // the step of the last evaluation counted; 0 before the first
    uint64_t without_gain;
    double dev_loss; // of the last gain; infinity before the first
} EarlyStopState;

// How far training is; with the parameters and the optimizer it is all there is to go on from.
typedef struct TrainState {
    uint64_t step;        // updates made
    Rng rng;              // before the minibatch of this step is drawn
    double best_dev_loss; // infinity before the first
    double seconds;       // of training so far
    EarlyStopState waiting;
    DisplacedBest before_end;
} TrainState;

// Before the first step; the generator is the caller's to seed.
TrainState train_state_begin(void);

// Takes the dev loss measured at this step into account, where train.early_stop is set.
void train_state_count_evaluation(TrainState *state, const EarlyStop *rule, double dev_loss);

// Whether train.early_stop has ended training.
bool train_state_ended_early(const TrainState *state, const EarlyStop *rule);

// Whether train.early_stop could end training before its last step: enough evaluations are left for its patience.
bool train_state_can_end_early(const TrainState *state, const TrainConfig *train);

// Whether there is nothing left to train: all steps are made, or training has ended early.
bool train_state_is_finished(const TrainState *state, const TrainConfig *train);

// How many tensors a file needs for a state, at most, besides the displaced ones.
enum { TRAIN_STATE_TENSORS = 9 };

// Each adds to content->tensors, which has the room: numbers of 8 bytes, and those of 4, which come after all others.
bool train_state_add(SafeTensors *content, const TrainState *state, Arena *arena, Error *err);
bool train_state_add_floats(SafeTensors *content, const TrainState *state, Arena *arena, Error *err);

// Back from a file written at `step`.
bool train_state_restore(const SafeTensors *content, uint64_t step, TrainState *state, Arena *arena, Error *err);

#endif
