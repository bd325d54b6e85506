// The rows that a network computes for some of the examples of a step. Examples that read the same share a row, unless
// a layer needs every row: of 1,024 contexts of three symbols from the lectures' names about 550 are distinct; 32 names
// have 228 targets and about 180 distinct prefixes.
#pragma once

#include "nn/loss.h"
#include "train/examples.h"

typedef struct Minibatch {
    const Examples *examples;
    bool merges;
    size_t n_targets;      // n, or the positions of all names
    int32_t *targets;      // (n_targets)
    SharedRows shared;     // if merged: the row of each target
    uint16_t *ids;         // contexts: (n, context); after merging the first (distinct.n, context)
    ContextIndex distinct; // contexts: if merged, those of the rows, in order of first appearance
    Prefixes prefixes;     // names: of the rows
} Minibatch;

// Makes room for up to n examples, still none. `merges` asks for shared rows. Fails if they need more memory than the
// machine has.
bool minibatch_create(Minibatch *batch, const Examples *examples, size_t n, bool merges, Arena *arena, Error *err);

// Takes examples first to end - 1.
void minibatch_take(Minibatch *batch, size_t first, size_t end);

// Adds the gradient of their part of the mean loss over the targets of all examples to the network's gradients. Returns
// this part. The generator is for layers that draw.
double minibatch_backward(Minibatch *batch, Network *network, Rng *rng);
