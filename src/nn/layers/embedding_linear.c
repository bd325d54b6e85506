#include "nn/layers/embedding_linear.h"

#include "kernels/kernels.h"

#include <string.h>

EmbeddingLinear embedding_linear_of(const Network *network) {
    const Layer *window = &network->layers[1], *linear = &network->layers[2];
    const Tensor *table = &network->tensors[0], *weight = &network->tensors[linear->first_tensor];
    const Tensor *blank = window->plan.n_tensors > 0 ? table + 1 : NULL; // a flatten has no tensors
    const Tensor *bias = linear->plan.n_tensors > 1 ? weight + 1 : NULL;
    const size_t vocab = network->vocab, dim = table->plan->dims[1], symbols = vocab + (blank ? 1 : 0);
    return (EmbeddingLinear){
        linear->plan.in.c / dim, vocab, dim, linear->plan.out.c, symbols, table, blank, weight, bias};
}

void embedding_linear_forward(const EmbeddingLinear *s, size_t rows, const uint16_t *ids, float *tables, float *y) {
    for (size_t p = 0; p < s->n; p++) {
        const float *w = s->weight->data + p * s->dim * s->out;
        float *t = tables + p * s->symbols * s->out;
        kernels->gemm_nn(s->vocab, s->out, s->dim, s->table->data, w, NULL, t, false);
        if (s->blank) kernels->gemm_nn(1, s->out, s->dim, s->blank->data, w, NULL, t + s->vocab * s->out, false);
    }
    kernels->sum_tables(rows, s->n, s->symbols, s->out, ids, tables, s->bias ? s->bias->data : NULL, y);
}

// Adds to the gradients of W_p (dim, out) and of n rows of C (n, dim), from g (n, out), rows of G_p.
static void add_product(const EmbeddingLinear *s, size_t p, size_t n, const Tensor *c, const float *g) {
    const size_t at = p * s->dim * s->out;
    kernels->gemm_nt(n, s->dim, s->out, g, s->weight->data + at, c->grad, true);
    kernels->gemm_tn(s->dim, s->out, n, c->data, s->dim, g, s->weight->grad + at, true);
}

void embedding_linear_backward(const EmbeddingLinear *s, size_t rows, const uint16_t *ids, const float *dy, float *g) {
    const size_t floats = s->symbols * s->out;
    memset(g, 0, s->n * floats * sizeof *g);
    kernels->add_to_tables(rows, s->n, s->symbols, s->out, ids, dy, s->out, g, s->out);
    for (size_t p = 0; p < s->n; p++) {
        add_product(s, p, s->vocab, s->table, g + p * floats);
        if (s->blank) add_product(s, p, 1, s->blank, g + p * floats + s->vocab * s->out);
    }
    // Each row of dy went to exactly one row of the first table.
    if (s->bias) kernels->sum_rows(s->symbols, s->out, g, s->out, s->bias->grad);
}
