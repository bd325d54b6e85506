#include "train/minibatch.h"

#include <string.h>

static bool create_shared(Minibatch *batch, size_t n, Arena *arena, Error *err) {
    SharedRows *shared = &batch->shared;
    shared->rows = arena_alloc(arena, n, sizeof *shared->rows, err);
    shared->shares = arena_alloc(arena, n, sizeof *shared->shares, err);
    shared->stats = arena_alloc(arena, n, sizeof *shared->stats, err);
    shared->examples = arena_alloc(arena, n, sizeof *shared->examples, err);
    shared->pairs = arena_alloc(arena, size_mul(n, batch->dataset->vocab.n), sizeof *shared->pairs, err);
    return shared->rows && shared->shares && shared->stats && shared->examples && shared->pairs;
}

static bool create_names(Minibatch *batch, Span span, Arena *arena, Error *err) {
    const Dataset *dataset = batch->dataset;
    const size_t n = dataset_count_names(dataset, span), first = dataset_count_names(dataset, (Span){0, span.begin});
    uint64_t sum = 0;
    batch->starts = arena_alloc(arena, n, sizeof *batch->starts, err);
    batch->sums = dataset->weights ? arena_alloc(arena, n, sizeof *batch->sums, err) : NULL;
    if (!batch->starts || (dataset->weights && !batch->sums)) return false;
    for (size_t i = span.begin, start = i; i < span.end; i++) {
        if (dataset->stream[i] != BOUNDARY) continue;
        if (batch->sums) {
            sum += dataset->weights[first + batch->n_names] * (uint64_t)(batch->reads_names ? 1 : i + 1 - start);
            batch->sums[batch->n_names] = sum;
        }
        batch->starts[batch->n_names++] = (uint32_t)start;
        start = i + 1;
    }
    return true;
}

bool minibatch_create(Minibatch *batch, const Dataset *dataset, Span span, size_t n, const Network *network,
                      bool merges, Arena *arena, Error *err) {
    size_t context = network->context, rows = size_mul(n, network->reads_names ? context : 1);
    merges = merges && size_mul(n, context) < UINT32_MAX; // positions in `ids` have 32 bits
    *batch = (Minibatch){.dataset = dataset, .n = n, .context = context, .merges = merges};
    batch->reads_names = network->reads_names;
    batch->targets = arena_alloc(arena, rows, sizeof *batch->targets, err);
    batch->positions = arena_alloc(arena, n, sizeof *batch->positions, err);
    bool ok = batch->targets && batch->positions && (!merges || create_shared(batch, rows, arena, err));
    if (ok && (batch->reads_names || dataset->weights)) ok = create_names(batch, span, arena, err);
    if (ok && batch->reads_names) {
        ok = prefixes_create(&batch->prefixes, rows, arena, err);
    } else if (ok) {
        batch->ids = arena_alloc(arena, size_mul(n, context), sizeof *batch->ids, err);
        ok = batch->ids &&
             (!merges || context_index_create(&batch->distinct, batch->ids, context, false, n, arena, NULL, err));
    }
    return ok || error_context(err, "train.batch_size");
}

static void take_contexts(Minibatch *batch) {
    batch->n_targets = batch->n;
    for (size_t i = 0; i < batch->n; i++) {
        batch->targets[i] = batch->dataset->stream[batch->positions[i]];
        dataset_context(batch->dataset, batch->positions[i], batch->context, batch->ids + i * batch->context);
    }
    if (!batch->merges) return;
    size_t width = batch->context;
    context_index_clear(&batch->distinct);
    for (size_t i = 0; i < batch->n; i++) {
        size_t n = batch->distinct.n;
        const uint16_t *ids = batch->ids + i * width;
        batch->shared.rows[i] = context_index_insert(&batch->distinct, ids, (uint32_t)((n + 1) * width));
        if (batch->distinct.n > n && n < i) memcpy(batch->ids + n * width, ids, width * sizeof *ids);
    }
    batch->shared.n_rows = batch->distinct.n;
}

// Takes the targets of the name at a stream position up to its boundary or to the last position that the network reads.
static void take_name(Minibatch *batch, size_t position) {
    const uint16_t *stream = batch->dataset->stream;
    Prefixes *prefixes = &batch->prefixes;
    bool has_root = batch->merges && prefixes->n > 0;
    uint32_t row = has_root ? 0 : prefixes_append(prefixes, ROW_NONE, BOUNDARY);
    for (size_t i = 0;; i++) {
        uint16_t target = stream[position + i];
        if (batch->merges) batch->shared.rows[batch->n_targets] = row;
        batch->targets[batch->n_targets++] = target;
        if (target == BOUNDARY || i + 1 == batch->context) return;
        row = batch->merges ? prefixes_add(prefixes, row, target) : prefixes_append(prefixes, row, target);
    }
}

static void take_names(Minibatch *batch) {
    batch->n_targets = 0;
    prefixes_clear(&batch->prefixes);
    for (size_t i = 0; i < batch->n; i++) take_name(batch, batch->positions[i]);
    batch->shared.n_rows = batch->prefixes.n;
}

static void take(Minibatch *batch) {
    if (batch->reads_names)
        take_names(batch);
    else
        take_contexts(batch);
}

// Returns the stream position of example i of the span.
static size_t position_of(const Minibatch *batch, Span span, size_t i) {
    return batch->reads_names ? batch->starts[i] : span.begin + i;
}

static size_t n_examples_of(const Minibatch *batch, Span span) {
    return batch->reads_names ? batch->n_names : span.end - span.begin;
}

void minibatch_take_in_turn(Minibatch *batch, Span span, uint64_t step) {
    size_t n_examples = n_examples_of(batch, span);
    for (size_t i = 0; i < batch->n; i++)
        batch->positions[i] = position_of(batch, span, (size_t)((step * batch->n + i) % n_examples));
    take(batch);
}

// Draws as from a file that has each name as often as its weight.
static size_t draw_weighted(const Minibatch *batch, Rng *rng) {
    uint64_t draw = rng_below(rng, batch->sums[batch->n_names - 1]);
    size_t name = 0;
    for (size_t end = batch->n_names - 1; name < end;) {
        size_t middle = name + (end - name) / 2;
        if (batch->sums[middle] > draw)
            end = middle;
        else
            name = middle + 1;
    }
    size_t start = batch->starts[name], n = 1;
    if (batch->reads_names) return start;
    while (batch->dataset->stream[start + n - 1] != BOUNDARY) n++;
    return start + (size_t)((name > 0 ? draw - batch->sums[name - 1] : draw) % n);
}

void minibatch_draw(Minibatch *batch, Span span, Rng *rng) {
    size_t n_examples = n_examples_of(batch, span);
    // The positions are spread over the stream: prefetch all before the first one is needed.
    for (size_t i = 0; i < batch->n; i++) {
        batch->positions[i] =
            batch->sums ? draw_weighted(batch, rng) : position_of(batch, span, (size_t)rng_below(rng, n_examples));
        __builtin_prefetch(batch->dataset->stream + batch->positions[i]);
    }
    take(batch);
}

double minibatch_backward(Minibatch *batch, Network *network, Rng *rng) {
    size_t rows = batch->merges ? batch->shared.n_rows : batch->n_targets;
    const NetworkInput input = {rows, batch->ids, batch->reads_names ? &batch->prefixes : NULL, 0};
    const float *logits = network_forward(network, input, rng);
    float *dlogits = network_logit_grads(network);
    double loss = batch->merges ? loss_cross_entropy_shared(batch->n_targets, network->vocab, logits, batch->targets,
                                                            batch->shared, dlogits)
                                : loss_cross_entropy(batch->n_targets, network->vocab, logits, batch->targets,
                                                     REDUCE_MEAN, NULL, dlogits);
    network_backward(network);
    return loss;
}
