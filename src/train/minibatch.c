#include "train/minibatch.h"

#include <string.h>

static bool create_shared(Minibatch *batch, Arena *arena, Error *err) {
    SharedRows *shared = &batch->shared;
    shared->rows = arena_alloc(arena, batch->n, sizeof *shared->rows, err);
    shared->shares = arena_alloc(arena, batch->n, sizeof *shared->shares, err);
    shared->stats = arena_alloc(arena, batch->n, sizeof *shared->stats, err);
    shared->examples = arena_alloc(arena, batch->n, sizeof *shared->examples, err);
    shared->pairs = arena_alloc(arena, size_mul(batch->n, batch->dataset->vocab.n), sizeof *shared->pairs, err);
    return shared->rows && shared->shares && shared->stats && shared->examples && shared->pairs &&
           context_index_create(&batch->distinct, batch->ids, batch->context, false, batch->n, arena, NULL, err);
}

bool minibatch_create(Minibatch *batch, const Dataset *dataset, size_t n, size_t context, bool merges, Arena *arena,
                      Error *err) {
    merges = merges && size_mul(n, context) < UINT32_MAX; // positions in `ids` have 32 bits
    *batch = (Minibatch){.dataset = dataset, .n = n, .context = context, .merges = merges};
    batch->ids = arena_alloc(arena, size_mul(n, context), sizeof *batch->ids, err);
    batch->targets = arena_alloc(arena, n, sizeof *batch->targets, err);
    batch->positions = arena_alloc(arena, n, sizeof *batch->positions, err);
    bool ok = batch->ids && batch->targets && batch->positions && (!merges || create_shared(batch, arena, err));
    return ok || error_context(err, "train.batch_size");
}

void minibatch_take(Minibatch *batch, size_t i, size_t position) {
    batch->targets[i] = batch->dataset->stream[position];
    dataset_context(batch->dataset, position, batch->context, batch->ids + i * batch->context);
}

void minibatch_draw(Minibatch *batch, Span span, Rng *rng) {
    // The positions are spread over the stream: prefetch all before the first one is needed.
    for (size_t i = 0; i < batch->n; i++) {
        batch->positions[i] = span.begin + (size_t)rng_below(rng, span.end - span.begin);
        __builtin_prefetch(batch->dataset->stream + batch->positions[i]);
    }
    for (size_t i = 0; i < batch->n; i++) minibatch_take(batch, i, batch->positions[i]);
}

static double backward_merged(Minibatch *batch, Network *network) {
    size_t width = batch->context;
    context_index_clear(&batch->distinct);
    for (size_t i = 0; i < batch->n; i++) {
        size_t n = batch->distinct.n;
        const uint16_t *ids = batch->ids + i * width;
        batch->shared.rows[i] = context_index_insert(&batch->distinct, ids, (uint32_t)((n + 1) * width));
        if (batch->distinct.n > n && n < i) memcpy(batch->ids + n * width, ids, width * sizeof *ids);
    }
    size_t n_rows = batch->distinct.n;
    batch->shared.n_rows = n_rows;
    const float *logits = network_forward(network, batch->ids, n_rows);
    double loss = loss_cross_entropy_shared(batch->n, network->vocab, logits, batch->targets, batch->shared,
                                            network_logit_grads(network));
    network_backward(network, n_rows);
    return loss;
}

double minibatch_backward(Minibatch *batch, Network *network) {
    if (batch->merges) return backward_merged(batch, network);
    const float *logits = network_forward(network, batch->ids, batch->n);
    double loss = loss_cross_entropy(batch->n, network->vocab, logits, batch->targets, REDUCE_MEAN, NULL,
                                     network_logit_grads(network));
    network_backward(network, batch->n);
    return loss;
}

size_t minibatch_rows(const Minibatch *batch) { return batch->merges ? batch->distinct.n : batch->n; }
