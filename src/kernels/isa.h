// What one instruction set's build of gemm.c, elementwise.c, update.c, rows.c, columns.c and softmax.c offers to its
// table (table.c). Each function does what kernels.h says of the entry of its name.
#ifndef NOMEN_KERNELS_ISA_H
#define NOMEN_KERNELS_ISA_H

#include "kernels/kernels.h"
#include "kernels/simd.h"

void FOR_ISA(gemm_nn)(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                      bool add);
void FOR_ISA(gemm_tn)(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add);
void FOR_ISA(gemm_nt)(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add);
void FOR_ISA(sum_rows)(size_t rows, size_t columns, const float *x, size_t step, float *sum);
void FOR_ISA(sum_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                         const float *bias, float *y);
void FOR_ISA(add_to_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                            size_t dy_step, float *tables, size_t table_step);
void FOR_ISA(column_moments)(size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square);
void FOR_ISA(standardize)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                          const float *gain, const float *bias, float *y);
void FOR_ISA(standardize_sums)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                               const float *dy, size_t step, float *sum, float *product);
void FOR_ISA(standardize_backward)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                   const float *dy, const float *factor, const float *shift, const float *slope,
                                   float *dx);
void FOR_ISA(axpy)(size_t n, float a, const float *x, float *y);
double FOR_ISA(sum_squares)(size_t n, const float *x);
void FOR_ISA(momentum)(size_t n, const MomentumUpdate *u, const float *dw, float *v, float *w);
void FOR_ISA(adamw)(size_t n, const AdamwUpdate *u, const float *dw, float *m, float *v, float *w);
void FOR_ISA(exp)(size_t n, const float *x, float *y);
void FOR_ISA(log)(size_t n, const float *x, float *y);
void FOR_ISA(tanh)(size_t n, const float *x, float *y);
void FOR_ISA(relu)(size_t n, const float *x, float *y);
void FOR_ISA(tanh_backward)(size_t n, const float *y, const float *dy, float *dx);
void FOR_ISA(relu_backward)(size_t n, const float *y, const float *dy, float *dx);
RowStats FOR_ISA(softmax)(size_t n, const float *z, float beta, float scale, float *p);
void FOR_ISA(softmax_rows)(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats);

#endif
