// The examples of one training step: one row per example or, merged, one row per distinct context (a batch of 1,024 of
// the lectures' names has about 550 distinct contexts of three symbols).
#pragma once

#include "data/dataset.h"
#include "nn/loss.h"
#include "nn/network.h"

typedef struct Minibatch {
    const Dataset *dataset;
    size_t n, context; // examples; ids per context
    uint16_t *ids;     // (n, context); after merging the first (distinct.n, context)
    int32_t *targets;  // (n)
    size_t *positions; // (n) of the last draw
    bool merges;
    ContextIndex distinct; // if merged: the contexts of the rows, in order of first appearance
    SharedRows shared;     // if merged: the row of each example
} Minibatch;

// Creates a batch of n examples, still empty. Fails if it needs more memory than the machine has.
bool minibatch_create(Minibatch *batch, const Dataset *dataset, size_t n, size_t context, bool merges, Arena *arena,
                      Error *err);

// Makes the example at a stream position example i.
void minibatch_take(Minibatch *batch, size_t i, size_t position);

// Draws all n examples from the span, with replacement (part 2: torch.randint, one draw per example).
void minibatch_draw(Minibatch *batch, Span span, Rng *rng);

// Adds the gradient of the mean loss of the n examples to the network's gradients. Returns the loss.
double minibatch_backward(Minibatch *batch, Network *network);

// Returns how many rows of the network the last pass filled.
size_t minibatch_rows(const Minibatch *batch);
