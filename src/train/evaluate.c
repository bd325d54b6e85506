#include "train/evaluate.h"

#include <math.h>

bool count_examples(const Model *model, const Dataset *dataset, Part part, ContextCounts *out, Arena *arena,
                    Error *err) {
    Span span = dataset->parts[part];
    size_t vocab = dataset->vocab.n;
    if (model_reads_names(model))
        return prefix_counts_create(out, dataset->stream, span, model->context, vocab, arena, err);
    return context_counts_create(out, dataset->stream, span, NULL, model->context, vocab, arena, err);
}

TargetCounts targets_from(const ContextCounts *counts, size_t row) {
    return (TargetCounts){counts->first + row, counts->targets, counts->counts};
}

double evaluate(Model *model, const ContextCounts *counts) {
    double sum = 0;
    model_forget(model);
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
    bool ok = count_examples(model, dataset, part, &counts, &scratch, err);
    if (ok) *loss = evaluate(model, &counts);
    arena_free(&scratch);
    return ok && (model->is_ngram || !isnan(*loss) || model_logits_overflow(model, err));
}
