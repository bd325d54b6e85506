#include "train/minibatch.h"

#include <string.h>

static bool create_shared(Minibatch *batch, size_t n, Arena *arena, Error *err) {
    SharedRows *shared = &batch->shared;
    shared->rows = arena_alloc(arena, n, sizeof *shared->rows, err);
    shared->shares = arena_alloc(arena, n, sizeof *shared->shares, err);
    shared->stats = arena_alloc(arena, n, sizeof *shared->stats, err);
    shared->examples = arena_alloc(arena, n, sizeof *shared->examples, err);
    shared->pairs = arena_alloc(arena, size_mul(n, batch->examples->dataset->vocab.n), sizeof *shared->pairs, err);
    return shared->rows && shared->shares && shared->stats && shared->examples && shared->pairs;
}

bool minibatch_create(Minibatch *batch, const Examples *examples, size_t n, bool merges, Arena *arena, Error *err) {
    size_t context = examples->context, rows = size_mul(n, examples->reads_names ? context : 1);
    merges = merges && size_mul(n, context) < UINT32_MAX; // positions in `ids` have 32 bits
    *batch = (Minibatch){.examples = examples, .merges = merges};
    batch->targets = arena_alloc(arena, rows, sizeof *batch->targets, err);
    bool ok = batch->targets && (!merges || create_shared(batch, rows, arena, err));
    if (ok && examples->reads_names) {
        ok = prefixes_create(&batch->prefixes, rows, arena, err);
    } else if (ok) {
        batch->ids = arena_alloc(arena, size_mul(n, context), sizeof *batch->ids, err);
        ok = batch->ids &&
             (!merges || context_index_create(&batch->distinct, batch->ids, context, false, n, arena, NULL, err));
    }
    return ok || error_context(err, "train.batch_size");
}

static void take_contexts(Minibatch *batch, size_t first, size_t n) {
    const size_t width = batch->examples->context;
    batch->n_targets = n;
    for (size_t i = 0; i < n; i++)
        batch->targets[i] = examples_context(batch->examples, first + i, batch->ids + i * width);
    if (!batch->merges) return;
    context_index_clear(&batch->distinct);
    for (size_t i = 0; i < n; i++) {
        size_t n_rows = batch->distinct.n;
        const uint16_t *ids = batch->ids + i * width;
        batch->shared.rows[i] = context_index_insert(&batch->distinct, ids, (uint32_t)((n_rows + 1) * width));
        if (batch->distinct.n > n_rows && n_rows < i) memcpy(batch->ids + n_rows * width, ids, width * sizeof *ids);
    }
    batch->shared.n_rows = batch->distinct.n;
}

// Takes the targets of a name up to its boundary or to the last position that the network reads.
static void take_name(Minibatch *batch, const uint16_t *name) {
    Prefixes *prefixes = &batch->prefixes;
    bool has_root = batch->merges && prefixes->n > 0;
    uint32_t row = has_root ? 0 : prefixes_append(prefixes, ROW_NONE, BOUNDARY);
    for (size_t i = 0;; i++) {
        uint16_t target = name[i];
        if (batch->merges) batch->shared.rows[batch->n_targets] = row;
        batch->targets[batch->n_targets++] = target;
        if (target == BOUNDARY || i + 1 == batch->examples->context) return;
        row = batch->merges ? prefixes_add(prefixes, row, target) : prefixes_append(prefixes, row, target);
    }
}

static void take_names(Minibatch *batch, size_t first, size_t end) {
    batch->n_targets = 0;
    prefixes_clear(&batch->prefixes);
    for (size_t i = first; i < end; i++) take_name(batch, examples_name(batch->examples, i));
    batch->shared.n_rows = batch->prefixes.n;
}

void minibatch_take(Minibatch *batch, size_t first, size_t end) {
    if (batch->examples->reads_names)
        take_names(batch, first, end);
    else
        take_contexts(batch, first, end - first);
}

double minibatch_backward(Minibatch *batch, Network *network, Rng *rng) {
    const Examples *examples = batch->examples;
    size_t rows = batch->merges ? batch->shared.n_rows : batch->n_targets, n = batch->n_targets;
    const NetworkInput input = {rows, batch->ids, examples->reads_names ? &batch->prefixes : NULL, 0};
    const float *logits = network_forward(network, input, rng);
    float *dlogits = network_logit_grads(network);
    double loss = batch->merges ? loss_cross_entropy_shared(n, network->vocab, logits, batch->targets,
                                                            examples->n_targets, batch->shared, dlogits)
                                : loss_cross_entropy(n, network->vocab, logits, batch->targets, examples->n_targets,
                                                     NULL, dlogits);
    network_backward(network);
    return loss;
}
