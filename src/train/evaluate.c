#include "train/evaluate.h"

#include "kernels/threads.h"
#include "train/train_state.h"

#include <math.h>
#include <string.h>

// The counts of an n-gram are the model, so every process needs those of all.
static bool count_shard(ContextCounts *out, const Model *model, const Dataset *dataset, Span span, Arena *arena,
                        Error *err) {
    Arena scratch = {0};
    ContextCounts own;
    const World world = dataset->world;
    const bool merges = model->is_ngram && world.size > 1;
    size_t vocab = dataset->vocab.n, context = model->context;
    const uint16_t *stream = dataset->stream;
    uint32_t *weights;
    bool ok = dataset_weigh(dataset, span, &weights, &scratch, err) &&
              (model_reads_names(model) ? prefix_counts_create(out, stream, span, weights, context, vocab, arena, err)
                                        : context_counts_create(merges ? &own : out, stream, span, weights, context,
                                                                vocab, merges ? &scratch : arena, err));
    if (merges)
        ok = world_agree(world, ok, err) && context_counts_merge(out, &own, span, weights, vocab, world, arena, err);
    arena_free(&scratch);
    return ok || (dataset->weights && error_context(err, "data.weight"));
}

bool count_part(PartCounts *out, const Model *model, const Dataset *dataset, Part part, size_t n_shards, Arena *arena,
                Error *err) {
    const World world = model->is_ngram ? WORLD_ALONE : dataset->world;
    if (model->is_ngram) n_shards = 1;
    const ShardSpan own = shards_own(world, n_shards);
    *out = (PartCounts){.world = world, .n_shards = n_shards, .n = own.end - own.first};
    out->shards = arena_alloc(arena, out->n, sizeof *out->shards, err);
    out->sums = arena_alloc(arena, n_shards, sizeof *out->sums, err);
    bool ok = world_agree(dataset->world, out->shards && out->sums, err);
    for (size_t i = 0; ok && i < out->n; i++) {
        Span span = n_shards == 1 ? dataset->parts[part] : dataset_shard(dataset, part, i);
        ok = count_shard(&out->shards[i], model, dataset, span, arena, err);
        out->total += out->shards[i].total;
    }
    if (!world_agree(dataset->world, ok, err)) return false;
    world_add(out->world, &out->total, 1);
    return true;
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
    world_add(dataset->world, &n, 1);
    return n;
}

TargetCounts targets_from(const ContextCounts *counts, size_t row) {
    return (TargetCounts){counts->first + row, counts->targets, counts->counts};
}

static double evaluate_shard(Model *model, const ContextCounts *counts, uint64_t total) {
    double sum = 0;
    model_forget(model);
    for (size_t row = 0; row < counts->contexts.n; row += model->max_rows) {
        size_t left = counts->contexts.n - row, b = left < model->max_rows ? left : model->max_rows;
        const float *logits = model_logits(model, context_counts_ids(counts, row, b, model->ids), b);
        loss_counts(b, model->vocab, logits, targets_from(counts, row), total, NULL, &sum);
    }
    return sum;
}

typedef struct Evaluation {
    const PartCounts *counts;
    size_t n_models;
    Model *const *models;
    double *sums; // (counts->n) of this process
} Evaluation;

// Evaluates the shards of models begin to end - 1.
static void evaluate_shards(void *context, size_t begin, size_t end) {
    const Evaluation *e = context;
    const PartCounts *counts = e->counts;
    for (size_t m = begin; m < end; m++)
        for (size_t i = piece_begin(counts->n, m, e->n_models); i < piece_begin(counts->n, m + 1, e->n_models); i++)
            e->sums[i] = evaluate_shard(e->models[m], &counts->shards[i], counts->total);
}

double evaluate(size_t n_models, Model *const *models, const PartCounts *counts) {
    memset(counts->sums, 0, counts->n_shards * sizeof *counts->sums);
    Evaluation e = {counts, n_models, models, counts->sums + shards_own(counts->world, counts->n_shards).first};
    kernels_run(n_models, evaluate_shards, &e);
    double sum = shards_add_numbers(counts->world, counts->n_shards, counts->sums);
    // A context that counts never met gives 0 / 0.
    if (models[0]->is_ngram && isnan(sum)) return INFINITY;
    return sum / (double)counts->total;
}

bool evaluate_part(Model *model, const Dataset *dataset, Part part, double *loss, Error *err) {
    Arena scratch = {0};
    PartCounts counts;
    bool ok = count_part(&counts, model, dataset, part, dataset->n_shards, &scratch, err);
    if (ok) *loss = evaluate(1, &model, &counts);
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
        *sum += loss_cross_entropy(1, model->vocab, logits, &target, 1, NULL, NULL);
    } while (name[n++] != BOUNDARY && n <= model->context);
    return n;
}

static double batch_means(Model *model, size_t n, const uint16_t *names) {
    double means = 0;
    size_t n_batches = 0;
    for (size_t i = 0; i < n; n_batches++) {
        double sum = 0;
        size_t n_targets = 0;
        for (size_t end = i + MAKEMORE_BATCH; i < n && i < end; i++)
            n_targets += add_name(model, names + i * (model->context + 1), &sum);
        means += sum / (double)n_targets;
    }
    return means / (double)n_batches;
}

// Copies the names (n, width), given by their numbers in the part, that this process owns.
static bool copy_own_names(const Dataset *dataset, Part part, size_t n, const uint64_t *numbers, size_t width,
                           uint16_t *names, Error *err) {
    Arena scratch = {0};
    const size_t n_names = dataset->own[part].n_names, n_shards = dataset->n_shards;
    const ShardSpan own = shards_own(dataset->world, n_shards);
    const size_t first = piece_begin(n_names, own.first, n_shards), end = piece_begin(n_names, own.end, n_shards);
    const Span span = dataset->parts[part];
    size_t *starts = arena_alloc(&scratch, end - first, sizeof *starts, err), n_own = 0;
    for (size_t i = span.begin; starts && i < span.end; i++)
        if (i == span.begin || dataset->stream[i - 1] == BOUNDARY) starts[n_own++] = i;
    for (size_t i = 0; starts && i < n; i++) {
        if (numbers[i] < first || numbers[i] >= end) continue;
        const uint16_t *name = dataset->stream + starts[numbers[i] - first];
        for (size_t k = 0; k < width && (k == 0 || name[k - 1] != BOUNDARY); k++) names[i * width + k] = name[k];
    }
    arena_free(&scratch);
    return starts != NULL;
}

bool evaluate_makemore(Model *model, const Dataset *dataset, Part part, Rng *rng, double *loss, Error *err) {
    Arena scratch = {0};
    const size_t n = dataset->own[part].n_names, n_most = MAKEMORE_BATCHES * MAKEMORE_BATCH;
    const size_t n_taken = n < n_most ? n : n_most, width = model->context + 1;
    uint64_t *order = arena_alloc(&scratch, n, sizeof *order, err);
    uint16_t *names = arena_alloc(&scratch, size_mul(n_taken, width), sizeof *names, err);
    bool ok = order && names;
    for (size_t i = 0; ok && i < n; i++) order[i] = i;
    if (ok) {
        Rng own;
        rng_seed(&own, train_state_loader_seed(rng));
        rng_shuffle_torch(&own, n, order);
        ok = copy_own_names(dataset, part, n_taken, order, width, names, err);
    }
    ok = world_agree(dataset->world, ok, err);
    if (ok) {
        world_fill(dataset->world, names, n_taken * width * sizeof *names);
        model_forget(model);
        *loss = batch_means(model, n_taken, names);
    }
    arena_free(&scratch);
    return ok;
}
