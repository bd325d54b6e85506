// The rows that a network computes for a shard of the examples of a step: a piece of their contexts, each of which may
// have several examples; or a piece of the names, whose equal beginnings share rows unless a layer needs every row. 32
// names have 228 targets and about 180 distinct prefixes.
#pragma once

#include "nn/loss.h"
#include "train/examples.h"

typedef struct Minibatch {
    const Examples *examples;
    size_t n_rows;
    const uint16_t *ids; // contexts: (n_rows, context), of the examples
    Prefixes prefixes;   // names: of the rows
    size_t n_targets;
    int32_t *targets;  // (n_targets)
    SharedRows shared; // if merged: the row of each target
} Minibatch;

// Makes room for a shard of n_shards of the examples. Fails if it needs more memory than the machine has.
bool minibatch_create(Minibatch *batch, const Examples *examples, size_t n_shards, Arena *arena, Error *err);

// Takes shard i of n_shards.
void minibatch_take(Minibatch *batch, size_t i, size_t n_shards);

// Adds the gradient of the shard's part of the mean loss over the targets of all examples to the network's gradients.
// Returns this part. The generator is for layers that draw.
double minibatch_backward(Minibatch *batch, Network *network, Rng *rng);
