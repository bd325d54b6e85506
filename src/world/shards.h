// Shards: the parts into which train.shards cuts minibatches and lists of names. A process owns consecutive shards.
// Sums over shards are added along one fixed binary tree: the sum of shards first to end - 1 is that of the shards
// before the middle, (first + end) / 2 rounded down, plus that of the others. So the bits depend on the number of
// shards, not on the processes and threads that share them out.
#pragma once

#include "base/arena.h"
#include "world/world.h"

typedef struct ShardSpan {
    size_t first, end; // shards first to end - 1
} ShardSpan;

// Returns where piece i of n pieces of a range begins, all pieces being of nearly the same size.
static inline size_t piece_begin(size_t range, size_t i, size_t n) { return range / n * i + range % n * i / n; }

// Returns the size of the largest piece.
static inline size_t piece_most(size_t range, size_t n) { return range / n + (range % n > 0); }

// Returns the shards that this process owns.
static inline ShardSpan shards_own(World world, size_t n_shards) {
    return (ShardSpan){piece_begin(n_shards, world.rank, world.size),
                       piece_begin(n_shards, world.rank + 1, world.size)};
}

// Returns the sum of one number per shard. Each process has those of its own shards, and 0 for all others.
double shards_add_numbers(World world, size_t n_shards, double *numbers);

// Adds up arrays of floats, one per shard.
typedef struct ShardSum {
    World world;
    size_t n_shards, n_own;
    size_t piece;       // floats that a process adds up of each array
    size_t n_nodes;     // the largest subtrees whose shards one process owns, of all processes in order
    ShardSpan *nodes;   // (n_nodes)
    size_t first, n_of; // nodes of this process
    size_t n_rounds;    // the most nodes of a process
    size_t *slots;      // (n_nodes) where a node's piece is received
    float *received;    // (n_rounds, world.size, piece)
    float **arrays;     // (n_nodes, or n_own if larger) working memory
    ShardSpan *leaves;  // (n_own)
} ShardSum;

// Plans sums of arrays of n floats. Every process must own a shard.
bool shard_sum_create(ShardSum *sum, World world, size_t n_shards, size_t n, Arena *arena, Error *err);

// Returns how many floats an array for shard_sum_add needs.
size_t shard_sum_floats(const ShardSum *sum);

// Adds up the arrays of all shards. arrays[i] is that of this process's shard i. In every process arrays[0] becomes the
// sum; the others are overwritten.
void shard_sum_add(const ShardSum *sum, float *const *arrays);
