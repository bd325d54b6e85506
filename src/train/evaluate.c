#include "train/evaluate.h"

#include "train/train_state.h"

#include <math.h>

bool count_examples(const Model *model, const Dataset *dataset, Part part, ContextCounts *out, Arena *arena,
                    Error *err) {
    Arena scratch = {0};
    Span span = dataset->parts[part];
    size_t vocab = dataset->vocab.n, context = model->context;
    const uint16_t *stream = dataset->stream;
    uint32_t *weights;
    bool ok =
        dataset_weigh(dataset, span, &weights, &scratch, err) &&
        (model_reads_names(model) ? prefix_counts_create(out, stream, span, weights, context, vocab, arena, err)
                                  : context_counts_create(out, stream, span, weights, context, vocab, arena, err));
    arena_free(&scratch);
    return ok || (dataset->weights && error_context(err, "data.weight"));
}

uint64_t count_targets(const Model *model, const Dataset *dataset, Part part) {
    Span span = dataset->parts[part];
    size_t before = 0, name = dataset->weights ? dataset_count_names(dataset, (Span){0, span.begin}) : 0;
    uint64_t n = 0;
    for (size_t i = span.begin; i < span.end; i++) {
        bool counts = !model_reads_names(model) || before <= model->context, is_end = dataset->stream[i] == BOUNDARY;
        if (counts) n += dataset->weights ? dataset->weights[name] : 1;
        name += is_end;
        before = is_end ? 0 : before + 1;
    }
    return n;
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

enum { MAKEMORE_BATCH = 100, MAKEMORE_BATCHES = 11 };

// Adds the losses of the name at a stream position to *sum. Returns how many targets it has.
static size_t add_name(Model *model, const uint16_t *name, double *sum) {
    size_t n = 0;
    do {
        int32_t target = name[n];
        context_at(name, n, model->context, model->ids);
        const float *logits = model_logits(model, model->ids, 1);
        *sum += loss_cross_entropy(1, model->vocab, logits, &target, REDUCE_SUM, NULL, NULL);
    } while (name[n++] != BOUNDARY && n <= model->context);
    return n;
}

static double batch_means(Model *model, const uint16_t *stream, size_t n, const uint64_t *starts) {
    double means = 0;
    size_t n_batches = 0;
    for (size_t i = 0; i < n && n_batches < MAKEMORE_BATCHES; n_batches++) {
        double sum = 0;
        size_t n_targets = 0;
        for (size_t end = i + MAKEMORE_BATCH; i < n && i < end; i++)
            n_targets += add_name(model, stream + starts[i], &sum);
        means += sum / (double)n_targets;
    }
    return means / (double)n_batches;
}

bool evaluate_makemore(Model *model, const Dataset *dataset, Part part, Rng *rng, double *loss, Error *err) {
    Arena scratch = {0};
    Span span = dataset->parts[part];
    size_t n = 0;
    uint64_t *starts = arena_alloc(&scratch, span.end - span.begin, sizeof *starts, err);
    for (size_t i = span.begin; starts && i < span.end; i++)
        if (i == span.begin || dataset->stream[i - 1] == BOUNDARY) starts[n++] = i;
    if (starts) {
        Rng own;
        rng_seed(&own, train_state_loader_seed(rng));
        rng_shuffle_torch(&own, n, starts);
        model_forget(model);
        *loss = batch_means(model, dataset->stream, n, starts);
    }
    arena_free(&scratch);
    return starts != NULL;
}
