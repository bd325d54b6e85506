// The exact loss of a split: examples with equal contexts share one forward pass.
#pragma once

#include "data/dataset.h"
#include "nn/loss.h"
#include "nn/model.h"

// Counts the targets of a part after each context that the model reads.
bool count_examples(const Model *model, const Dataset *dataset, Part part, ContextCounts *out, Arena *arena,
                    Error *err);

// Returns the number of targets that the loss of a part counts, each as often as its name weighs: all but those too far
// into a name for the network.
uint64_t count_targets(const Model *model, const Dataset *dataset, Part part);

// Returns the targets of the rows from `row` on.
TargetCounts targets_from(const ContextCounts *counts, size_t row);

// Returns the mean negative log-likelihood in nats, -1/N sum log p(target | context), over all N examples counted. It
// is infinite if counts without smoothing never met an example or its context.
double evaluate(Model *model, const ContextCounts *counts);

// Does the same for one part of the split, which must not be empty. Fails if a network's logits overflow.
bool evaluate_part(Model *model, const Dataset *dataset, Part part, double *loss, Error *err);

// Estimates the loss of a part as makemore.py does, for a network that reads names: the mean of the mean losses of 11
// batches of 100 names, or fewer if there are fewer names, in random order by a generator that `rng` seeds. The part
// must not be empty.
bool evaluate_makemore(Model *model, const Dataset *dataset, Part part, Rng *rng, double *loss, Error *err);
