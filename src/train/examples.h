// The examples of a training step: contexts with the symbol that follows, or whole names with a target at every
// position. All processes draw the same examples from the whole train split, then fetch those that they do not own, so
// that each can compute any shard of the batch. Examples with equal contexts share a row of the network, unless a layer
// needs every row: of 1,024 contexts of three symbols from the lectures' names about 550 are distinct.
#pragma once

#include "data/dataset.h"
#include "nn/network.h"

typedef struct Examples {
    const Dataset *dataset;
    Span span; // of the stream: the part, as far as this process owns it
    size_t n, context;
    bool reads_names;
    size_t n_targets; // of all examples
    // Contexts:
    size_t n_rows;         // n or, if merged, distinct.n
    uint16_t *ids;         // (n, context); after merging the first (distinct.n, context)
    int32_t *targets;      // (n)
    bool merges;           // contexts, or the prefixes of names
    uint32_t *rows;        // if merged: (n) the row of each example
    ContextIndex distinct; // if merged: those of the rows, in order of first appearance
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

// Makes room for n examples of the part for the network. `merges` asks for shared rows. Fails if the examples need more
// memory than the machine has.
bool examples_create(Examples *examples, const Dataset *dataset, Part part, size_t n, const Network *network,
                     bool merges, Arena *arena, Error *err);

// Takes the next n examples with each step, in order, and begins again after the last.
void examples_take_in_turn(Examples *examples, uint64_t step);

// Draws all n examples, with replacement (part 2: torch.randint, one draw per example), in proportion to the weights of
// their names.
void examples_draw(Examples *examples, Rng *rng);

// Returns the symbols of name i up to its boundary, or the first `context` of them.
const uint16_t *examples_name(const Examples *examples, size_t i);
