#include "study/ranking.h"

#include <stdlib.h>

static int by_logit(const void *a, const void *b) {
    const RankedSymbol *x = a, *y = b;
    if (x->logit > y->logit) return -1;
    return x->logit < y->logit ? 1 : x->id - y->id;
}

void rank_symbols(size_t n, const float *logits, RankedSymbol *ranked) {
    for (size_t i = 0; i < n; i++) ranked[i] = (RankedSymbol){logits[i], (uint16_t)i};
    qsort(ranked, n, sizeof *ranked, by_logit);
}
