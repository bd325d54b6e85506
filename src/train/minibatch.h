// The examples of one training step: contexts with the symbol that follows, or whole names with a target at every
// position. Examples that read the same share a row of the network, unless a layer needs every row: of 1,024 contexts
// of three symbols from the lectures' names about 550 are distinct; 32 names have 228 targets and about 180 distinct
// prefixes.
#pragma once

#include "data/dataset.h"
#include "nn/loss.h"
#include "nn/network.h"

typedef struct Minibatch {
    const Dataset *dataset;
    size_t n, context; // examples; positions per example, at most
    bool reads_names, merges;
    size_t *positions;     // (n) stream positions of the last draw: of targets, or of the first symbols of names
    size_t n_targets;      // n, or the positions of all names
    int32_t *targets;      // (n_targets)
    SharedRows shared;     // if merged: the row of each target
    uint16_t *ids;         // contexts: (n, context); after merging the first (distinct.n, context)
    ContextIndex distinct; // contexts: if merged, those of the rows, in order of first appearance
    size_t n_names;        // names, or weighted: in the span
    uint32_t *starts;      // (n_names) stream positions
    uint64_t *sums;        // weighted: (n_names) examples up to each name and in it, as often as they count; else NULL
    Prefixes prefixes;     // names: of the rows
} Minibatch;

// Creates a batch of n examples of the span for the network, still empty. `merges` asks for shared rows. Fails if it
// needs more memory than the machine has.
bool minibatch_create(Minibatch *batch, const Dataset *dataset, Span span, size_t n, const Network *network,
                      bool merges, Arena *arena, Error *err);

// Takes the next n examples of the span with each step, in order, and begins again after the last.
void minibatch_take_in_turn(Minibatch *batch, Span span, uint64_t step);

// Draws all n examples from the span, with replacement (part 2: torch.randint, one draw per example), in proportion to
// the weights of their names.
void minibatch_draw(Minibatch *batch, Span span, Rng *rng);

// Adds the gradient of the mean loss over all targets to the network's gradients. Returns the loss. The generator is
// for layers that draw.
double minibatch_backward(Minibatch *batch, Network *network, Rng *rng);
