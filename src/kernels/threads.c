#include "kernels/threads.h"

#include "kernels/pool.h"

#include <unistd.h>

// Rough costs on one core in nanoseconds, to tell what is worth sharing: a fused multiply-add within a product, an
// element that is copied or added, one that goes through exp or tanh.
static const double MULTIPLY_NS = 0.01, MOVE_NS = 0.05, FUNCTION_NS = 0.3;

// A piece is at least this long, some ten times what it takes to hand it over.
static const double PIECE_NS = 8000;

enum { PIECES_A_THREAD = 2, ROW_UNIT = 8 };

static const Kernels *single = &kernels_scalar; // the table that does the work
static size_t n_threads = 1;

// Shares n items at `ns` each, in whole units, or does them here where they are few.
static void share(size_t n, size_t unit, double ns, PoolWork *work, void *context) {
    double worth = (double)n * ns / PIECE_NS;
    size_t most = n_threads * PIECES_A_THREAD, parts = worth < (double)most ? (size_t)worth : most;
    if (parts < 2 || n <= unit || !pool_is_free())
        work(context, 0, n);
    else
        pool_run(n_threads, n, unit, parts, work, context);
}

typedef struct Product {
    size_t n, k, a_step;
    const float *a, *b, *bias;
    float *c;
    bool add;
} Product;

static void nn_rows(void *context, size_t begin, size_t end) {
    const Product *p = context;
    single->gemm_nn(end - begin, p->n, p->k, p->a + begin * p->k, p->b, p->bias, p->c + begin * p->n, p->add);
}

static void nt_rows(void *context, size_t begin, size_t end) {
    const Product *p = context;
    single->gemm_nt(end - begin, p->n, p->k, p->a + begin * p->k, p->b, p->c + begin * p->n, p->add);
}

static void tn_rows(void *context, size_t begin, size_t end) {
    const Product *p = context;
    single->gemm_tn(end - begin, p->n, p->k, p->a + begin, p->a_step, p->b, p->c + begin * p->n, p->add);
}

static double row_ns(size_t n, size_t k) { return MULTIPLY_NS * (double)n * (double)k; }

static void gemm_nn(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                    bool add) {
    share(m, ROW_UNIT, row_ns(n, k), nn_rows, &(Product){n, k, k, a, b, bias, c, add});
}

static void gemm_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add) {
    share(m, ROW_UNIT, row_ns(n, k), nt_rows, &(Product){n, k, k, a, b, NULL, c, add});
}

static void gemm_tn(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add) {
    share(m, ROW_UNIT, row_ns(n, k), tn_rows, &(Product){n, k, a_step, a, b, NULL, c, add});
}

typedef struct ColumnSums {
    size_t rows, step;
    const float *x, *mean, *scale, *dy;
    float *sum, *product;
} ColumnSums;

static void sum_columns(void *context, size_t begin, size_t end) {
    const ColumnSums *s = context;
    single->sum_rows(s->rows, end - begin, s->x + begin, s->step, s->sum + begin);
}

static void sum_rows(size_t rows, size_t columns, const float *x, size_t step, float *sum) {
    share(columns, KERNEL_LANES, MOVE_NS * (double)rows, sum_columns,
          &(ColumnSums){.rows = rows, .step = step, .x = x, .sum = sum});
}

typedef struct TableRows {
    size_t rows, n, vocab, columns, dy_step, table_step;
    const uint16_t *ids;
    const float *in, *bias;
    float *out;
} TableRows;

static void table_sums(void *context, size_t begin, size_t end) {
    const TableRows *t = context;
    single->sum_tables(end - begin, t->n, t->vocab, t->columns, t->ids + begin * t->n, t->in, t->bias,
                       t->out + begin * t->columns);
}

static void sum_tables(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *tables,
                       const float *bias, float *y) {
    share(rows, 1, MOVE_NS * (double)n * (double)columns, table_sums,
          &(TableRows){.n = n, .vocab = vocab, .columns = columns, .ids = ids, .in = tables, .bias = bias, .out = y});
}

static void table_columns(void *context, size_t begin, size_t end) {
    const TableRows *t = context;
    single->add_to_tables(t->rows, t->n, t->vocab, end - begin, t->ids, t->in + begin, t->dy_step, t->out + begin,
                          t->table_step);
}

static void add_to_tables(size_t rows, size_t n, size_t vocab, size_t columns, const uint16_t *ids, const float *dy,
                          size_t dy_step, float *tables, size_t table_step) {
    TableRows t = {rows, n, vocab, columns, dy_step, table_step, ids, dy, NULL, tables};
    share(columns, KERNEL_LANES, MOVE_NS * (double)n * (double)rows, table_columns, &t);
}

typedef struct Moments {
    size_t rows, step;
    const float *x;
    float *mean, *square;
} Moments;

static void moment_columns(void *context, size_t begin, size_t end) {
    const Moments *s = context;
    single->column_moments(s->rows, end - begin, s->x + begin, s->step, s->mean + begin, s->square + begin);
}

static void column_moments(size_t rows, size_t columns, const float *x, size_t step, float *mean, float *square) {
    share(columns, KERNEL_LANES, 2 * MOVE_NS * (double)rows, moment_columns, &(Moments){rows, step, x, mean, square});
}

typedef struct StandardizedRows {
    size_t columns;
    const float *x, *mean, *scale, *gain, *bias, *dy, *factor, *shift, *slope;
    float *y, *dx;
} StandardizedRows;

static void standardize_piece(void *context, size_t begin, size_t end) {
    const StandardizedRows *s = context;
    single->standardize(end - begin, s->columns, s->x + begin * s->columns, s->mean, s->scale, s->gain, s->bias,
                        s->y + begin * s->columns);
}

static void standardize(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                        const float *gain, const float *bias, float *y) {
    share(rows, 1, MOVE_NS * (double)columns, standardize_piece,
          &(StandardizedRows){
              .columns = columns, .x = x, .mean = mean, .scale = scale, .gain = gain, .bias = bias, .y = y});
}

static void standardized_columns(void *context, size_t begin, size_t end) {
    const ColumnSums *s = context;
    single->standardize_sums(s->rows, end - begin, s->x + begin, s->mean + begin, s->scale + begin, s->dy + begin,
                             s->step, s->sum + begin, s->product + begin);
}

static void standardize_sums(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                             const float *dy, size_t step, float *sum, float *product) {
    share(columns, KERNEL_LANES, 2 * MOVE_NS * (double)rows, standardized_columns,
          &(ColumnSums){rows, step, x, mean, scale, dy, sum, product});
}

static void standardize_back(void *context, size_t begin, size_t end) {
    const StandardizedRows *s = context;
    size_t at = begin * s->columns;
    single->standardize_backward(end - begin, s->columns, s->x + at, s->mean, s->scale, s->dy + at, s->factor, s->shift,
                                 s->slope, s->dx + at);
}

static void standardize_backward(size_t rows, size_t columns, const float *x, const float *mean, const float *scale,
                                 const float *dy, const float *factor, const float *shift, const float *slope,
                                 float *dx) {
    share(rows, 1, MOVE_NS * (double)columns, standardize_back,
          &(StandardizedRows){.columns = columns,
                              .x = x,
                              .mean = mean,
                              .scale = scale,
                              .dy = dy,
                              .factor = factor,
                              .shift = shift,
                              .slope = slope,
                              .dx = dx});
}

// Arrays that an entry takes element by element.
typedef struct Arrays {
    float number;
    const float *x, *dy;
    float *y;
    void (*one)(size_t n, const float *x, float *y);
    void (*two)(size_t n, const float *y, const float *dy, float *dx);
} Arrays;

static void axpy_piece(void *context, size_t begin, size_t end) {
    const Arrays *s = context;
    single->axpy(end - begin, s->number, s->x + begin, s->y + begin);
}

static void axpy(size_t n, float a, const float *x, float *y) {
    share(n, KERNEL_LANES, MOVE_NS, axpy_piece, &(Arrays){.number = a, .x = x, .y = y});
}

static double sum_squares(size_t n, const float *x) { return single->sum_squares(n, x); }

typedef struct Update {
    const MomentumUpdate *momentum;
    const AdamwUpdate *adamw;
    const float *dw;
    float *m, *v, *w;
} Update;

static void momentum_piece(void *context, size_t begin, size_t end) {
    const Update *s = context;
    single->momentum(end - begin, s->momentum, s->dw + begin, s->v + begin, s->w + begin);
}

static void momentum(size_t n, const MomentumUpdate *u, const float *dw, float *v, float *w) {
    share(n, KERNEL_LANES, 2 * MOVE_NS, momentum_piece, &(Update){.momentum = u, .dw = dw, .v = v, .w = w});
}

static void adamw_piece(void *context, size_t begin, size_t end) {
    const Update *s = context;
    single->adamw(end - begin, s->adamw, s->dw + begin, s->m + begin, s->v + begin, s->w + begin);
}

static void adamw(size_t n, const AdamwUpdate *u, const float *dw, float *m, float *v, float *w) {
    share(n, KERNEL_LANES, FUNCTION_NS, adamw_piece, &(Update){.adamw = u, .dw = dw, .m = m, .v = v, .w = w});
}

static void one_piece(void *context, size_t begin, size_t end) {
    const Arrays *s = context;
    s->one(end - begin, s->x + begin, s->y + begin);
}

static void exp_all(size_t n, const float *x, float *y) {
    share(n, KERNEL_LANES, FUNCTION_NS, one_piece, &(Arrays){.x = x, .y = y, .one = single->exp});
}

static void log_all(size_t n, const float *x, float *y) {
    share(n, KERNEL_LANES, FUNCTION_NS, one_piece, &(Arrays){.x = x, .y = y, .one = single->log});
}

static void tanh_all(size_t n, const float *x, float *y) {
    share(n, KERNEL_LANES, FUNCTION_NS, one_piece, &(Arrays){.x = x, .y = y, .one = single->tanh});
}

static void relu(size_t n, const float *x, float *y) {
    share(n, KERNEL_LANES, MOVE_NS, one_piece, &(Arrays){.x = x, .y = y, .one = single->relu});
}

static void two_piece(void *context, size_t begin, size_t end) {
    const Arrays *s = context;
    s->two(end - begin, s->x + begin, s->dy + begin, s->y + begin);
}

static void tanh_backward(size_t n, const float *y, const float *dy, float *dx) {
    share(n, KERNEL_LANES, MOVE_NS, two_piece, &(Arrays){.x = y, .dy = dy, .y = dx, .two = single->tanh_backward});
}

static void relu_backward(size_t n, const float *y, const float *dy, float *dx) {
    share(n, KERNEL_LANES, MOVE_NS, two_piece, &(Arrays){.x = y, .dy = dy, .y = dx, .two = single->relu_backward});
}

static RowStats softmax(size_t n, const float *z, float beta, float scale, float *p) {
    return single->softmax(n, z, beta, scale, p);
}

typedef struct SoftmaxRows {
    size_t n;
    const float *z, *scales;
    float *p;
    RowStats *stats;
} SoftmaxRows;

static void softmax_piece(void *context, size_t begin, size_t end) {
    const SoftmaxRows *s = context;
    single->softmax_rows(end - begin, s->n, s->z + begin * s->n, s->scales + begin, s->p ? s->p + begin * s->n : NULL,
                         s->stats + begin);
}

static void softmax_rows(size_t rows, size_t n, const float *z, const float *scales, float *p, RowStats *stats) {
    share(rows, KERNEL_LANES, FUNCTION_NS * (double)(n + KERNEL_LANES), softmax_piece,
          &(SoftmaxRows){n, z, scales, p, stats});
}

static Kernels threaded = {
    .gemm_nn = gemm_nn,
    .gemm_tn = gemm_tn,
    .gemm_nt = gemm_nt,
    .sum_rows = sum_rows,
    .sum_tables = sum_tables,
    .add_to_tables = add_to_tables,
    .column_moments = column_moments,
    .standardize = standardize,
    .standardize_sums = standardize_sums,
    .standardize_backward = standardize_backward,
    .axpy = axpy,
    .sum_squares = sum_squares,
    .momentum = momentum,
    .adamw = adamw,
    .exp = exp_all,
    .log = log_all,
    .tanh = tanh_all,
    .relu = relu,
    .tanh_backward = tanh_backward,
    .relu_backward = relu_backward,
    .softmax = softmax,
    .softmax_rows = softmax_rows,
};

size_t kernels_processors(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

void kernels_use_threads(size_t n) {
    if (kernels != &threaded) single = kernels;
    pool_stop();
    n_threads = n > 0 ? n : kernels_processors();
    threaded.name = single->name;
    kernels = n_threads > 1 ? &threaded : single;
}
