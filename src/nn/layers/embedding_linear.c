#include "nn/layers/embedding_linear.h"

#include "kernels/kernels.h"

#include <string.h>

EmbeddingLinear embedding_linear_of(const Network *network) {
    const Layer *window = &network->layers[1], *linear = &network->layers[2];
    const Tensor *table = &network->tensors[0], *weight = &network->tensors[linear->first_tensor];
    const Tensor *bias = linear->plan.n_tensors > 1 ? weight + 1 : NULL;
    const size_t dim = table->plan->dims[1], blanks = window->plan.n_tensors; // a flatten has no tensors
    return (EmbeddingLinear){
        linear->plan.in.c / dim, network->vocab + blanks, dim, linear->plan.out.c, table, weight, bias};
}

void embedding_linear_forward(const EmbeddingLinear *s, size_t rows, const uint16_t *ids, float *tables, float *y) {
    const float *c = s->table->data, *w = s->weight->data;
    for (size_t p = 0; p < s->n; p++)
        kernels->gemm_nn(s->symbols, s->out, s->dim, c, w + p * s->dim * s->out, NULL, tables + p * s->symbols * s->out,
                         false);
    kernels->sum_tables(rows, s->n, s->symbols, s->out, ids, tables, s->bias ? s->bias->data : NULL, y);
}

void embedding_linear_backward(const EmbeddingLinear *s, size_t rows, const uint16_t *ids, const float *dy, float *g) {
    memset(g, 0, s->n * s->symbols * s->out * sizeof *g);
    kernels->add_to_tables(rows, s->n, s->symbols, s->out, ids, dy, s->out, g, s->out);
    for (size_t p = 0; p < s->n; p++) {
        const float *g_p = g + p * s->symbols * s->out;
        const size_t at = p * s->dim * s->out;
        kernels->gemm_nt(s->symbols, s->dim, s->out, g_p, s->weight->data + at, s->table->grad, true);
        kernels->gemm_tn(s->dim, s->out, s->symbols, s->table->data, s->dim, g_p, s->weight->grad + at, true);
    }
    // Each row of dy went to exactly one row of the first table.
    if (s->bias) kernels->sum_rows(s->symbols, s->out, g, s->out, s->bias->grad);
}
