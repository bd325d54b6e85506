#include "nn/ngram.h"

#include "base/real.h"

bool ngram_set_counts(Ngram *ngram, const ContextCounts *counts, Arena *arena, Error *err) {
    ngram->counts = *counts;
    return context_index_make_slots(&ngram->counts.contexts, arena, err);
}

// The range [begin, end) of the counts after a context, empty if the context never occurred.
typedef struct Pairs {
    size_t begin, end;
} Pairs;

static Pairs pairs_after(const Ngram *ngram, const uint16_t *context) {
    uint32_t row = context_index_find(&ngram->counts.contexts, context);
    if (row == CONTEXT_NONE) return (Pairs){0};
    return (Pairs){ngram->counts.first[row], ngram->counts.first[row + 1]};
}

uint32_t ngram_count(const Ngram *ngram, const uint16_t *context, uint16_t target) {
    Pairs pairs = pairs_after(ngram, context);
    for (size_t k = pairs.begin; k < pairs.end; k++)
        if (ngram->counts.targets[k] == target) return ngram->counts.counts[k];
    return 0;
}

void ngram_logits(const Ngram *ngram, const uint16_t *context, float *logits) {
    const ContextCounts *counts = &ngram->counts;
    Pairs pairs = pairs_after(ngram, context);
    double total = ngram->smoothing * (double)ngram->vocab;
    for (size_t k = pairs.begin; k < pairs.end; k++) total += (double)counts->counts[k];

    float never_seen = (float)real_log(total > 0 ? ngram->smoothing / total : 0);
    for (size_t t = 0; t < ngram->vocab; t++) logits[t] = never_seen;
    for (size_t k = pairs.begin; k < pairs.end; k++)
        logits[counts->targets[k]] = (float)real_log(((double)counts->counts[k] + ngram->smoothing) / total);
}
