#include "nn/loss.h"

#include "kernels/kernels.h"

#include <string.h>

// -log softmax(z)_t. The differences are small even if the logits are large, so they are taken first.
static float row_loss(RowStats stats, float target_logit) { return stats.log_sum - (target_logit - stats.max); }

enum { BLOCK_ROWS = 1024 }; // rows per call of softmax_rows: their statistics fit on the stack

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// The cross-entropy of n <= BLOCK_ROWS rows; `share` is the weight of a row in the reduced loss.
static void block_cross_entropy(size_t n, size_t vocab, const float *logits, const int32_t *targets, float share,
                                float *losses, float *dlogits, double *sum) {
    RowStats stats[BLOCK_ROWS];
    float shares[BLOCK_ROWS], target_logits[BLOCK_ROWS]; // read before dlogits may overwrite the logits
    if (n == 0) return;                                  // never; but gcc cannot tell that the arrays are set
    for (size_t i = 0; i < n; i++) {
        target_logits[i] = targets[i] == LOSS_IGNORED ? 0 : logits[i * vocab + (size_t)targets[i]];
        shares[i] = share;
    }
    kernels->softmax_rows(n, vocab, logits, shares, dlogits, stats);
    for (size_t i = 0; i < n; i++) {
        float *dz = dlogits ? dlogits + i * vocab : NULL, loss = 0;
        if (targets[i] == LOSS_IGNORED) {
            if (dz) memset(dz, 0, vocab * sizeof *dz);
        } else {
            loss = row_loss(stats[i], target_logits[i]);
            if (dz) dz[targets[i]] -= share;
        }
        if (losses) losses[i] = loss;
        *sum += (double)loss;
    }
}

double loss_cross_entropy(size_t n, size_t vocab, const float *logits, const int32_t *targets, size_t total,
                          float *losses, float *dlogits) {
    const float share = 1 / (float)total;
    double sum = 0;
    for (size_t i = 0; i < n; i += BLOCK_ROWS)
        block_cross_entropy(smaller(n - i, BLOCK_ROWS), vocab, logits + i * vocab, targets + i, share,
                            losses ? losses + i : NULL, dlogits ? dlogits + i * vocab : NULL, &sum);
    return sum / (double)total;
}

static float share_of(uint64_t examples, uint64_t total) { return (float)((double)examples / (double)total); }

void loss_counts(size_t n, size_t vocab, const float *logits, TargetCounts t, uint64_t total, float *dlogits,
                 double *sum) {
    for (size_t i = 0; i < n; i += BLOCK_ROWS) {
        RowStats stats[BLOCK_ROWS];
        float shares[BLOCK_ROWS] = {0};
        size_t rows = smaller(n - i, BLOCK_ROWS);
        for (size_t r = 0; dlogits && r < rows; r++) {
            uint64_t examples = 0;
            for (size_t k = t.first[i + r]; k < t.first[i + r + 1]; k++) examples += t.counts[k];
            shares[r] = share_of(examples, total);
        }
        kernels->softmax_rows(rows, vocab, logits + i * vocab, shares, dlogits ? dlogits + i * vocab : NULL, stats);
        for (size_t r = i; r < i + rows; r++) {
            for (size_t k = t.first[r]; k < t.first[r + 1]; k++) {
                size_t place = r * vocab + t.targets[k];
                *sum += (double)t.counts[k] * (double)row_loss(stats[r - i], logits[place]);
                if (dlogits) dlogits[place] -= share_of(t.counts[k], total);
            }
        }
    }
}

double loss_cross_entropy_shared(size_t n, size_t vocab, const float *logits, const int32_t *targets, size_t total,
                                 SharedRows shared, float *dlogits) {
    double sum = 0;
    memset(shared.examples, 0, shared.n_rows * sizeof *shared.examples);
    for (size_t i = 0; i < n; i++) shared.examples[shared.rows[i]]++;
    for (size_t r = 0; r < shared.n_rows; r++) shared.shares[r] = share_of(shared.examples[r], total);
    kernels->softmax_rows(shared.n_rows, vocab, logits, shared.shares, dlogits, shared.stats);
    for (size_t i = 0; i < n; i++) {
        size_t row = shared.rows[i], place = row * vocab + (size_t)targets[i];
        sum += (double)row_loss(shared.stats[row], logits[place]);
        shared.pairs[place]++;
    }
    // Each pair is subtracted once, whatever its count: a sum of many equal shares would drift.
    for (size_t i = 0; i < n; i++) {
        size_t place = shared.rows[i] * vocab + (size_t)targets[i];
        dlogits[place] -= share_of(shared.pairs[place], total);
        shared.pairs[place] = 0;
    }
    return sum / (double)total;
}

double loss_l2(size_t n, const float *w, float slope, float *dw) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)w[i] * (double)w[i];
    kernels->axpy(n, slope, w, dw);
    return sum;
}
