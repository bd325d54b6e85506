// An embedding, its n neighbouring positions joined, and a linear layer behind it, as one: with C (V, D) the embedding,
// W (n D, H) the weights and W_p their D rows for position p, the table T_p = C W_p (V, H) holds what each symbol adds
// there,
//
//     y_r = T_0[id_r0] + T_1[id_r1] + ... + b                       ids (rows, n), y (rows, H)
//
// and with G_p[v] = sum over the rows r with id_rp = v of dy_r,
//
//     dC += sum_p G_p W_p',    dW_p += C' G_p,    db += sum_v G_0[v].
//
// That is 2 n V D H operations a pass and n H additions a row, where the plain layers take 2 n D H operations a row:
// worth it where there are more rows than n V. The sums are those of the plain layers in another order.
#ifndef NOMEN_NN_TABLES_H
#define NOMEN_NN_TABLES_H

#include <stddef.h>
#include <stdint.h>

typedef struct TableShape {
    size_t n, vocab, dim, out; // n, V, D, H
} TableShape;

// tables (n, V, H) is overwritten; bias may be NULL.
void tables_forward(TableShape shape, size_t rows, const uint16_t *ids, const float *c, const float *w,
                    const float *bias, float *tables, float *y);

// dtables (n, V, H) is overwritten; dc, dw and dbias (NULL without bias) are added to.
void tables_backward(TableShape shape, size_t rows, const uint16_t *ids, const float *c, const float *w,
                     const float *dy, float *dtables, float *dc, float *dw, float *dbias);

#endif
