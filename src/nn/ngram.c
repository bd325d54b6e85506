#include "nn/ngram.h"

#include "base/real.h"

void ngram_logits(const Ngram *ngram, const uint16_t *context, float *logits) {
    const ContextCounts *counts = &ngram->counts;
    uint32_t row = idtable_find(&counts->contexts, context);
    size_t begin = row == IDTABLE_NONE ? 0 : counts->first[row], end = row == IDTABLE_NONE ? 0 : counts->first[row + 1];
    double total = ngram->smoothing * (double)ngram->vocab;
    for (size_t k = begin; k < end; k++) total += (double)counts->counts[k];

    float never_seen = (float)real_log(total > 0 ? ngram->smoothing / total : 0);
    for (size_t t = 0; t < ngram->vocab; t++) logits[t] = never_seen;
    for (size_t k = begin; k < end; k++)
        logits[counts->targets[k]] = (float)real_log(((double)counts->counts[k] + ngram->smoothing) / total);
}
