// The exact loss of a split: examples with equal contexts share one forward pass.
#ifndef NOMEN_TRAIN_EVALUATE_H
#define NOMEN_TRAIN_EVALUATE_H

#include "data/dataset.h"
#include "nn/loss.h"
#include "nn/model.h"

// The targets of the rows from `row` on.
TargetCounts targets_from(const ContextCounts *counts, size_t row);

// The mean negative log-likelihood, in nats, of all examples counted: -1/N sum log p(target | context). Infinite for
// counts without smoothing where one never came, or its context never did.
double evaluate(Model *model, const ContextCounts *counts);

// The same; a network whose logits overflow is an error.
bool evaluate_counts(Model *model, const ContextCounts *counts, double *loss, Error *err);

// evaluate_counts of one part of the split, which must not be empty; working memory is freed again.
bool evaluate_part(Model *model, const Dataset *dataset, Part part, double *loss, Error *err);

#endif
