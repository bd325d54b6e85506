// Trains in memory; train/run.h writes the files.
#pragma once

#include "train/checkpoint.h"
#include "train/evaluate.h"
#include "train/lanes.h"

// Do not copy or move it: the lanes point to its model and its examples.
typedef struct Trainer {
    const Config *config;
    const Dataset *dataset;
    Model model;
    Lanes lanes;
    Examples examples;       // if batch is above 0
    Optimizer optimizer;     // of a network
    bool optimizer_restarts; // the resumed run had another optimizer, whose state this one cannot use
    TrainState state;
    PartCounts train, dev; // dev.total is 0 without a dev split
    size_t batch;          // examples per step; 0: the whole split as distinct contexts with counts
    size_t n_weights;      // that l2_mean averages over
} Trainer;

// Plans the model and draws its weights, or counts. With `by_rows` every row's activations in every layer can be
// inspected: there is one shard, a batch of the whole split consists of its rows, and no layers are fused
// (nn/network.h). Fails as network_create and optimizer_create, if the batch is too small for a layer or for the
// shards, if there are several shards and a layer mixes rows, or for early stopping without a dev split.
bool trainer_create(Trainer *trainer, const Config *config, const Dataset *dataset, bool by_rows, Arena *arena,
                    Error *err);

// Continues from a checkpoint. Its config and data must be those of the trainer, except for what config_can_resume
// allows. With `anyway` only the shapes must fit, the optimizer starts from zero if the checkpoint has no state of its
// type, and on other data the best dev loss is forgotten.
bool trainer_resume(Trainer *trainer, const Checkpoint *checkpoint, bool anyway, Arena *arena, Error *err);

// Copies weights, optimizer and state of rank 0's trainer to those of all processes.
void trainer_hand_out(Trainer *trainer);

// Returns the exact loss of the train or dev split.
double trainer_evaluate(const Trainer *trainer, const PartCounts *counts);

// Sets *train_loss and *dev_loss to the exact losses of the splits; without a dev split, *dev_loss is NaN. Fails if a
// network's loss is not finite.
bool trainer_measure(const Trainer *trainer, double *train_loss, double *dev_loss, Error *err);

// Draws the next minibatch, or takes the whole split, and leaves the gradient of its loss in the network. Returns the
// loss, l2 term included.
double trainer_backward(Trainer *trainer);

// Returns the learning rate of this step.
double trainer_rate(const Trainer *trainer);

// Updates the weights by the gradient that trainer_backward left, clipped as the config says, and moves on to the next
// step. The network's gradient itself stays unclipped.
void trainer_update(Trainer *trainer, double rate);

// Computes update (n_slab), what trainer_update would add to the weights before rounding. Only `scratch`, an
// optimizer created like the trainer's, is changed.
void trainer_preview_update(const Trainer *trainer, double rate, Optimizer *scratch, float *update);

// Calls trainer_backward and trainer_update. *loss is that of trainer_backward. Fails if it is not finite.
bool trainer_step(Trainer *trainer, double *loss, Error *err);

// Sets `err` to the reason why `what` ("the loss") is not finite at this step. Returns false.
bool trainer_not_finite(const Trainer *trainer, const char *what, Error *err);

// Returns false, with the reason, if the model or the optimizer holds a number that is not finite. A model file with
// such a number could not be read back.
bool trainer_check_finite(const Trainer *trainer, Error *err);
