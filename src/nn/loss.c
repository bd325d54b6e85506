#include "nn/loss.h"

#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

// -log softmax(z)_t; the differences are small where the logits are large, so they come first.
static float row_loss(RowStats stats, float target_logit) { return stats.log_sum - (target_logit - stats.max); }

double loss_cross_entropy(size_t n, size_t vocab, const float *logits, const int32_t *targets, Reduction reduction,
                          float *losses, float *dlogits) {
    size_t counted = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) counted += targets[i] != LOSS_IGNORED;
    const float share = reduction == REDUCE_MEAN ? 1 / (float)counted : 1;
    for (size_t i = 0; i < n; i++) {
        const float *z = logits + i * vocab;
        float *dz = dlogits ? dlogits + i * vocab : NULL, loss = 0;
        if (targets[i] == LOSS_IGNORED) {
            if (dz) memset(dz, 0, vocab * sizeof *dz);
        } else {
            float target_logit = z[targets[i]]; // read before dz may take its place
            loss = row_loss(kernels->softmax(vocab, z, 1, share, dz), target_logit);
            if (dz) dz[targets[i]] -= share;
        }
        if (losses) losses[i] = loss;
        sum += (double)loss;
    }
    return reduction == REDUCE_MEAN ? sum / (double)counted : sum;
}

double loss_cross_entropy_soft(size_t n, size_t vocab, const float *logits, const float *targets, Reduction reduction,
                               float *losses, float *dlogits) {
    const float share = reduction == REDUCE_MEAN ? 1 / (float)n : 1;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const float *z = logits + i * vocab, *q = targets + i * vocab;
        RowStats stats = kernels->softmax(vocab, z, 1, 1, NULL);
        double loss = isnan(stats.log_sum) ? (double)NAN : 0, total = 0;
        for (size_t j = 0; j < vocab; j++) {
            if (q[j] > 0) loss += (double)q[j] * (double)row_loss(stats, z[j]);
            total += (double)q[j];
        }
        if (losses) losses[i] = (float)loss;
        sum += loss;
        if (!dlogits) continue;
        float *dz = dlogits + i * vocab;
        kernels->softmax(vocab, z, 1, (float)total * share, dz);
        for (size_t j = 0; j < vocab; j++) dz[j] -= q[j] * share;
    }
    return reduction == REDUCE_MEAN ? sum / (double)n : sum;
}

static void add_row(const float *z, RowStats stats, TargetCounts t, size_t row, double *sum) {
    for (size_t k = t.first[row]; k < t.first[row + 1]; k++)
        *sum += (double)t.counts[k] * (double)row_loss(stats, z[t.targets[k]]);
}

void loss_backward_counts(size_t n, size_t vocab, const float *logits, TargetCounts t, uint64_t total, float *dlogits,
                          double *sum) {
    for (size_t i = 0; i < n; i++) {
        const float *z = logits + i * vocab;
        float *dz = dlogits + i * vocab;
        uint64_t examples = 0;
        for (size_t k = t.first[i]; k < t.first[i + 1]; k++) examples += t.counts[k];
        add_row(z, kernels->softmax(vocab, z, 1, 1, NULL), t, i, sum);
        kernels->softmax(vocab, z, 1, (float)((double)examples / (double)total), dz);
        for (size_t k = t.first[i]; k < t.first[i + 1]; k++)
            dz[t.targets[k]] -= (float)((double)t.counts[k] / (double)total);
    }
}

void loss_sum_counts(size_t n, size_t vocab, const float *logits, TargetCounts t, double *sum) {
    for (size_t i = 0; i < n; i++) {
        const float *z = logits + i * vocab;
        add_row(z, kernels->softmax(vocab, z, 1, 1, NULL), t, i, sum);
    }
}

double loss_l2(size_t n, const float *w, float slope, float *dw) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)w[i] * (double)w[i];
    kernels->axpy(n, slope, w, dw);
    return sum;
}
