// The cross-entropy of logits z (N, V) with targets t (N), fused with log-softmax:
//     L_i = -log softmax(z_i)[t_i],                 dL_i/dz_ij = softmax(z_i)_j - [j = t_i]
// (lectures parts 1, 2 and 4). The loss of a row is a float; sums and means of them are double. A target whose logit is
// -inf has loss inf; a row with +inf or NaN, or of nothing but -inf, has loss and gradient NaN.
#pragma once

#include "kernels/kernels.h"

#include <stddef.h>
#include <stdint.h>

enum { LOSS_IGNORED = -1 }; // a target whose row has loss 0 and gradient 0

// Returns the sum of the losses of n rows divided by `total`: their mean if total is n, or their share of the mean over
// more rows. Writes the loss of each row to losses (n), and the gradient of the result by the logits to dlogits
// (n, vocab); either may be NULL, and dlogits may be the logits. Targets are below vocab or LOSS_IGNORED.
double loss_cross_entropy(size_t n, size_t vocab, const float *logits, const int32_t *targets, size_t total,
                          float *losses, float *dlogits);

// The targets of rows with their counts: row i has the pairs [first[i], first[i + 1]) of `targets` and `counts`.
typedef struct TargetCounts {
    const uint32_t *first;
    const uint16_t *targets;
    const uint32_t *counts;
} TargetCounts;

// Adds the losses of n rows to *sum. Row i counts as many examples as its counts sum to. If dlogits (n, vocab) is not
// NULL, writes to it the gradient of the mean over `total` examples; it must not be the logits.
void loss_counts(size_t n, size_t vocab, const float *logits, TargetCounts targets, uint64_t total, float *dlogits,
                 double *sum);

// Rows of logits shared by examples: example i has row rows[i] < n_rows. The other arrays are working memory.
typedef struct SharedRows {
    size_t n_rows;
    uint32_t *rows;     // (examples)
    float *shares;      // (n_rows)
    RowStats *stats;    // (n_rows)
    uint32_t *examples; // (n_rows)
    uint32_t *pairs;    // (n_rows, vocab), all 0 between calls
} SharedRows;

// Returns the sum of the losses of n examples with targets (n) below vocab, added in their order, divided by `total`.
// Writes its gradient by the logits (n_rows, vocab) to dlogits (n_rows, vocab), which must not be the logits.
double loss_cross_entropy_shared(size_t n, size_t vocab, const float *logits, const int32_t *targets, size_t total,
                                 SharedRows shared, float *dlogits);

// The L2 penalty of lectures part 1 for one weight tensor: dw_i += slope w_i. Returns the sum of w_i^2. With
// slope = 2 lambda / N this is the gradient of lambda mean(w^2) over N weights.
double loss_l2(size_t n, const float *w, float slope, float *dw);
