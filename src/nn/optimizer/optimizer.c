#include "nn/optimizer/optimizer.h"

#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

static const OptimizerType *const TYPES[] = {&sgd_optimizer, &adam_optimizer, &adamw_optimizer};

const Record *optimizer_registry(size_t i) { return i < sizeof TYPES / sizeof *TYPES ? &TYPES[i]->record : NULL; }

bool optimizer_create(Optimizer *optimizer, const Typed *config, size_t n, Arena *arena, Error *err) {
    const OptimizerType *type = (const OptimizerType *)config->record; // an OptimizerType begins with its record
    *optimizer = (Optimizer){.type = type, .config = config->value, .n = n};
    if (type->plan && !type->plan(config->value, &optimizer->plan, err)) return error_prefix(err, "train.optimizer.");
    for (size_t i = 0; i < optimizer->plan.n_slabs; i++) {
        optimizer->slabs[i] = arena_alloc(arena, n, sizeof *optimizer->slabs[i], err);
        if (!optimizer->slabs[i]) return false;
    }
    return true;
}

void optimizer_forget(Optimizer *optimizer) {
    optimizer->updates = 0;
    for (size_t i = 0; i < optimizer->plan.n_slabs; i++)
        // optimizer_create has made as many slabs as are planned.
        // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
        memset(optimizer->slabs[i], 0, optimizer->n * sizeof *optimizer->slabs[i]);
}

size_t optimizer_find_not_finite(const Optimizer *optimizer) {
    for (size_t slab = 0; slab < optimizer->plan.n_slabs; slab++)
        for (size_t i = 0; i < optimizer->n; i++)
            if (!isfinite(optimizer->slabs[slab][i])) return slab;
    return optimizer->plan.n_slabs;
}

void optimizer_update(Optimizer *optimizer, double rate, float scale, const float *dw, float *w) {
    optimizer->updates++;
    optimizer->type->step(optimizer, rate, scale, dw, w);
}

void optimizer_preview(const Optimizer *optimizer, Optimizer *scratch, double rate, float scale, const float *dw,
                       const float *w, float *update) {
    const OptimizerType *type = optimizer->type;
    scratch->updates = optimizer->updates;
    for (size_t i = 0; i < optimizer->plan.n_slabs; i++)
        memcpy(scratch->slabs[i], optimizer->slabs[i], optimizer->n * sizeof *update);
    // On weights of 0 the step leaves what it adds, and the decay is a multiple of the weights.
    memset(update, 0, optimizer->n * sizeof *update);
    optimizer_update(scratch, rate, scale, dw, update);
    if (type->decay) kernels->axpy(optimizer->n, (float)-type->decay(optimizer->config, rate), w, update);
}
