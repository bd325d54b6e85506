// The arithmetic, behind one table of functions that work on plain float arrays. They allocate nothing and keep no
// state.
//
// Contract: every table gives the same bits. `kernels_scalar` (reference.c) defines in plain loops what each entry
// computes and in which order it adds. The tables for an instruction set match it bit for bit.
// Order of sums: a dot product adds in index order with fused multiply-adds; a column sum adds in row order; a sum over
// a row adds element i into lane i mod 16 and then folds the lanes: lane i with i + 8, + 4, + 2, + 1. In a row of more
// than 1,024 elements the lanes fold into a double after every 64 vectors of 16.
// Matrices are row-major without gaps. Arrays of one call must not overlap unless the entry allows it.
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    KERNEL_LANES = 16,                      // lanes of a sum over a row
    KERNEL_FOLD_FLOATS = 64 * KERNEL_LANES, // elements of a row between two folds into a double
    KERNEL_FOLD_ROWS = 64,                  // rows of a column between two folds into a double (column_moments)
    KERNEL_HEAD_ROWS = 8,                   // rows of a head of attention that are computed together
};

// Returns n floats in whole vectors: n rounded up to a multiple of KERNEL_LANES, or SIZE_MAX if that overflows.
static inline size_t whole_vectors(size_t n) {
    return n > SIZE_MAX - KERNEL_LANES ? SIZE_MAX : (n + KERNEL_LANES - 1) / KERNEL_LANES * KERNEL_LANES;
}

// Statistics of a softmax over a row: log softmax(z)_i = beta (z_i - max) - log_sum.
typedef struct RowStats {
    float max;     // largest element, ignoring NaN; log_sum is NaN if the row has one
    float log_sum; // log sum
    float sum;     // sum of exp(beta (z_i - max))
} RowStats;

// Parameters of the optimizer updates (nn/optimizer/). The gradient is dw times `scale`.
typedef struct MomentumUpdate {
    float rate, scale, momentum;
    bool nesterov;
} MomentumUpdate;

typedef struct AdamwUpdate {
    float rate, scale;                // rate includes the bias correction of the first moment
    float beta1, rest1, beta2, rest2; // rest = 1 - beta
    float root;                       // 1 / sqrt of the bias correction of the second moment
    float eps, decay;
} AdamwUpdate;

// What standardizes a row: u = (x - mean) scale.
typedef struct RowNorm {
    float mean, scale;
} RowNorm;

// Causal attention over rows that form a tree: the positions of row r are its ancestors and itself, by their depth. E
// is heads times dim; head h has the columns h dim to (h + 1) dim - 1.
typedef struct Attention {
    size_t heads, dim;
    size_t positions;                 // more than any depth; a multiple of KERNEL_LANES
    size_t first, n;                  // computes rows first to first + n - 1, of which each comes after its parent
    const uint32_t *parents, *depths; // by row; the parent of a row of depth 0 is not used
    float *rows;                      // by row: q (E), k (E), v (E), p (heads, positions)
    float *y;                         // (n, E)
    const float *dy;                  // (n, E); backward only, as are the next ones
    float *dq, *dk, *dv;              // (n, E), with rows `grad_step` apart
    size_t grad_step;
    float *scratch; // (heads, dim + 1 + KERNEL_HEAD_ROWS, positions)
} Attention;

typedef struct Kernels {
    const char *name; // "scalar", "avx2", "avx512", "neon"

    // Matrix products into C (m, n). If `add` is true, the sums continue from what C holds; otherwise they start from
    // 0.
    //
    // gemm_nn: C = A B,   c_ij = sum_p a_ip b_pj, A (m, k), B (k, n); then adds bias_j (n) unless bias is NULL
    // gemm_tn: C = A' B,  c_ij = sum_p a_pi b_pj, A (k, m) with rows `a_step` apart, B (k, n)
    // gemm_nt: C = A B',  c_ij = sum_p a_ip b_jp, A (m, k), B (n, k)
    void (*gemm_nn)(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                    bool add);
    void (*gemm_tn)(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add);
    void (*gemm_nt)(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add);

    // sum_c += x_0c + x_1c + ..., x (rows, columns) with rows `step` apart, sum (columns).
    void (*sum_rows)(size_t rows, size_t columns, const float *x, size_t step, float *sum);

    // y_r = T_0[id_r0] + T_1[id_r1] + ... + bias, added in this order: ids (rows, n), tables T (n, vocab, columns),
    // bias (columns) or NULL, y (rows, columns).
    void (*sum_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                       const float *bias, float *y);

    // T_p[id_rp] += dy_r for each p, in row order. The rows of dy and T have `columns` floats and lie dy_step and
    // table_step apart.
    void (*add_to_tables)(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                          size_t dy_step, float *tables, size_t table_step);

    // mean_c = 1/rows sum_r x_rc and square_c = sum_r (x_rc - mean_c)^2: x (rows, columns) with rows `step` apart.
    // The sums fold into a double every 64 rows. A float sum of values far from 0 rounds at every row; so a second pass
    // sums the distances from that first mean and adds their mean to it. square_c uses the uncorrected mean; the error
    // is the correction squared, per row.
    void (*column_moments)(size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square);

    // y_rc = gain_c u_rc + bias_c with u_rc = (x_rc - mean_c) scale_c. x and y are (rows, columns) and may be the same;
    // the other arrays are (columns).
    void (*standardize)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                        const float *gain, const float *bias, float *y);

    // sum_c = sum_r dy_rc and product_c = sum_r dy_rc u_rc, u as in standardize, added as in column_moments. The rows
    // of x and dy lie `step` apart.
    void (*standardize_sums)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                             const float *dy, size_t step, float *sum, float *product);

    // dx_rc = factor_c (dy_rc - shift_c - slope_c u_rc), u as in standardize; dx may be dy.
    void (*standardize_backward)(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                 const float *dy, const float *factor, const float *shift, const float *slope,
                                 float *dx);

    // y_rc = gain_c u_rc + bias_c with u_rc = (x_rc - mean_r) scale_r. x and y are (rows, columns). gain and bias are
    // (columns) or NULL, which means 1 and 0; a bias needs a gain. If `centered` is true, mean_r is the mean of the
    // row, else 0. scale_r = (1/columns sum_c (x_rc - mean_r)^2 + eps)^(-1/2). Rows sum in 16 lanes of double.
    void (*norm_rows)(size_t rows, size_t columns, const float *x, bool centered, float eps, const float *gain,
                      const float *bias, float *y, RowNorm *norms);

    // dx_rc = scale_r (du_rc - [mean of du_r] - u_rc mean of du_r u_r) with du_rc = gain_c dy_rc; the mean in brackets
    // if `centered` is true. The means are over the row, which sums in 16 lanes of double.
    void (*norm_rows_backward)(size_t rows, size_t columns, const float *x, bool centered, const RowNorm *norms,
                               const float *gain, const float *dy, float *dx);

    // sum_c += dy_0c u_0c + dy_1c u_1c + ..., each added with one rounding. The rows of x and dy lie `step` apart.
    void (*norm_rows_sums)(size_t rows, size_t columns, const float *x, size_t step, const RowNorm *norms,
                           const float *dy, float *sum);

    // y_i += a x_i with one rounding, i < n.
    void (*axpy)(size_t n, float a, const float *x, float *y);

    // The sum of x_i^2, i < n, over 16 lanes of double.
    double (*sum_squares)(size_t n, const float *x);

    // v_i = momentum v_i + g, w_i -= rate d, i < n, with g = scale dw_i and d = v_i, or d = g + momentum v_i if
    // `nesterov` is true. Each product is added with one rounding.
    void (*momentum)(size_t n, const MomentumUpdate *u, const float *dw, float *v, float *w);

    // m_i = beta1 m_i + rest1 g, v_i = beta2 v_i + (rest2 g) g, w_i = decay w_i - rate m_i / (root sqrt(v_i) + eps),
    // i < n, with g = scale dw_i. The first product of each sum, and the last of w_i, is added with one rounding.
    void (*adamw)(size_t n, const AdamwUpdate *u, const float *dw, float *m, float *v, float *w);

    // y_i = f(x_i), i < n, within 2 ulp; y may be x. exp is 0 below -103.98 and infinite above 88.73, with subnormal
    // results between; log 0 = -inf; log of a negative number is NaN; f(NaN) is NaN.
    void (*exp)(size_t n, const float *x, float *y);
    void (*log)(size_t n, const float *x, float *y);
    void (*tanh)(size_t n, const float *x, float *y);

    // y_i = 1 / (1 + e^-x_i), i < n, within 3 ulp; y may be x. It is 0 below -88.38; NaN stays NaN.
    void (*sigmoid)(size_t n, const float *x, float *y);

    // y_i = x_i s_i with s = sigmoid z, z = sqrt(8/pi) (x + 0.044715 x^3), i < n.
    void (*gelu)(size_t n, const float *x, float *y, float *s);

    // y_i = max(x_i, 0) (Fukushima 1969); NaN stays NaN; y may be x.
    void (*relu)(size_t n, const float *x, float *y);

    // dx_i = dy_i (1 - y_i^2), where y = tanh x; dx may be dy.
    void (*tanh_backward)(size_t n, const float *y, const float *dy, float *dx);

    // dx_i = dy_i y_i (1 - y_i), where y = sigmoid x; dx may be dy.
    void (*sigmoid_backward)(size_t n, const float *y, const float *dy, float *dx);

    // dx_i = dy_i s_i (1 + (1 - s_i) x_i dz/dx_i), where s and z are as in gelu; dx may be dy.
    void (*gelu_backward)(size_t n, const float *x, const float *s, const float *dy, float *dx);

    // dx_i = dy_i if y_i > 0, else 0, where y = relu x; dx may be dy.
    void (*relu_backward)(size_t n, const float *y, const float *dy, float *dx);

    // y_i = a_i b_i, i < n; y may be a.
    void (*multiply)(size_t n, const float *a, const float *b, float *y);

    // The new state of a GRU (nn/layers/gru.c): y_i = h_i + z_i (c_i - h_i), i < n, the product added with one
    // rounding.
    void (*gru_state)(size_t n, const float *z, const float *c, const float *h, float *y);

    // Its gradients by a, b and h, where z = sigmoid a and c = tanh b do not depend on h:
    // da_i = dy_i (c_i - h_i) z_i (1 - z_i), db_i = dy_i z_i (1 - c_i^2), dh_i = dy_i (1 - z_i); dh may be dy.
    void (*gru_state_backward)(size_t n, const float *z, const float *c, const float *h, const float *dy, float *da,
                               float *db, float *dh);

    // The gradients of y = r h by a, where r = sigmoid a, and by h: da_i = dy_i h_i r_i (1 - r_i), and
    // dh_i += dy_i r_i with one rounding, i < n; da may be dy.
    void (*gru_reset_backward)(size_t n, const float *r, const float *h, const float *dy, float *da, float *dh);

    // The new cell of an LSTM (nn/layers/lstm.c): y_i = f_i c_i + u_i g_i, i < n, with gates (4, n) u, f, g, o; the
    // first product is added with one rounding.
    void (*lstm_cell)(size_t n, const float *gates, const float *c, float *y);

    // The gradients of h = o t with t = tanh y. dc comes in as the gradient by y from later positions and goes out as
    // the gradient by c. da (4, n) are the gradients by the arguments of the gates' sigmoids and tanh. With
    // s_i = dc_i + dh_i o_i (1 - t_i^2), they are s_i g_i u_i (1 - u_i), s_i c_i f_i (1 - f_i), s_i u_i (1 - g_i^2) and
    // dh_i t_i o_i (1 - o_i), and dc_i = s_i f_i.
    void (*lstm_cell_backward)(size_t n, const float *gates, const float *c, const float *t, const float *dh, float *dc,
                               float *da);

    // p_i = scale exp(beta (z_i - max)) / sum over one row of n >= 1: the softmax at temperature 1 / beta (beta > 0 and
    // finite) times `scale`. p may be z; if it is NULL, only the statistics are computed. A logit of -inf has
    // probability 0. A row of nothing but -inf, or with +inf or NaN, gives NaN.
    RowStats (*softmax)(size_t n, const float *z, float beta, float scale, float *p);

    // The same for each row of z (rows, n) with beta 1 and a scale per row: stats and scales (rows), p (rows, n).
    void (*softmax_rows)(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats);

    // Of heads h to h + n - 1, for each row with the positions i <= its depth:
    //     p = softmax(beta z) with z_i = q . k_i and beta = 1 / sqrt(dim),   y = sum_i p_i v_i,
    // where sums over the positions begin at the row's own. Behind it p is 0 up to the next multiple of KERNEL_LANES.
    void (*attention)(const Attention *a, size_t h, size_t n);

    // With g_i = dy . v_i and dz_i = beta p_i (g_i - sum_i p_i g_i), which adds over 16 lanes:
    //     dq = sum_i dz_i k_i,   dk_i += dz_i q,   dv_i += p_i dy.
    // dk and dv start from 0 and add in the order of rows. All rows are of the pass: `first` is 0.
    void (*attention_backward)(const Attention *a, size_t h, size_t n);
} Kernels;

// Expands X(entry) for every function of the table.
// clang-format off
#define KERNEL_ENTRIES(X) \
    X(gemm_nn) X(gemm_tn) X(gemm_nt) X(sum_rows) X(sum_tables) X(add_to_tables) \
    X(column_moments) X(standardize) X(standardize_sums) X(standardize_backward) \
    X(norm_rows) X(norm_rows_backward) X(norm_rows_sums) \
    X(axpy) X(sum_squares) X(momentum) X(adamw) X(exp) X(log) X(tanh) X(sigmoid) X(gelu) X(relu) \
    X(tanh_backward) X(sigmoid_backward) X(gelu_backward) X(relu_backward) \
    X(multiply) X(gru_state) X(gru_state_backward) X(gru_reset_backward) X(lstm_cell) X(lstm_cell_backward) \
    X(softmax) X(softmax_rows) X(attention) X(attention_backward)
// clang-format on

// The table in use: kernels_scalar until start-up calls kernels_select and kernels_use_threads (kernels/threads.h).
extern const Kernels *kernels;

// The reference, built for every CPU of the architecture.
extern const Kernels kernels_scalar;

// Selects the table called `name`, or the fastest that this CPU can run if `name` is NULL or "". The error for an
// unknown name lists the tables that this CPU can run.
bool kernels_select(const char *name, Error *err);

// Returns the i-th table that this CPU can run, or NULL after the last. The first is the reference, "scalar": on x86-64
// a faster build of it if the CPU has FMA, else kernels_scalar.
const Kernels *kernels_available(size_t i);
