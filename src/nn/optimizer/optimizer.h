// What makes parameters out of gradients. An optimizer is a table, as a layer is; the registry names each once. Its
// state is a few arrays as long as the parameters, planned from the config, and the number of updates made.
#ifndef NOMEN_NN_OPTIMIZER_OPTIMIZER_H
#define NOMEN_NN_OPTIMIZER_OPTIMIZER_H

#include "base/arena.h"
#include "base/field.h"

enum { OPTIMIZER_SLABS = 2 };

// What an optimizer keeps for every parameter, by name.
typedef struct OptimizerPlan {
    size_t n_slabs;
    const char *slabs[OPTIMIZER_SLABS];
    bool at_least_0[OPTIMIZER_SLABS]; // a mean of squares
} OptimizerPlan;

// One update of n parameters.
typedef struct OptimizerCall {
    const void *config;
    double rate;
    uint64_t t; // its number, from 1 on
    size_t n;
    float scale;                   // what every gradient is taken times
    const float *dw;               // (n)
    float *slabs[OPTIMIZER_SLABS]; // (n) each, zero before the first update
    float *w;                      // (n)
} OptimizerCall;

typedef struct OptimizerType {
    Record record; // first, so that a Record found by name leads to its type
    // Names the slabs, none where this is NULL. An error begins with the field it is about: "nesterov: expected ...".
    bool (*plan)(const void *config, OptimizerPlan *plan, Error *err);
    // w = (1 - decay) w + u, where u comes of dw and the slabs alone.
    void (*step)(const OptimizerCall *call);
    double (*decay)(const void *config, double rate); // NULL: 0
} OptimizerType;

// An optimizer at work.
typedef struct Optimizer {
    const OptimizerType *type;
    const void *config;
    OptimizerPlan plan;
    size_t n;                      // parameters, as the network's slab has them
    float *slabs[OPTIMIZER_SLABS]; // (n) each
    uint64_t updates;              // made
} Optimizer;

// For n parameters, its slabs carved from `arena` and zeroed. An error names the field of the config.
bool optimizer_create(Optimizer *optimizer, const Typed *config, size_t n, Arena *arena, Error *err);

// Back to before the first update.
void optimizer_forget(Optimizer *optimizer);

// The first slab that holds a number that is not finite; plan.n_slabs where none does.
size_t optimizer_find_not_finite(const Optimizer *optimizer);

// One update of w (n) by the gradient dw (n), each entry of which is taken times `scale`.
void optimizer_update(Optimizer *optimizer, double rate, float scale, const float *dw, float *w);

// What optimizer_update would add to w, before it is rounded into it: update (n). The optimizer stays as it is;
// `scratch`, made for the same config and n, does the work and is changed.
void optimizer_preview(const Optimizer *optimizer, Optimizer *scratch, double rate, float scale, const float *dw,
                       const float *w, float *update);

// The record at the head of the i-th OptimizerType; NULL behind the last.
const Record *optimizer_registry(size_t i);

#endif
