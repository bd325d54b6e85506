// The exact loss of a split: examples with equal contexts share one forward pass.
#pragma once

#include "data/dataset.h"
#include "nn/loss.h"
#include "nn/model.h"

// The contexts of a part of the split with the counts of their targets, by shard.
typedef struct PartCounts {
    World world;
    size_t n_shards;       // in all processes
    size_t n;              // in this process
    ContextCounts *shards; // (n)
    uint64_t total;        // examples in all processes; 0: the part is empty
    double *sums;          // (n_shards) working memory
} PartCounts;

// Counts the targets of a part after each context that the model reads, in the shards of the dataset or, if n_shards is
// 1, in the whole. For an n-gram every process gets the counts of the whole, which are its model.
bool count_part(PartCounts *out, const Model *model, const Dataset *dataset, Part part, size_t n_shards, Arena *arena,
                Error *err);

// Returns the number of targets that the loss of a part counts, each as often as its name weighs: all but those too far
// into a name for the network.
uint64_t count_targets(const Model *model, const Dataset *dataset, Part part);

// Returns the targets of the rows from `row` on.
TargetCounts targets_from(const ContextCounts *counts, size_t row);

// Returns the mean negative log-likelihood in nats, -1/N sum log p(target | context), over all N examples counted. It
// is infinite if counts without smoothing never met an example or its context. The models, all with the same weights,
// share out the shards among the threads.
double evaluate(size_t n_models, Model *const *models, const PartCounts *counts);

// Does the same for one part of the split, which must not be empty, with one model. Fails if a network's logits
// overflow.
bool evaluate_part(Model *model, const Dataset *dataset, Part part, double *loss, Error *err);

// Estimates the loss of a part as makemore.py does, for a network that reads names: the mean of the mean losses of 11
// batches of 100 names, or fewer if there are fewer names, in random order by a generator that `rng` seeds. The part
// must not be empty.
bool evaluate_makemore(Model *model, const Dataset *dataset, Part part, Rng *rng, double *loss, Error *err);
