// Embedding: y_bt = C[ids_bt], one row of a table per id (lectures part 2; Bengio et al. 2003). This is the product of
// the one-hot ids with C, so the fan in of the table is the vocabulary size.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

#include <string.h>

// ids (n), table (vocab, dim), y (n, dim).
static void embedding_forward(size_t n, size_t dim, const uint16_t *ids, const float *table, float *y) {
    for (size_t i = 0; i < n; i++) memcpy(y + i * dim, table + ids[i] * dim, dim * sizeof *y);
}

// dtable[ids_i] += dy_i, in the order of i.
static void embedding_backward(size_t n, size_t dim, const uint16_t *ids, const float *dy, float *dtable) {
    kernels->add_to_tables(n, 1, 0, dim, ids, dy, dim, dtable, dim); // one table: its size does not matter
}

typedef struct Embedding {
    uint64_t dim;
    Init weight;
} Embedding;

static const Field FIELDS[] = {
    FIELD(Embedding, dim, FIELD_WHOLE, .min = 1, .max = 1e6, .word = "vocab",
          .help = "floats per symbol; \"vocab\": one logit per symbol, so that the table is a bigram model"),
    FIELD(Embedding, weight, FIELD_INIT, .preset = "{\"normal\": 1}", .help = "initial values of the table"),
    {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const Embedding *embedding = config;
    size_t dim = embedding->dim == FIELD_WORD ? plan->vocab : (size_t)embedding->dim;
    plan->out = (Shape){plan->in.t, dim};
    plan->n_tensors = 1;
    plan->tensors[0] =
        (TensorPlan){"weight", TENSOR_WEIGHT, 2, {plan->vocab, dim}, embedding->weight, plan->vocab, .is_table = true};
    return true;
}

static void forward(const LayerCall *call) {
    embedding_forward(call->b * call->in.t, call->out.c, call->ids, call->tensors[0], call->y);
}

static void backward(const LayerCall *call) {
    embedding_backward(call->b * call->in.t, call->out.c, call->ids, call->dy, call->grads[0]);
}

static void scalar(const ScalarCall *call) {
    size_t dim = call->out.c;
    for (size_t i = 0; i < call->b * call->in.t; i++)
        for (size_t d = 0; d < dim; d++) call->y[i * dim + d] = call->tensors[0][call->ids[i] * dim + d];
}

const LayerType embedding_layer = {
    .record = {"embedding", FIELDS, sizeof(Embedding), "a row of a table for each symbol"},
    .takes_ids = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
