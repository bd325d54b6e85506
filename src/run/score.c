#include "run/score.h"

#include "nn/loss.h"

#include <string.h>

bool score_name(Model *model, const uint16_t *ids, size_t n, float *losses, Error *err) {
    Arena scratch = {0};
    size_t width = model->context;
    // The boundaries before the name, the name: the context of symbol i begins at place i.
    uint16_t *padded = arena_alloc(&scratch, size_add(width, n), sizeof *padded, err);
    if (padded) memcpy(padded + width, ids, n * sizeof *ids);
    for (size_t i = 0; padded && i <= n; i++) {
        int32_t target = i < n ? ids[i] : 0;
        const float *logits = model_logits(model, padded + i, 1);
        loss_cross_entropy(1, model->vocab, logits, &target, REDUCE_SUM, &losses[i], NULL);
    }
    arena_free(&scratch);
    return padded != NULL;
}
