// What computes the shards of a step (world/shards.h). Lanes work side by side, on a thread each; a lane computes one
// shard after another.
#pragma once

#include "nn/model.h"
#include "train/minibatch.h"

typedef struct Lane {
    Model *model;        // the trainer's, or another with the same weights
    Minibatch minibatch; // of a step that draws examples
} Lane;

typedef struct Lanes {
    size_t n_shards; // in all processes
    ShardSpan own;   // those of this process
    size_t n;
    Lane *items;     // (n) the first has the trainer's model
    Model **models;  // (n) theirs
    bool draws;      // a layer draws random numbers
    uint64_t *seeds; // (n_shards) of the generators of a step
    double *losses;  // (n_shards) of a step
    ShardSum sum;
    float **grads; // (own shards) of the parameters
} Lanes;

// Creates lanes for a model that was created for `use`, the most that a lane must have room for. n-grams have one lane
// without gradients. Fails if a layer mixes the rows of different shards.
bool lanes_create(Lanes *lanes, Model *model, const ModelConfig *config, NetworkUse use, World world, size_t n_shards,
                  Arena *arena, Error *err);

// Adds the gradient of a shard to the gradients of the lane's network. Returns the shard's part of the loss. The
// generator is for layers that draw.
typedef double LaneWork(const void *context, Lane *lane, size_t shard, Rng *rng);

// Computes all shards and leaves the sum of their gradients in the trainer's network. Returns the loss. With one shard,
// layers draw from `rng`; otherwise each shard has a generator that it seeds.
double lanes_backward(Lanes *lanes, LaneWork *work, const void *context, Rng *rng);
