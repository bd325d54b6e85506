#include "kernels/threads.h"

#include "kernels/kernels.h"

#include <unistd.h>

// Rough costs on one core in nanoseconds: a multiply-add of a matrix product, copying or adding a float, and a float
// that goes through exp or tanh.
static const double MULTIPLY_NS = 0.01, MOVE_NS = 0.05, FUNCTION_NS = 0.3;

// The least work worth handing to a thread: about ten times the cost of handing it over.
static const double PIECE_NS = 8000;

enum { PIECES_PER_THREAD = 2, ROW_UNIT = 8 }; // 8 rows are a tile of a product

static const Kernels *single = &kernels_scalar; // the table that does the work
static size_t n_threads = 1;

typedef struct Call Call;

// A call of any entry below: the arguments by the names that kernels.h gives them, outputs last.
struct Call {
    void (*part)(const Call *c, size_t i, size_t n); // computes n items from item i on
    size_t rows, columns, n, k, vocab, step, table_step;
    bool flag;
    float factor_a, eps;
    const void *args;
    const uint16_t *ids;
    const float *a, *b, *bias, *x, *mean, *scale, *gain, *dy, *factor, *shift, *slope;
    float *y, *y2, *y3;
    RowStats *stats;
    const RowNorm *known;
    RowNorm *norms;
};

static void do_range(void *context, size_t begin, size_t end) {
    const Call *call = context;
    call->part(call, begin, end - begin);
}

// Shares n items of `ns` nanoseconds each among the threads in multiples of `unit`. The calling thread does little work
// alone. An item is an element, a row or a column of the output, never a part of a sum: any number of threads gives
// the same bits.
static void share(size_t n, size_t unit, double ns, Call *call) {
    double worth = (double)n * ns / PIECE_NS;
    size_t most = n_threads * PIECES_PER_THREAD, parts = worth < (double)most ? (size_t)worth : most;
    if (parts < 2 || n <= unit || !pool_is_free())
        call->part(call, 0, n);
    else
        pool_run(n_threads, n, unit, parts, do_range, call);
}

static double head_ns(const Attention *a) {
    return (double)a->n * (double)a->positions * (MULTIPLY_NS * (double)a->dim + 4 * FUNCTION_NS);
}

// Defines shared_ENTRY: its parameters, how many items it has, in which unit they are shared, nanoseconds per item, the
// arguments with which ENTRY computes n items from item i on, and the fields of the Call that they use.
#define SHARED(entry, parameters, items, unit, ns, part_arguments, ...)                           \
    static void entry##_part(const Call *c, size_t i, size_t n) { single->entry part_arguments; } \
    static void shared_##entry parameters { share(items, unit, ns, &(Call){entry##_part, __VA_ARGS__}); }

// clang-format off
SHARED(gemm_nn, (size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c, bool add),
       m, ROW_UNIT, MULTIPLY_NS * (double)n * (double)k,
       (n, c->n, c->k, c->a + i * c->k, c->b, c->bias, c->y + i * c->n, c->flag),
       .n = n, .k = k, .a = a, .b = b, .bias = bias, .y = c, .flag = add)

SHARED(gemm_tn, (size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add),
       m, ROW_UNIT, MULTIPLY_NS * (double)n * (double)k,
       (n, c->n, c->k, c->a + i, c->step, c->b, c->y + i * c->n, c->flag),
       .n = n, .k = k, .a = a, .step = a_step, .b = b, .y = c, .flag = add)

SHARED(gemm_nt, (size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add),
       m, ROW_UNIT, MULTIPLY_NS * (double)n * (double)k,
       (n, c->n, c->k, c->a + i * c->k, c->b, c->y + i * c->n, c->flag),
       .n = n, .k = k, .a = a, .b = b, .y = c, .flag = add)

SHARED(sum_rows, (size_t rows, size_t columns, const float *x, size_t step, float *sum),
       columns, KERNEL_LANES, MOVE_NS * (double)rows,
       (c->rows, n, c->x + i, c->step, c->y + i),
       .rows = rows, .x = x, .step = step, .y = sum)

SHARED(sum_tables, (size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                    const float *bias, float *y),
       rows, 1, MOVE_NS * (double)n * (double)columns,
       (n, c->n, c->vocab, c->columns, c->ids + i * c->n, c->x, c->bias, c->y + i * c->columns),
       .n = n, .vocab = vocab, .columns = columns, .ids = ids, .x = tables, .bias = bias, .y = y)

SHARED(add_to_tables, (size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                       size_t dy_step, float *tables, size_t table_step),
       columns, KERNEL_LANES, MOVE_NS * (double)n * (double)rows,
       (c->rows, c->n, c->vocab, n, c->ids, c->dy + i, c->step, c->y + i, c->table_step),
       .rows = rows, .n = n, .vocab = vocab, .ids = ids, .dy = dy, .step = dy_step, .y = tables,
       .table_step = table_step)

SHARED(column_moments, (size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square),
       columns, KERNEL_LANES, 2 * MOVE_NS * (double)rows,
       (c->rows, n, c->x + i, c->step, c->y + i, c->y2 + i),
       .rows = rows, .x = x, .step = step, .y = mean, .y2 = square)

SHARED(standardize, (size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                     const float *gain, const float *bias, float *y),
       rows, 1, MOVE_NS * (double)columns,
       (n, c->columns, c->x + i * c->columns, c->mean, c->scale, c->gain, c->bias, c->y + i * c->columns),
       .columns = columns, .x = x, .mean = mean, .scale = scale, .gain = gain, .bias = bias, .y = y)

SHARED(standardize_sums, (size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                          const float *dy, size_t step, float *sum, float *product),
       columns, KERNEL_LANES, 2 * MOVE_NS * (double)rows,
       (c->rows, n, c->x + i, c->mean + i, c->scale + i, c->dy + i, c->step, c->y + i, c->y2 + i),
       .rows = rows, .x = x, .mean = mean, .scale = scale, .dy = dy, .step = step, .y = sum, .y2 = product)

SHARED(standardize_backward, (size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                              const float *dy, const float *factor, const float *shift, const float *slope,
                              float *dx),
       rows, 1, MOVE_NS * (double)columns,
       (n, c->columns, c->x + i * c->columns, c->mean, c->scale, c->dy + i * c->columns, c->factor, c->shift,
        c->slope, c->y + i * c->columns),
       .columns = columns, .x = x, .mean = mean, .scale = scale, .dy = dy, .factor = factor, .shift = shift,
       .slope = slope, .y = dx)

SHARED(norm_rows, (size_t rows, size_t columns, const float *x, bool centered, float eps, const float *gain,
                   const float *bias, float *y, RowNorm *norms),
       rows, 1, 3 * MOVE_NS * (double)columns,
       (n, c->columns, c->x + i * c->columns, c->flag, c->eps, c->gain, c->bias, c->y + i * c->columns, c->norms + i),
       .columns = columns, .x = x, .flag = centered, .eps = eps, .gain = gain, .bias = bias, .y = y, .norms = norms)

SHARED(norm_rows_backward, (size_t rows, size_t columns, const float *x, bool centered, const RowNorm *norms,
                            const float *gain, const float *dy, float *dx),
       rows, 1, 3 * MOVE_NS * (double)columns,
       (n, c->columns, c->x + i * c->columns, c->flag, c->known + i, c->gain, c->dy + i * c->columns,
        c->y + i * c->columns),
       .columns = columns, .x = x, .flag = centered, .known = norms, .gain = gain, .dy = dy, .y = dx)

SHARED(norm_rows_sums, (size_t rows, size_t columns, const float *x, size_t step, const RowNorm *norms,
                        const float *dy, float *sum),
       columns, KERNEL_LANES, 2 * MOVE_NS * (double)rows,
       (c->rows, n, c->x + i, c->step, c->known, c->dy + i, c->y + i),
       .rows = rows, .x = x, .step = step, .known = norms, .dy = dy, .y = sum)

SHARED(axpy, (size_t n, float a, const float *x, float *y),
       n, KERNEL_LANES, MOVE_NS,
       (n, c->factor_a, c->x + i, c->y + i),
       .factor_a = a, .x = x, .y = y)

SHARED(momentum, (size_t n, const MomentumUpdate *u, const float *dw, float *v, float *w),
       n, KERNEL_LANES, 2 * MOVE_NS,
       (n, c->args, c->x + i, c->y + i, c->y2 + i),
       .args = u, .x = dw, .y = v, .y2 = w)

SHARED(adamw, (size_t n, const AdamwUpdate *u, const float *dw, float *m, float *v, float *w),
       n, KERNEL_LANES, FUNCTION_NS,
       (n, c->args, c->x + i, c->y + i, c->y2 + i, c->y3 + i),
       .args = u, .x = dw, .y = m, .y2 = v, .y3 = w)

SHARED(tanh, (size_t n, const float *x, float *y),
       n, KERNEL_LANES, FUNCTION_NS,
       (n, c->x + i, c->y + i),
       .x = x, .y = y)

SHARED(sigmoid, (size_t n, const float *x, float *y),
       n, KERNEL_LANES, FUNCTION_NS,
       (n, c->x + i, c->y + i),
       .x = x, .y = y)

SHARED(gelu, (size_t n, const float *x, float *y, float *s),
       n, KERNEL_LANES, FUNCTION_NS,
       (n, c->x + i, c->y + i, c->y2 + i),
       .x = x, .y = y, .y2 = s)

SHARED(relu, (size_t n, const float *x, float *y),
       n, KERNEL_LANES, MOVE_NS,
       (n, c->x + i, c->y + i),
       .x = x, .y = y)

SHARED(tanh_backward, (size_t n, const float *y, const float *dy, float *dx),
       n, KERNEL_LANES, MOVE_NS,
       (n, c->x + i, c->dy + i, c->y + i),
       .x = y, .dy = dy, .y = dx)

SHARED(sigmoid_backward, (size_t n, const float *y, const float *dy, float *dx),
       n, KERNEL_LANES, MOVE_NS,
       (n, c->x + i, c->dy + i, c->y + i),
       .x = y, .dy = dy, .y = dx)

SHARED(gelu_backward, (size_t n, const float *x, const float *s, const float *dy, float *dx),
       n, KERNEL_LANES, 2 * MOVE_NS,
       (n, c->x + i, c->a + i, c->dy + i, c->y + i),
       .x = x, .a = s, .dy = dy, .y = dx)

SHARED(relu_backward, (size_t n, const float *y, const float *dy, float *dx),
       n, KERNEL_LANES, MOVE_NS,
       (n, c->x + i, c->dy + i, c->y + i),
       .x = y, .dy = dy, .y = dx)

SHARED(softmax_rows, (size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats),
       rows, KERNEL_LANES, FUNCTION_NS * (double)(n + KERNEL_LANES),
       (n, c->columns, c->x + i * c->columns, c->scale + i, c->y ? c->y + i * c->columns : NULL, c->stats + i),
       .columns = n, .x = z, .scale = scales, .y = p, .stats = stats)

SHARED(attention, (const Attention *a, size_t h, size_t n),
       n, 1, head_ns(a),
       (c->args, c->k + i, n),
       .args = a, .k = h)

SHARED(attention_backward, (const Attention *a, size_t h, size_t n),
       n, 1, 2 * head_ns(a),
       (c->args, c->k + i, n),
       .args = a, .k = h)

// clang-format on

size_t kernels_processors(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

void kernels_use_threads(size_t n) {
    static Kernels threaded;
    if (kernels != &threaded) single = kernels;
    pool_stop();
    n_threads = n > 0 ? n : kernels_processors();
    threaded = *single;
#define SHARE(entry) threaded.entry = shared_##entry
    SHARE(gemm_nn), SHARE(gemm_tn), SHARE(gemm_nt), SHARE(sum_rows), SHARE(sum_tables), SHARE(add_to_tables);
    SHARE(column_moments), SHARE(standardize), SHARE(standardize_sums), SHARE(standardize_backward);
    SHARE(norm_rows), SHARE(norm_rows_backward), SHARE(norm_rows_sums), SHARE(axpy), SHARE(momentum), SHARE(adamw);
    SHARE(tanh), SHARE(sigmoid), SHARE(gelu), SHARE(relu), SHARE(tanh_backward), SHARE(sigmoid_backward);
    SHARE(gelu_backward), SHARE(relu_backward), SHARE(softmax_rows), SHARE(attention), SHARE(attention_backward);
    kernels = n_threads > 1 ? &threaded : single;
}

size_t kernels_threads(void) { return n_threads; }

void kernels_run(size_t n, PoolWork *work, void *context) {
    if (n <= 1 || n_threads <= 1) {
        for (size_t i = 0; i < n; i++) work(context, i, i + 1);
        return;
    }
    const Kernels *shared = kernels;
    kernels = single;
    pool_run(n_threads, n, 1, n, work, context);
    kernels = shared;
}
