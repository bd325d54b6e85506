// The trainer: a config and its data in, a trained model and its record in a run directory out.
#ifndef NOMEN_TRAIN_TRAINER_H
#define NOMEN_TRAIN_TRAINER_H

#include "train/checkpoint.h"
#include "train/metrics.h"
#include "train/minibatch.h"
#include "train/run_dir.h"

#include <signal.h>

// What the caller hears while training goes on; each may be NULL.
typedef struct TrainEvents {
    void *context;                                         // handed to the two below
    void (*row)(void *context, const MetricsRow *row);     // after a row was written
    void (*step)(void *context, const MetricsRow *latest); // after every update: step, loss, seconds
    const volatile sig_atomic_t *stop;                     // not 0: finish the step, write a checkpoint and return
} TrainEvents;

// What a run's directory has lost.
typedef struct RunLosses {
    bool rows; // of steps before the checkpoint's
    bool best; // the best model that the checkpoint knows of
} RunLosses;

typedef struct Trainer {
    const Config *config;
    const Dataset *dataset;
    Model model;
    Optimizer optimizer;   // of a network
    bool begins_optimizer; // the run that goes on had another, whose state this one cannot take
    TrainState state;
    RunLosses lost;        // where the run goes on
    double saved_dev_loss; // the lowest that the checkpoint knows of, from which the run goes on; infinity without one
    ContextCounts train, dev; // dev.total is 0 where there is no dev split
    size_t batch;             // examples a step; 0 where the whole split is taken as distinct contexts with counts
    Minibatch minibatch;      // where batch is above 0
    size_t n_weights;         // entries that l2_mean averages over
    float *kept_buffers;      // (model.network.n_buffers) for trainer_next_loss_is_finite
} Trainer;

// Plans the model and draws its weights, or counts. With `by_rows` every row's activations in every layer can be seen:
// a batch of the whole split is taken as the rows themselves, and no layers are taken together (nn/network.h). Errors
// as network_create and optimizer_create, a batch too small for a layer, early stop without a dev split; nothing is
// written.
bool trainer_create(Trainer *trainer, const Config *config, const Dataset *dataset, bool by_rows, Arena *arena,
                    Error *err);

// Another optimizer such as the trainer's own, before its first update.
bool trainer_create_optimizer(const Trainer *trainer, Optimizer *optimizer, Arena *arena, Error *err);

// Goes on from a checkpoint, whose config and data must be those of the trainer, up to what may differ, and with a rate
// above 0 where the run is to become longer (train/resume.h); with `anyway` only the shapes must fit, and an optimizer
// that finds no state of its kind begins anew.
bool trainer_resume(Trainer *trainer, const Checkpoint *checkpoint, bool anyway, Arena *arena, Error *err);

// Looks at what the directory has lost of a run that goes on from the checkpoint. Where the best model that it knows of
// is gone, the best from now on is kept.
bool trainer_find_losses(Trainer *trainer, const Checkpoint *checkpoint, const RunDir *dir, Error *err);

// Draws the next minibatch, or takes the whole split, and leaves the gradient of its loss in the network: what
// trainer_run does at each step before the update. Returns the loss, l2 term included.
double trainer_backward(Trainer *trainer);

// The rate that the config gives this step.
double trainer_rate(const Trainer *trainer);

// Updates the weights by the gradient that trainer_backward left, clipped as the config says (the network's own stays
// whole); the next step begins.
void trainer_update(Trainer *trainer, double rate);

// The update itself, (n_slab): what trainer_update at this rate would add to the weights, before it is rounded into
// them. Nothing changes but `scratch`, an optimizer of trainer_create_optimizer.
void trainer_preview_update(const Trainer *trainer, double rate, Optimizer *scratch, float *update);

// Whether the loss that trainer_backward would return now is finite; an error where it is not. The draw, and the
// running figures that the pass moves, are put back, so that trainer_backward then does the same again.
bool trainer_next_loss_is_finite(Trainer *trainer, Error *err);

// trainer_backward and trainer_update, at `rate`; *loss is that of trainer_backward. An error where it is not finite.
bool trainer_step(Trainer *trainer, double rate, double *loss, Error *err);

// Sets `err` to why `what` ("the loss") is not finite at this step: the weights, or the logits. False.
bool trainer_not_finite(const Trainer *trainer, const char *what, Error *err);

// Whether nothing is left to do: no step, and no last row, which training on takes away until it has a checkpoint of
// its own. Of a metrics.csv that cannot be read nothing is asked.
bool trainer_is_finished(const Trainer *trainer, const RunDir *dir);

// Where a kill came between a best model and its checkpoint, puts back the best model that the checkpoint knows of.
// trainer_run does so by itself; a run that is finished may need it, too.
bool trainer_settle_best(const Trainer *trainer, const RunDir *dir, Error *err);

// Trains to config->train.steps, or until train.early_stop ends it, writing into a directory that run_dir_begin made.
// Everything at step k (checkpoint, split losses, row) is done before minibatch k is drawn, so that a run which goes on
// from the checkpoint does it again the same. *stopped says whether events->stop ended it. A loss or a weight that is
// not finite is an error, and is never written; nor is a checkpoint whose next loss would be one.
bool trainer_run(Trainer *trainer, const RunDir *dir, const TrainEvents *events, bool *stopped, Error *err);

#endif
