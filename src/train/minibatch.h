// The examples of one training step: as rows, one an example, or merged, where examples of equal contexts share a row
// and their gradients are taken together (a batch of 1,024 of the lectures' names has some 550 distinct contexts of
// three symbols).
#ifndef NOMEN_TRAIN_MINIBATCH_H
#define NOMEN_TRAIN_MINIBATCH_H

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
    ContextIndex distinct; // of a merged batch: the contexts of its rows, in the order of their first appearance
    SharedRows shared;     // and which of them each example has
} Minibatch;

// For n examples, none of which are taken yet. An error where that is more memory than the machine has.
bool minibatch_create(Minibatch *batch, const Dataset *dataset, size_t n, size_t context, bool merges, Arena *arena,
                      Error *err);

// Example i is the one at that stream position.
void minibatch_take(Minibatch *batch, size_t i, size_t position);

// Draws all n from the span, with replacement (lectures part 2: torch.randint, one draw an example).
void minibatch_draw(Minibatch *batch, Span span, Rng *rng);

// Leaves the gradient of the mean loss of the n examples in the network, added to what is there; returns that loss.
double minibatch_backward(Minibatch *batch, Network *network);

// The rows of the network that its last pass filled.
size_t minibatch_rows(const Minibatch *batch);

#endif
