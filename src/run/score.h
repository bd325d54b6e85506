// How likely a model finds a name.
#ifndef NOMEN_RUN_SCORE_H
#define NOMEN_RUN_SCORE_H

#include "nn/model.h"

// losses_i = -log p(symbol i | the symbols before it) for the n symbols of a name and for the boundary that ends it;
// losses (n + 1). False, with `err`, where memory runs out.
bool score_name(Model *model, const uint16_t *ids, size_t n, float *losses, Error *err);

#endif
