#include "nn/loss.h"

#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

// -log softmax(z)_t; the differences are small where the logits are large, so they come first.
static float row_loss(RowStats stats, float target_logit) { return stats.log_sum - (target_logit - stats.max); }

// Rows of logits that go through softmax together; their statistics stay on the stack.
enum { BLOCK_ROWS = 1024 };

typedef struct Block {
    RowStats stats[BLOCK_ROWS];
    float shares[BLOCK_ROWS];        // of each row in the gradient
    float target_logits[BLOCK_ROWS]; // read before the gradient may take the logits' place
} Block;

// Adds the losses of n <= BLOCK_ROWS rows to *sum, one by one; the gradient's share goes to dlogits.
static void block_cross_entropy(size_t n, size_t vocab, const float *logits, const int32_t *targets, float share,
                                float *losses, float *dlogits, double *sum) {
    Block block;
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        block.target_logits[i] = targets[i] == LOSS_IGNORED ? 0 : logits[i * vocab + (size_t)targets[i]];
        block.shares[i] = share;
    }
    kernels->softmax_rows(n, vocab, logits, block.shares, dlogits, block.stats);
    for (size_t i = 0; i < n; i++) {
        float *dz = dlogits ? dlogits + i * vocab : NULL, loss = 0;
        if (targets[i] == LOSS_IGNORED) {
            if (dz) memset(dz, 0, vocab * sizeof *dz);
        } else {
            loss = row_loss(block.stats[i], block.target_logits[i]);
            if (dz) dz[targets[i]] -= share;
        }
        if (losses) losses[i] = loss;
        *sum += (double)loss;
    }
}

double loss_cross_entropy(size_t n, size_t vocab, const float *logits, const int32_t *targets, Reduction reduction,
                          float *losses, float *dlogits) {
    size_t counted = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) counted += targets[i] != LOSS_IGNORED;
    const float share = reduction == REDUCE_MEAN ? 1 / (float)counted : 1;
    for (size_t i = 0; i < n; i += BLOCK_ROWS) {
        size_t rows = n - i < BLOCK_ROWS ? n - i : BLOCK_ROWS;
        block_cross_entropy(rows, vocab, logits + i * vocab, targets + i, share, losses ? losses + i : NULL,
                            dlogits ? dlogits + i * vocab : NULL, &sum);
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
    Block block;
    for (size_t i = 0; i < n; i += BLOCK_ROWS) {
        size_t rows = n - i < BLOCK_ROWS ? n - i : BLOCK_ROWS;
        for (size_t r = 0; r < rows; r++) {
            uint64_t examples = 0;
            for (size_t k = t.first[i + r]; k < t.first[i + r + 1]; k++) examples += t.counts[k];
            block.shares[r] = (float)((double)examples / (double)total);
        }
        kernels->softmax_rows(rows, vocab, logits + i * vocab, block.shares, dlogits + i * vocab, block.stats);
        for (size_t r = 0; r < rows; r++) add_row(logits + (i + r) * vocab, block.stats[r], t, i + r, sum);
        for (size_t r = i; r < i + rows; r++)
            for (size_t k = t.first[r]; k < t.first[r + 1]; k++)
                dlogits[r * vocab + t.targets[k]] -= (float)((double)t.counts[k] / (double)total);
    }
}

double loss_cross_entropy_shared(size_t n, size_t vocab, const float *logits, const int32_t *targets, SharedRows shared,
                                 float *dlogits) {
    double sum = 0;
    memset(shared.examples, 0, shared.n_rows * sizeof *shared.examples);
    for (size_t i = 0; i < n; i++) shared.examples[shared.rows[i]]++;
    for (size_t r = 0; r < shared.n_rows; r++) shared.shares[r] = (float)((double)shared.examples[r] / (double)n);
    kernels->softmax_rows(shared.n_rows, vocab, logits, shared.shares, dlogits, shared.stats);
    for (size_t i = 0; i < n; i++) {
        size_t row = shared.rows[i], place = row * vocab + (size_t)targets[i];
        sum += (double)row_loss(shared.stats[row], logits[place]);
        shared.pairs[place]++;
    }
    // Each pair once, whatever its count: a sum of many equal shares would drift.
    for (size_t i = 0; i < n; i++) {
        size_t place = shared.rows[i] * vocab + (size_t)targets[i];
        dlogits[place] -= (float)((double)shared.pairs[place] / (double)n);
        shared.pairs[place] = 0;
    }
    return sum / (double)n;
}

void loss_sum_counts(size_t n, size_t vocab, const float *logits, TargetCounts t, double *sum) {
    Block block;
    for (size_t r = 0; r < BLOCK_ROWS && r < n; r++) block.shares[r] = 1;
    for (size_t i = 0; i < n; i += BLOCK_ROWS) {
        size_t rows = n - i < BLOCK_ROWS ? n - i : BLOCK_ROWS;
        kernels->softmax_rows(rows, vocab, logits + i * vocab, block.shares, NULL, block.stats);
        for (size_t r = 0; r < rows; r++) add_row(logits + (i + r) * vocab, block.stats[r], t, i + r, sum);
    }
}

double loss_l2(size_t n, const float *w, float slope, float *dw) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)w[i] * (double)w[i];
    kernels->axpy(n, slope, w, dw);
    return sum;
}
