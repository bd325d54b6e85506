// The symbols in the order of their logits, which at any temperature is that of their probabilities.
#ifndef NOMEN_STUDY_RANKING_H
#define NOMEN_STUDY_RANKING_H

#include <stddef.h>
#include <stdint.h>

typedef struct RankedSymbol {
    float logit;
    uint16_t id;
} RankedSymbol;

// ranked (n): the symbols with the logits (n), the larger logit first; of equal ones the smaller id.
void rank_symbols(size_t n, const float *logits, RankedSymbol *ranked);

#endif
