#include "train/minibatch.h"

#include "world/shards.h"

#include <string.h>

static bool create_shared(Minibatch *batch, size_t n_rows, size_t n_targets, Arena *arena, Error *err) {
    SharedRows *shared = &batch->shared;
    const size_t n_pairs = size_mul(n_rows, batch->examples->dataset->vocab.n);
    shared->rows = arena_alloc(arena, n_targets, sizeof *shared->rows, err);
    shared->shares = arena_alloc(arena, n_rows, sizeof *shared->shares, err);
    shared->stats = arena_alloc(arena, n_rows, sizeof *shared->stats, err);
    shared->examples = arena_alloc(arena, n_rows, sizeof *shared->examples, err);
    shared->pairs = arena_alloc(arena, n_pairs, sizeof *shared->pairs, err);
    return shared->rows && shared->shares && shared->stats && shared->examples && shared->pairs;
}

bool minibatch_create(Minibatch *batch, const Examples *examples, size_t n_shards, Arena *arena, Error *err) {
    const size_t n = piece_most(examples->n, n_shards), context = examples->context;
    const size_t rows = size_mul(n, examples->reads_names ? context : 1);
    // One row may have all examples.
    const size_t n_targets = examples->reads_names || !examples->merges ? rows : examples->n;
    *batch = (Minibatch){.examples = examples};
    batch->targets = arena_alloc(arena, n_targets, sizeof *batch->targets, err);
    bool ok = batch->targets && (!examples->merges || create_shared(batch, rows, n_targets, arena, err)) &&
              (!examples->reads_names || prefixes_create(&batch->prefixes, rows, arena, err));
    return ok || error_context(err, "train.batch_size");
}

// Takes rows first to end - 1.
static void take_contexts(Minibatch *batch, size_t first, size_t end) {
    const Examples *examples = batch->examples;
    batch->n_rows = batch->shared.n_rows = end - first;
    batch->ids = examples->ids + first * examples->context;
    batch->n_targets = 0;
    if (!examples->merges) {
        batch->n_targets = end - first;
        memcpy(batch->targets, examples->targets + first, batch->n_targets * sizeof *batch->targets);
    }
    for (size_t i = 0; examples->merges && i < examples->n; i++) {
        if (examples->rows[i] - first >= end - first) continue;
        batch->shared.rows[batch->n_targets] = examples->rows[i] - (uint32_t)first;
        batch->targets[batch->n_targets++] = examples->targets[i];
    }
}

// Takes the targets of a name up to its boundary or to the last position that the network reads.
static void take_name(Minibatch *batch, const uint16_t *name) {
    Prefixes *prefixes = &batch->prefixes;
    const bool merges = batch->examples->merges;
    uint32_t row = merges && prefixes->n > 0 ? 0 : prefixes_append(prefixes, ROW_NONE, BOUNDARY);
    for (size_t i = 0;; i++) {
        uint16_t target = name[i];
        if (merges) batch->shared.rows[batch->n_targets] = row;
        batch->targets[batch->n_targets++] = target;
        if (target == BOUNDARY || i + 1 == batch->examples->context) return;
        row = merges ? prefixes_add(prefixes, row, target) : prefixes_append(prefixes, row, target);
    }
}

static void take_names(Minibatch *batch, size_t first, size_t end) {
    batch->n_targets = 0;
    prefixes_clear(&batch->prefixes);
    for (size_t i = first; i < end; i++) take_name(batch, examples_name(batch->examples, i));
    batch->n_rows = batch->shared.n_rows = batch->prefixes.n;
}

void minibatch_take(Minibatch *batch, size_t i, size_t n_shards) {
    const Examples *examples = batch->examples;
    const size_t n = examples->reads_names ? examples->n : examples->n_rows;
    (examples->reads_names ? take_names : take_contexts)(batch, piece_begin(n, i, n_shards),
                                                         piece_begin(n, i + 1, n_shards));
}

double minibatch_backward(Minibatch *batch, Network *network, Rng *rng) {
    const Examples *examples = batch->examples;
    const size_t n = batch->n_targets, total = examples->n_targets;
    const NetworkInput input = {batch->n_rows, batch->ids, examples->reads_names ? &batch->prefixes : NULL, 0};
    if (batch->n_rows == 0) return 0; // if the examples have fewer contexts than shards
    const float *logits = network_forward(network, input, rng);
    float *dlogits = network_logit_grads(network);
    double loss =
        examples->merges
            ? loss_cross_entropy_shared(n, network->vocab, logits, batch->targets, total, batch->shared, dlogits)
            : loss_cross_entropy(n, network->vocab, logits, batch->targets, total, NULL, dlogits);
    network_backward(network);
    return loss;
}
