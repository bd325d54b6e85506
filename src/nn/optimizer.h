// What makes parameters out of gradients. An optimizer is a table, as a layer is; the registry names each once.
#ifndef NOMEN_NN_OPTIMIZER_H
#define NOMEN_NN_OPTIMIZER_H

#include "base/field.h"

typedef struct OptimizerType {
    Record record; // first, so that a Record found by name leads to its type
    // One update of n parameters: w, dw (n).
    void (*step)(const void *config, float rate, size_t n, const float *dw, float *w);
} OptimizerType;

// Stochastic gradient descent: w -= rate dw (lectures part 1).
extern const OptimizerType sgd_optimizer;

// The record at the head of the i-th OptimizerType; NULL behind the last.
const Record *optimizer_registry(size_t i);

// The rate that holds at `step`: that of the last entry whose `from` is not beyond it.
double schedule_rate(const Schedule *schedule, uint64_t step);

#endif
