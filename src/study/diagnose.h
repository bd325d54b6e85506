// Part 3's diagnosis of a training step: statistics of each layer's activations and gradients, and of each weight's
// update.
#pragma once

#include "train/trainer.h"

// The standard deviation is unbiased (n - 1), and NaN for a single number.
typedef struct Moments {
    double mean, std;
} Moments;

// A layer's output y (B, T, C) in the step's forward pass, and the gradient of the loss by y.
typedef struct LayerDiagnosis {
    size_t layer;     // index in the network
    const char *name; // "layers.2"
    Shape out;
    size_t n; // floats of the output, over all rows
    Moments output, gradient;
    bool has_flats;   // the layer's slope is (nearly) 0 for some outputs (LayerType.is_flat)
    double saturated; // percentage of such outputs; |y| > 0.97 for tanh
    size_t dead;      // units, of T C, that are flat for every example
    const char *verdict;
} LayerDiagnosis;

// A weight after the step's update, and the gradient that the update followed.
typedef struct WeightDiagnosis {
    const Tensor *tensor;
    double grad_std;
    double grad_to_data;   // std of the gradient / std of the weight
    double update_to_data; // log10(std of the step's update / std of the weight)
    const char *verdict;
} WeightDiagnosis;

typedef struct Diagnosis {
    uint64_t step; // of the minibatch
    double rate, loss;
    size_t n_layers, n_weights;
    LayerDiagnosis *layers; // (n_layers), without views such as flatten
    WeightDiagnosis *weights;
    float *update;       // of all parameters, (n_slab) like the network's
    Optimizer optimizer; // scratch for computing the update
} Diagnosis;

// Lists the trainer's layers and weights, without statistics.
bool diagnosis_create(Diagnosis *diagnosis, const Trainer *trainer, Arena *arena, Error *err);

// Makes one training step, as run_train would, and measures it. A layer's verdict is "ok", "saturated", "dead units",
// "vanishing" or "exploding"; a weight's compares its update with a thousandth of the weight. If the step or the layer
// explains what is otherwise a fault, the verdict is "ok: " and the reason. The trainer must hold its batch as rows
// (trainer_create's by_rows). A loss that is not finite is an error.
bool diagnose(Trainer *trainer, Diagnosis *diagnosis, Error *err);

// The same for the weights only: the trainer need not hold its batch as rows.
bool diagnose_weights(Trainer *trainer, Diagnosis *diagnosis, Error *err);

// Looks up a statistic by name: layers.4 with .mean, .std, .saturated, .dead, .grad_mean or .grad_std; layers.2.weight
// with .grad_std, .grad_to_data or .update_to_data. Returns false if there is none of that name.
bool diagnosis_value(const Diagnosis *diagnosis, const char *name, double *value);
