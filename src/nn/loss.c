#include "nn/loss.h"

#include "kernels/kernels.h"

// -log softmax(z)_t; the differences are small where the logits are large, so they come first.
static float row_loss(RowStats stats, float target_logit) { return stats.log_sum - (target_logit - stats.max); }

double loss_backward(size_t n, size_t vocab, float *logits, const uint16_t *targets) {
    const float share = 1 / (float)n;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float *z = logits + i * vocab, target_logit = z[targets[i]];
        RowStats stats = kernels->softmax(vocab, z, 1, share, z);
        z[targets[i]] -= share;
        sum += (double)row_loss(stats, target_logit);
    }
    return sum / (double)n;
}

static void add_row(const float *z, RowStats stats, TargetCounts t, size_t row, double *sum) {
    for (size_t k = t.first[row]; k < t.first[row + 1]; k++)
        *sum += (double)t.counts[k] * (double)row_loss(stats, z[t.targets[k]]);
}

void loss_backward_counts(size_t n, size_t vocab, float *logits, TargetCounts t, uint64_t total, double *sum) {
    for (size_t i = 0; i < n; i++) {
        float *z = logits + i * vocab;
        uint64_t examples = 0;
        for (size_t k = t.first[i]; k < t.first[i + 1]; k++) examples += t.counts[k];
        add_row(z, kernels->softmax(vocab, z, 1, 1, NULL), t, i, sum);
        kernels->softmax(vocab, z, 1, (float)((double)examples / (double)total), z);
        for (size_t k = t.first[i]; k < t.first[i + 1]; k++)
            z[t.targets[k]] -= (float)((double)t.counts[k] / (double)total);
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
