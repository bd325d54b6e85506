// The examples of a training step: contexts with the symbol that follows, or whole names with a target at every
// position. All processes draw the same examples from the whole train split, then fetch those that they do not own, so
// that each can compute any shard of the batch.
#pragma once

#include "data/dataset.h"
#include "nn/network.h"

typedef struct Examples {
    const Dataset *dataset;
    Span span; // of the stream: the part, as far as this process owns it
    size_t n, context;
    bool reads_names;
    size_t n_targets; // of all examples
    // An example is a number below n_all: of a stream position, of a name or, if names have weights, of either as often
    // as it counts. This process owns n_own numbers from n_before on.
    uint64_t n_all, n_before, n_own;
    uint64_t *numbers; // (n)
    size_t *positions; // (n) in the stream, of own examples: of the target, or of the first symbol of the name
    uint16_t *fetched; // (n, width) if there are other processes: context and target, or the symbols of the name
    size_t width;
    size_t n_names;   // names, or weighted: in the span
    uint32_t *starts; // (n_names) stream positions
    uint64_t *sums;   // weighted: (n_names) numbers up to the end of each name; else NULL
} Examples;

// Makes room for n examples of the part for the network. Fails if they need more memory than the machine has.
bool examples_create(Examples *examples, const Dataset *dataset, Part part, size_t n, const Network *network,
                     Arena *arena, Error *err);

// Takes the next n examples with each step, in order, and begins again after the last.
void examples_take_in_turn(Examples *examples, uint64_t step);

// Draws all n examples, with replacement (part 2: torch.randint, one draw per example), in proportion to the weights of
// their names.
void examples_draw(Examples *examples, Rng *rng);

// Writes the context of example i, of a network that predicts after a context, to ids (context). Returns its target.
uint16_t examples_context(const Examples *examples, size_t i, uint16_t *ids);

// Returns the symbols of name i up to its boundary, or the first `context` of them.
const uint16_t *examples_name(const Examples *examples, size_t i);
