#include "kernels/threads.h"

#include "kernels/kernels.h"
#include "kernels/pool.h"

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

// Computes the n items of a call from item i on.
typedef void Part(const Call *c, size_t i, size_t n);

// A call of any entry below: the arguments by the names that kernels.h gives them, outputs last.
struct Call {
    Part *part;
    size_t rows, columns, n, k, vocab, step, table_step;
    bool add;
    float factor_a;
    const void *update;
    const uint16_t *ids;
    const float *a, *b, *bias, *x, *mean, *scale, *gain, *dy, *factor, *shift, *slope;
    void (*map)(size_t n, const float *x, float *y);
    void (*map2)(size_t n, const float *y, const float *dy, float *dx);
    float *y, *y2, *y3;
    RowStats *stats;
};

static void do_range(void *context, size_t begin, size_t end) {
    const Call *call = context;
    call->part(call, begin, end - begin);
}

#define PART(entry) static void entry##_part(const Call *c, size_t i, size_t n)

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

static void share_rows_of_product(size_t m, Call *call) {
    share(m, ROW_UNIT, MULTIPLY_NS * (double)call->n * (double)call->k, call);
}

static void share_elements(size_t n, double ns, Call *call) { share(n, KERNEL_LANES, ns, call); }

PART(gemm_nn) { single->gemm_nn(n, c->n, c->k, c->a + i * c->k, c->b, c->bias, c->y + i * c->n, c->add); }

static void shared_gemm_nn(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                           bool add) {
    share_rows_of_product(m, &(Call){gemm_nn_part, .n = n, .k = k, .a = a, .b = b, .bias = bias, .y = c, .add = add});
}

PART(gemm_tn) { single->gemm_tn(n, c->n, c->k, c->a + i, c->step, c->b, c->y + i * c->n, c->add); }

static void shared_gemm_tn(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c,
                           bool add) {
    share_rows_of_product(m, &(Call){gemm_tn_part, .n = n, .k = k, .a = a, .step = a_step, .b = b, .y = c, .add = add});
}

PART(gemm_nt) { single->gemm_nt(n, c->n, c->k, c->a + i * c->k, c->b, c->y + i * c->n, c->add); }

static void shared_gemm_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add) {
    share_rows_of_product(m, &(Call){gemm_nt_part, .n = n, .k = k, .a = a, .b = b, .y = c, .add = add});
}

PART(sum_rows) { single->sum_rows(c->rows, n, c->x + i, c->step, c->y + i); }

static void shared_sum_rows(size_t rows, size_t columns, const float *x, size_t step, float *sum) {
    share_elements(columns, MOVE_NS * (double)rows,
                   &(Call){sum_rows_part, .rows = rows, .x = x, .step = step, .y = sum});
}

PART(sum_tables) {
    single->sum_tables(n, c->n, c->vocab, c->columns, c->ids + i * c->n, c->x, c->bias, c->y + i * c->columns);
}

static void shared_sum_tables(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids,
                              const float *tables, const float *bias, float *y) {
    share(rows, 1, MOVE_NS * (double)n * (double)columns,
          &(Call){sum_tables_part, .n = n, .vocab = vocab, .columns = columns, .ids = ids, .x = tables, .bias = bias,
                  .y = y});
}

PART(add_to_tables) {
    single->add_to_tables(c->rows, c->n, c->vocab, n, c->ids, c->dy + i, c->step, c->y + i, c->table_step);
}

static void shared_add_to_tables(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids,
                                 const float *dy, size_t dy_step, float *tables, size_t table_step) {
    share_elements(columns, MOVE_NS * (double)n * (double)rows,
                   &(Call){add_to_tables_part, .rows = rows, .n = n, .vocab = vocab, .ids = ids, .dy = dy,
                           .step = dy_step, .y = tables, .table_step = table_step});
}

PART(column_moments) { single->column_moments(c->rows, n, c->x + i, c->step, c->y + i, c->y2 + i); }

static void shared_column_moments(size_t rows, size_t columns, const float *x, size_t step, float *mean,
                                  float *square) {
    share_elements(columns, 2 * MOVE_NS * (double)rows,
                   &(Call){column_moments_part, .rows = rows, .x = x, .step = step, .y = mean, .y2 = square});
}

PART(standardize) {
    single->standardize(n, c->columns, c->x + i * c->columns, c->mean, c->scale, c->gain, c->bias,
                        c->y + i * c->columns);
}

static void shared_standardize(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                               const float *gain, const float *bias, float *y) {
    share(rows, 1, MOVE_NS * (double)columns,
          &(Call){standardize_part, .columns = columns, .x = x, .mean = mean, .scale = scale, .gain = gain,
                  .bias = bias, .y = y});
}

PART(standardize_sums) {
    single->standardize_sums(c->rows, n, c->x + i, c->mean + i, c->scale + i, c->dy + i, c->step, c->y + i, c->y2 + i);
}

static void shared_standardize_sums(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                    const float *dy, size_t step, float *sum, float *product) {
    share_elements(columns, 2 * MOVE_NS * (double)rows,
                   &(Call){standardize_sums_part, .rows = rows, .x = x, .mean = mean, .scale = scale, .dy = dy,
                           .step = step, .y = sum, .y2 = product});
}

PART(standardize_backward) {
    size_t at = i * c->columns;
    single->standardize_backward(n, c->columns, c->x + at, c->mean, c->scale, c->dy + at, c->factor, c->shift, c->slope,
                                 c->y + at);
}

static void shared_standardize_backward(size_t rows, size_t columns, const float *x, const float *mean,
                                        const float *scale, const float *dy, const float *factor, const float *shift,
                                        const float *slope, float *dx) {
    share(rows, 1, MOVE_NS * (double)columns,
          &(Call){standardize_backward_part, .columns = columns, .x = x, .mean = mean, .scale = scale, .dy = dy,
                  .factor = factor, .shift = shift, .slope = slope, .y = dx});
}

PART(axpy) { single->axpy(n, c->factor_a, c->x + i, c->y + i); }

static void shared_axpy(size_t n, float a, const float *x, float *y) {
    share_elements(n, MOVE_NS, &(Call){axpy_part, .factor_a = a, .x = x, .y = y});
}

PART(momentum) { single->momentum(n, c->update, c->x + i, c->y + i, c->y2 + i); }

static void shared_momentum(size_t n, const MomentumUpdate *u, const float *dw, float *v, float *w) {
    share_elements(n, 2 * MOVE_NS, &(Call){momentum_part, .update = u, .x = dw, .y = v, .y2 = w});
}

PART(adamw) { single->adamw(n, c->update, c->x + i, c->y + i, c->y2 + i, c->y3 + i); }

static void shared_adamw(size_t n, const AdamwUpdate *u, const float *dw, float *m, float *v, float *w) {
    share_elements(n, FUNCTION_NS, &(Call){adamw_part, .update = u, .x = dw, .y = m, .y2 = v, .y3 = w});
}

PART(map) { c->map(n, c->x + i, c->y + i); }

static void shared_tanh(size_t n, const float *x, float *y) {
    share_elements(n, FUNCTION_NS, &(Call){map_part, .map = single->tanh, .x = x, .y = y});
}

static void shared_relu(size_t n, const float *x, float *y) {
    share_elements(n, MOVE_NS, &(Call){map_part, .map = single->relu, .x = x, .y = y});
}

PART(map2) { c->map2(n, c->x + i, c->dy + i, c->y + i); }

static void shared_tanh_backward(size_t n, const float *y, const float *dy, float *dx) {
    share_elements(n, MOVE_NS, &(Call){map2_part, .map2 = single->tanh_backward, .x = y, .dy = dy, .y = dx});
}

static void shared_relu_backward(size_t n, const float *y, const float *dy, float *dx) {
    share_elements(n, MOVE_NS, &(Call){map2_part, .map2 = single->relu_backward, .x = y, .dy = dy, .y = dx});
}

PART(softmax_rows) {
    float *p = c->y ? c->y + i * c->columns : NULL;
    single->softmax_rows(n, c->columns, c->x + i * c->columns, c->scale + i, p, c->stats + i);
}

static void shared_softmax_rows(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats) {
    share(rows, KERNEL_LANES, FUNCTION_NS * (double)(n + KERNEL_LANES),
          &(Call){softmax_rows_part, .columns = n, .x = z, .scale = scales, .y = p, .stats = stats});
}

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
    SHARE(column_moments), SHARE(standardize), SHARE(standardize_sums), SHARE(standardize_backward), SHARE(axpy);
    SHARE(momentum), SHARE(adamw), SHARE(tanh), SHARE(relu), SHARE(tanh_backward), SHARE(relu_backward);
    SHARE(softmax_rows);
    kernels = n_threads > 1 ? &threaded : single;
}
