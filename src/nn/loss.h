// The loss: log-softmax and cross-entropy in one, from logits z (N, V) and targets t:
//     L = -1/N sum_i log softmax(z_i)[t_i],    dL/dz_ij = (softmax(z_i)_j - [j = t_i]) / N
// (lectures parts 1, 2 and 4). Rows' losses are float, their mean is kept in double.
#ifndef NOMEN_NN_LOSS_H
#define NOMEN_NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

// Targets of a row with their counts: row i has the pairs [first[i], first[i + 1]) of `targets` and `counts`.
typedef struct TargetCounts {
    const size_t *first;
    const uint16_t *targets;
    const uint64_t *counts;
} TargetCounts;

// The mean loss of n >= 1 rows; their gradient takes the place of the logits (n, vocab).
double loss_backward(size_t n, size_t vocab, float *logits, const uint16_t *targets);

// The same where row i stands for as many examples as its targets count, out of `total` in all: adds the losses of the
// rows' examples to *sum, which the caller divides by `total` when all rows are through, and leaves d mean / d logits
// in place of the logits.
void loss_backward_counts(size_t n, size_t vocab, float *logits, TargetCounts targets, uint64_t total, double *sum);

// Adds the losses of all examples that the n rows stand for to *sum; the logits stay.
void loss_sum_counts(size_t n, size_t vocab, const float *logits, TargetCounts targets, double *sum);

// Part 1's penalty for one tensor of weights: dw_i += slope w_i, and returns the sum of w_i^2 over its n entries. With
// slope = 2 lambda / N that is the gradient of lambda mean(w^2) over N weights.
double loss_l2(size_t n, const float *w, float slope, float *dw);

#endif
