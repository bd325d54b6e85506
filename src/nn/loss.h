// The loss: log-softmax and cross-entropy in one, from logits z (N, V) and targets. For class indices t
//     L_i = -log softmax(z_i)[t_i],                 dL_i/dz_ij = softmax(z_i)_j - [j = t_i],
// and for a distribution q_i in place of a class
//     L_i = -sum_j q_ij log softmax(z_i)_j,         dL_i/dz_ij = softmax(z_i)_j sum_k q_ik - q_ij
// (lectures parts 1, 2 and 4; README, "Why the gradient is probs minus one-hot"). Any leading batch shape is N rows.
// Rows' losses are float, sums and means of them double. A target whose logit is -inf has loss inf; a row that holds
// +inf or NaN, or nothing but -inf, has loss and gradient NaN.
//
// No command uses soft or ignored targets: they are here to be compared with torch (tests/unit/nn/test_loss.c).
#ifndef NOMEN_NN_LOSS_H
#define NOMEN_NN_LOSS_H

#include "kernels/kernels.h"

#include <stddef.h>
#include <stdint.h>

// Targets of a row with their counts: row i has the pairs [first[i], first[i + 1]) of `targets` and `counts`.
typedef struct TargetCounts {
    const uint32_t *first;
    const uint16_t *targets;
    const uint32_t *counts;
} TargetCounts;

typedef enum Reduction {
    REDUCE_NONE, // every row's loss for itself; gradients as above
    REDUCE_SUM,  // their sum; gradients as above
    REDUCE_MEAN, // their mean over the counted rows N; gradients divided by N. NaN where no row is counted.
} Reduction;

enum { LOSS_IGNORED = -1 }; // a target that is not counted: its row has loss 0 and gradient 0

// Returns the reduced loss (REDUCE_NONE: the sum). Each row's own loss goes to losses (n) unless it is NULL, the
// gradient by the logits to dlogits (n, vocab) unless it is NULL; dlogits may be the logits' own buffer. Targets are
// below vocab or LOSS_IGNORED.
double loss_cross_entropy(size_t n, size_t vocab, const float *logits, const int32_t *targets, Reduction reduction,
                          float *losses, float *dlogits);

// The same for one-hot or soft targets (n, vocab), each at least 0; a class of probability 0 adds nothing, whatever its
// logit.
double loss_cross_entropy_soft(size_t n, size_t vocab, const float *logits, const float *targets, Reduction reduction,
                               float *losses, float *dlogits);

// The same where row i stands for as many examples as its targets count, out of `total` in all: adds the losses of the
// rows' examples to *sum, which the caller divides by `total` when all rows are through, and writes d mean / d logits
// to dlogits (n, vocab), which is another buffer than the logits.
void loss_backward_counts(size_t n, size_t vocab, const float *logits, TargetCounts targets, uint64_t total,
                          float *dlogits, double *sum);

// Rows of logits that examples share: example i is of row rows[i] < n_rows.
typedef struct SharedRows {
    size_t n_rows;
    uint32_t *rows;     // (examples)
    float *shares;      // (n_rows), working memory, as are the next
    RowStats *stats;    // (n_rows)
    uint32_t *examples; // (n_rows)
    uint32_t *pairs;    // (n_rows, vocab), all 0 before and after
} SharedRows;

// The mean loss of n examples with the targets (n), each below vocab, that share the rows of logits (n_rows, vocab),
// added up in the examples' order; its gradient by those rows, L = -log softmax(z_row)[t] for each example of the row,
// goes to dlogits (n_rows, vocab), which is another buffer than the logits.
double loss_cross_entropy_shared(size_t n, size_t vocab, const float *logits, const int32_t *targets, SharedRows shared,
                                 float *dlogits);

// Adds the losses of all examples that the n rows stand for to *sum; the logits stay.
void loss_sum_counts(size_t n, size_t vocab, const float *logits, TargetCounts targets, double *sum);

// Part 1's penalty for one tensor of weights: dw_i += slope w_i, and returns the sum of w_i^2 over its n entries. With
// slope = 2 lambda / N that is the gradient of lambda mean(w^2) over N weights.
double loss_l2(size_t n, const float *w, float slope, float *dw);

#endif
