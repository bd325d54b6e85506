#include "train/evaluate.h"

#include <math.h>

TargetCounts targets_from(const ContextCounts *counts, size_t row) {
    return (TargetCounts){counts->first + row, counts->targets, counts->counts};
}

double evaluate(Model *model, const ContextCounts *counts) {
    double sum = 0;
    for (size_t row = 0; row < counts->contexts.n; row += model->max_rows) {
        size_t left = counts->contexts.n - row, b = left < model->max_rows ? left : model->max_rows;
        const float *logits = model_logits(model, context_counts_ids(counts, row, b, model->ids), b);
        loss_counts(b, model->vocab, logits, targets_from(counts, row), counts->total, NULL, &sum);
    }
    // A context that counts never met gives 0 / 0.
    if (model->is_ngram && isnan(sum)) return INFINITY;
    return sum / (double)counts->total;
}

bool evaluate_part(Model *model, const Dataset *dataset, Part part, double *loss, Error *err) {
    Arena scratch = {0};
    ContextCounts counts;
    bool ok = dataset_count_contexts(dataset, dataset->parts[part], model->context, &counts, &scratch, err);
    if (ok) *loss = evaluate(model, &counts);
    arena_free(&scratch);
    return ok && (model->is_ngram || !isnan(*loss) || model_logits_overflow(model, err));
}
