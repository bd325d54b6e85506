// Part 3's look into a network that learns: the activations and gradients of each layer in one step, and what the step
// did to each weight.
#ifndef NOMEN_STUDY_DIAGNOSE_H
#define NOMEN_STUDY_DIAGNOSE_H

#include "train/trainer.h"

// Standard deviations are unbiased (n - 1); NaN where there is but one number.
typedef struct Moments {
    double mean, std;
} Moments;

// A layer's output y (B, T, C) in the step's forward pass, and the loss's gradient by it.
typedef struct LayerDiagnosis {
    size_t layer; // its number in model.layers
    Shape out;
    Moments output, gradient;
    bool has_flats;   // the layer has regions where its slope is (nearly) 0 (LayerType.is_flat)
    double saturated; // share of outputs there, in percent; |y| > 0.97 for tanh
    size_t dead;      // of the T C units: those that are there for every example
    const char *verdict;
} LayerDiagnosis;

// A weight after the step's update, with the gradient that made it.
typedef struct WeightDiagnosis {
    const Tensor *tensor;
    double grad_std;
    double grad_to_data;   // std of the gradient / std of the weight
    double update_to_data; // log10 of (std of the step's update / std of the weight)
    const char *verdict;
} WeightDiagnosis;

typedef struct Diagnosis {
    uint64_t step; // whose minibatch it was
    double rate, loss;
    size_t n_layers, n_weights;
    LayerDiagnosis *layers; // those that compute something: flatten does not
    WeightDiagnosis *weights;
    float *update;       // of all parameters, (n_slab) as the network's
    Optimizer optimizer; // to try the update on
} Diagnosis;

// The rows for the trainer's layers and weights, without figures yet.
bool diagnosis_create(Diagnosis *diagnosis, const Trainer *trainer, Arena *arena, Error *err);

// Makes one training step, as trainer_run would, and looks at it. Verdicts are "ok" or what the lecture would say:
// saturated, dead, vanishing, exploding; or an update far from a thousandth of the weights, of which none at rate 0.
// The trainer must hold its batch as rows (trainer_create's by_rows). An error where the loss is not finite.
bool diagnose(Trainer *trainer, Diagnosis *diagnosis, Error *err);

// The same for the weights alone: the layers' rows stay as they were, and the trainer need not hold its batch as rows.
bool diagnose_weights(Trainer *trainer, Diagnosis *diagnosis, Error *err);

// The figure of that name: layers.4 with .mean, .std, .saturated, .dead, .grad_mean or .grad_std; layers.2.weight with
// .grad_std, .grad_to_data or .update_to_data. False where there is none of that name.
bool diagnosis_figure(const Diagnosis *diagnosis, const char *name, double *value);

#endif
