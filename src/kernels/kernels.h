// The arithmetic, behind one table: each entry computes on plain float arrays, allocates nothing and keeps nothing.
//
// Contract: the same bits from every table. `kernels_scalar` (reference.c) says in plain loops what each entry
// computes and in which order it adds; the tables compiled for an instruction set follow it to the bit.
// Sums: a dot product adds with fused multiply-add in the order of its index; a column sum adds in row order; a sum
// over a row adds 16 lanes (element i into lane i mod 16) and folds them lane i with i + 8, + 4, + 2, + 1; a row of
// more than 1,024 folds the lanes into a double every 64 vectors of 16.
// Matrices are row-major without gaps. Unless an entry says otherwise, its arrays must not overlap.
#ifndef NOMEN_KERNELS_KERNELS_H
#define NOMEN_KERNELS_KERNELS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

// The numbers of that contract.
enum {
    KERNEL_LANES = 16,                      // of a sum over a row
    KERNEL_FOLD_FLOATS = 64 * KERNEL_LANES, // of a row, after which its lanes are folded into a double
    KERNEL_FOLD_ROWS = 64,                  // of a column, after which its sum is (column_moments)
};

// What a softmax over a row leaves behind: log softmax(z)_i = beta (z_i - max) - log_sum.
typedef struct RowStats {
    float max;     // of the row; NaN never wins, but then log_sum is NaN
    float log_sum; // log of the sum of exp(beta (z_i - max))
    float sum;     // that sum
} RowStats;

// The numbers of one update (nn/optimizer/optimizer.h); every gradient is taken times `scale`.
typedef struct MomentumUpdate {
    float rate, scale, momentum;
    bool nesterov;
} MomentumUpdate;

typedef struct AdamwUpdate {
    float rate, scale;                // the rate with the first moment's bias correction in it
    float beta1, rest1, beta2, rest2; // rest = 1 - beta
    float root;                       // 1 / sqrt of the second moment's bias correction
    float eps, decay;
} AdamwUpdate;

typedef struct Kernels {
    const char *name; // "scalar", "avx2", "avx512", "neon"

    // Matrix products, C (m, n). Where `add` is true they add to what C holds, continuing each sum from there;
    // otherwise the sums start from 0 and C is overwritten.
    // gemm_nn: C = A B,   c_ij = sum_p a_ip b_pj, A (m, k), B (k, n); unless `bias` (n) is NULL, bias_j is added last
    // gemm_tn: C = A' B,  c_ij = sum_p a_pi b_pj, A (k, m) with its rows `a_step` apart, B (k, n)
    // gemm_nt: C = A B',  c_ij = sum_p a_ip b_jp, A (m, k), B (n, k)
    void (*gemm_nn)(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                    bool add);
    void (*gemm_tn)(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add);
    void (*gemm_nt)(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add);

    // sum_c += x_0c + x_1c + ..., one row after another, x (rows, columns) with its rows `step` apart, sum (columns).
    void (*sum_rows)(size_t rows, size_t columns, const float *x, size_t step, float *sum);

    // y_r = T_0[id_r0] + T_1[id_r1] + ... + bias, added in this order: ids (rows, n), tables T (n, vocab, columns),
    // bias (columns) or NULL, y (rows, columns).
    void (*sum_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                       const float *bias, float *y);

    // T_p[id_rp] += dy_r for each p, one row after another: the `columns` first floats of rows that lie dy_step and
    // table_step apart.
    void (*add_to_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                          size_t dy_step, float *tables, size_t table_step);

    // mean_c = 1/rows sum_r x_rc and square_c = sum_r (x_rc - mean_c)^2, x (rows, columns) with its
    // rows `step` apart, mean and square (columns).
    // Rows are added in their order; every 64 of them are folded into a double. A float sum of values far from 0
    // rounds at every row, so the distances from that first mean are summed too, and their mean is added to it; square
    // is of the distances from the first, which is the same but for the square of that small step.
    void (*column_moments)(size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square);

    // y_rc = gain_c u_rc + bias_c, where u_rc = (x_rc - mean_c) scale_c; all but x and y have `columns` entries. y may
    // be x.
    void (*standardize)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                        const float *gain, const float *bias, float *y);

    // sum_c = sum_r dy_rc and product_c = sum_r dy_rc u_rc, u as above, added as in column_moments; the rows of x and
    // dy lie `step` apart.
    void (*standardize_sums)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                             const float *dy, size_t step, float *sum, float *product);

    // dx_rc = factor_c (dy_rc - shift_c - slope_c u_rc), u as above; dx may be dy.
    void (*standardize_backward)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                 const float *dy, const float *factor, const float *shift, const float *slope,
                                 float *dx);

    // y_i = y_i + a x_i with one rounding, i < n.
    void (*axpy)(size_t n, float a, const float *x, float *y);

    // The sum of x_i^2, i < n, in double: 16 lanes, element i into lane i mod 16, folded as above at the end.
    double (*sum_squares)(size_t n, const float *x);

    // v_i = momentum v_i + g, w_i = w_i - rate d, i < n, with g = scale dw_i and d = v_i, or g + momentum v_i where
    // `nesterov` is true. Each product is added with one rounding.
    void (*momentum)(size_t n, const MomentumUpdate *u, const float *dw, float *v, float *w);

    // m_i = beta1 m_i + rest1 g, v_i = beta2 v_i + (rest2 g) g, w_i = decay w_i - rate m_i / (root sqrt(v_i) + eps),
    // i < n, with g = scale dw_i. The first product of each sum, and the last of w_i, is added with one rounding.
    void (*adamw)(size_t n, const AdamwUpdate *u, const float *dw, float *m, float *v, float *w);

    // y_i = f(x_i), i < n; y may be x. Within 2 ulp; exp is 0 below -103.98 and infinite above 88.73, subnormal
    // results included; log 0 = -inf, log of a negative number is NaN; NaN stays NaN.
    void (*exp)(size_t n, const float *x, float *y);
    void (*log)(size_t n, const float *x, float *y);
    void (*tanh)(size_t n, const float *x, float *y);

    // y_i = max(x_i, 0) (Fukushima 1969), NaN kept; y may be x.
    void (*relu)(size_t n, const float *x, float *y);

    // dx_i = dy_i (1 - y_i^2), where y = tanh x; dx may be dy.
    void (*tanh_backward)(size_t n, const float *y, const float *dy, float *dx);

    // dx_i = dy_i where y_i > 0, else 0, where y = relu x; dx may be dy.
    void (*relu_backward)(size_t n, const float *y, const float *dy, float *dx);

    // p_i = scale exp(beta (z_i - max)) / sum, the softmax at temperature 1 / beta (beta > 0, finite) times `scale`,
    // over one row of n >= 1. p may be z, and NULL where only the statistics are wanted. A logit of -inf has
    // probability 0; a row that is all -inf or holds +inf or NaN gives NaN.
    RowStats (*softmax)(size_t n, const float *z, float beta, float scale, float *p);

    // The same for each row of z (rows, n), with beta 1 and a scale for each: stats and scales (rows), p (rows, n).
    void (*softmax_rows)(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats);
} Kernels;

// The table in use. It starts as kernels_scalar; kernels_select and kernels_use_threads (kernels/threads.h), called at
// start-up, set it.
extern const Kernels *kernels;

// The plain reference.
extern const Kernels kernels_scalar;

// Uses the table of that name, or the fastest one this CPU can run where `name` is NULL or "". An unknown name, or one
// that this CPU cannot run, is an error that lists those it can.
bool kernels_select(const char *name, Error *err);

// The i-th table that this CPU can run, kernels_scalar first; NULL behind the last.
const Kernels *kernels_available(size_t i);

#endif
