#include "nn/layers/embedding_linear.h"

#include "kernels/kernels.h"

#include <string.h>

void embedding_linear_forward(EmbeddingLinear s, size_t rows, const uint16_t *ids, const float *c, const float *w,
                              const float *bias, float *tables, float *y) {
    for (size_t p = 0; p < s.n; p++)
        kernels->gemm_nn(s.vocab, s.out, s.dim, c, w + p * s.dim * s.out, NULL, tables + p * s.vocab * s.out, false);
    kernels->sum_tables(rows, s.n, s.vocab, s.out, ids, tables, bias, y);
}

void embedding_linear_backward(EmbeddingLinear s, size_t rows, const uint16_t *ids, const float *c, const float *w,
                               const float *dy, float *dtables, float *dc, float *dw, float *dbias) {
    memset(dtables, 0, s.n * s.vocab * s.out * sizeof *dtables);
    kernels->add_to_tables(rows, s.n, s.vocab, s.out, ids, dy, s.out, dtables, s.out);
    for (size_t p = 0; p < s.n; p++) {
        const float *g = dtables + p * s.vocab * s.out;
        kernels->gemm_nt(s.vocab, s.dim, s.out, g, w + p * s.dim * s.out, dc, true);
        kernels->gemm_tn(s.dim, s.out, s.vocab, c, s.dim, g, dw + p * s.dim * s.out, true);
    }
    // Each row of dy went to exactly one row of the first table.
    if (dbias) kernels->sum_rows(s.vocab, s.out, dtables, s.out, dbias);
}
