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

// The minibatch losses since the last row of metrics.csv.
typedef struct LossSum {
    double sum;   // NaN if the checkpoint is of a version that did not keep it
    double count; // of steps
} LossSum;

typedef struct TrainState {
    uint64_t step;        // updates made
    Rng rng;              // before the minibatch of this step is drawn
    bool has_batch_rng;   // the minibatches have a generator of their own (makemore)
    Rng batch_rng;        // also before the minibatch is drawn
    double best_dev_loss; // infinity before the first evaluation
    double seconds;       // of training so far
    EarlyStopState early_stop;
    LossSum since_row;
} TrainState;

// The state before the first step. Its generator is not seeded yet.
TrainState train_state_begin(void);

// Makes the generator that draws the weights. With random "makemore" or "microgpt" it is `shuffled`, which has shuffled
// the names; else it is seeded by the config's seed.
void train_state_seed(TrainState *state, const Config *config, const Rng *shuffled);

// Makes the generator of the minibatches, if they have their own, once the weights are drawn.
void train_state_seed_batches(TrainState *state, const Config *config);

// Draws as a loader of PyTorch does when it starts: a seed for its workers, which has no effect, and the seed of its
// sampler, which this function returns.
uint64_t train_state_loader_seed(Rng *rng);

// Counts an update. With random "makemore" the generator first draws what makemore.py draws between updates. Its step
// s, counted from 0, makes update s + 1, then evaluates if s is a multiple of 500, then prints samples if s is a
// multiple of 200. So the state after s + 1 updates is the one before that evaluation, and samples from it are the
// names that makemore.py prints.
void train_state_count_update(TrainState *state, const Config *config, size_t vocab);

// Returns the generator for sampling from a model in this state. Without a seed, it is seeded by the config's seed;
// with random "makemore" or "microgpt", it goes on where training, and makemore.py's evaluation, have left it.
Rng train_state_sample_rng(const TrainState *state, const Config *config, MaybeWhole seed);

// Counts the evaluation at this step, if train.early_stop is set.
void train_state_count_evaluation(TrainState *state, const EarlyStop *rule, double dev_loss);

// Returns true if train.early_stop has ended training.
bool train_state_ended_early(const TrainState *state, const EarlyStop *rule);

// Returns true if all steps are made or training has ended early.
bool train_state_is_finished(const TrainState *state, const TrainConfig *train);
