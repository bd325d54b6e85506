// An optimizer updates parameters by their gradients. A type is a table, like a layer type. Its state is the number of
// updates and, depending on its config, arrays as long as the parameters.
#pragma once

#include "base/arena.h"
#include "base/field.h"

enum { OPTIMIZER_SLABS = 2 };

// The numbers that an optimizer keeps per parameter, by name.
typedef struct OptimizerPlan {
    size_t n_slabs;
    const char *slabs[OPTIMIZER_SLABS];
    bool at_least_0[OPTIMIZER_SLABS]; // never negative, such as a mean of squares
} OptimizerPlan;

typedef struct Optimizer Optimizer;

typedef struct OptimizerType {
    Record record; // the first member, because a Record is cast to its type
    // Names the slabs; NULL: there are none. Errors begin with the config field that they are about.
    bool (*plan)(const void *config, OptimizerPlan *plan, Error *err);
    // Makes update number `updates`, from 1: w = (1 - decay) w + u; u depends only on `scale` dw and the slabs.
    void (*step)(const Optimizer *optimizer, double rate, float scale, const float *dw, float *w);
    double (*decay)(const void *config, double rate); // NULL: 0
} OptimizerType;

extern const OptimizerType sgd_optimizer, adam_optimizer, adamw_optimizer;

struct Optimizer {
    const OptimizerType *type;
    const void *config;
    OptimizerPlan plan;
    size_t n;                      // floats in the network's slab of parameters
    float *slabs[OPTIMIZER_SLABS]; // (n) each, 0 before the first update
    uint64_t updates;              // made so far
};

// Creates an optimizer for n parameters with zeroed slabs from `arena`.
bool optimizer_create(Optimizer *optimizer, const Typed *config, size_t n, Arena *arena, Error *err);

// Resets the optimizer to its state before the first update.
void optimizer_forget(Optimizer *optimizer);

// Returns the first slab with a number that is not finite, or plan.n_slabs.
size_t optimizer_find_not_finite(const Optimizer *optimizer);

// Updates w (n) by the gradient `scale` dw (n).
void optimizer_update(Optimizer *optimizer, double rate, float scale, const float *dw, float *w);

// Computes what optimizer_update would add to w, before rounding to w: update (n). The optimizer does not change;
// `scratch`, created for the same config and n, does.
void optimizer_preview(const Optimizer *optimizer, Optimizer *scratch, double rate, float scale, const float *dw,
                       const float *w, float *update);

// Returns the record of the i-th optimizer type, or NULL after the last.
const Record *optimizer_registry(size_t i);
