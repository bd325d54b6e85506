// The kernels keep to their arrays: each lies against a page that faults when it is touched.
#include "testing.h"

#include "kernels/kernels.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { N_ARRAYS = 4, MAX_FLOATS = 40 * 40 };

// Pages that may be used, and one behind them that may not.
typedef struct Guarded {
    char *pages;
    size_t page, usable;
} Guarded;

static Guarded guarded(void) {
    Guarded g = {.page = (size_t)sysconf(_SC_PAGESIZE)};
    void *pages;
    g.usable = (MAX_FLOATS * sizeof(float) / g.page + 1) * g.page;
    ck_assert_int_eq(posix_memalign(&pages, g.page, g.usable + g.page), 0);
    ck_assert_int_eq(mprotect((char *)pages + g.usable, g.page, PROT_NONE), 0);
    g.pages = pages;
    return g;
}

static void release(Guarded *g) {
    ck_assert_int_eq(mprotect(g->pages + g->usable, g->page, PROT_READ | PROT_WRITE), 0);
    free(g->pages);
}

// n ones, the last of them against the forbidden page.
static float *last(const Guarded *g, size_t n) {
    ck_assert_uint_le(n, MAX_FLOATS);
    float *x = (float *)(void *)(g->pages + g->usable) - n;
    for (size_t i = 0; i < n; i++) x[i] = 1;
    return x;
}

static void run_elementwise(const Kernels *table, const Guarded g[N_ARRAYS], size_t n) {
    float *x = last(&g[0], n), *y = last(&g[1], n), *z = last(&g[2], n);
    table->exp(n, x, y);
    table->log(n, x, y);
    table->tanh(n, x, y);
    table->relu(n, x, y);
    table->tanh_backward(n, x, y, z);
    table->relu_backward(n, x, y, z);
    table->axpy(n, 0.5f, x, y);
    table->sum_squares(n, x);
    table->momentum(n, &(MomentumUpdate){0.1f, 1, 0.9f, true}, x, y, z);
    table->adamw(n, &(AdamwUpdate){0.1f, 1, 0.9f, 0.1f, 0.9f, 0.1f, 2, 1e-8f, 1}, x, y, z, last(&g[3], n));
    table->softmax(n, x, 1, 1, y);
    table->softmax(n, x, 1, 1, NULL);
}

static void run_columns(const Kernels *table, const Guarded g[N_ARRAYS], size_t rows, size_t columns) {
    float *x = last(&g[0], rows * columns), *y = last(&g[1], rows * columns);
    float *a = last(&g[2], columns), *b = last(&g[3], columns);
    table->sum_rows(rows, columns, x, columns, a);
    table->column_moments(rows, columns, x, columns, a, b);
    table->standardize(rows, columns, x, a, a, a, a, y);
    table->standardize_sums(rows, columns, x, x, x, y, columns, a, b);
    table->standardize_backward(rows, columns, x, a, a, y, a, a, a, y);
}

static void run_products(const Kernels *table, const Guarded g[N_ARRAYS], size_t m, size_t n, size_t k) {
    float *a = last(&g[0], m * k), *b = last(&g[1], k * n), *c = last(&g[2], m * n), *bias = last(&g[3], n);
    for (int add = 0; add < 2; add++) {
        table->gemm_nn(m, n, k, a, b, bias, c, add);
        table->gemm_tn(m, n, k, a, m, b, c, add);
        table->gemm_nt(m, n, k, a, b, c, add);
    }
}

START_TEST(nothing_behind_an_array_is_read_or_written) {
    static const size_t depths[] = {1, 2, 17, 40};
    Guarded g[N_ARRAYS];
    const Kernels *table;
    for (size_t i = 0; i < N_ARRAYS; i++) g[i] = guarded();
    for (size_t t = 0; (table = kernels_available(t)); t++) {
        for (size_t n = 1; n <= 40; n++) {
            run_elementwise(table, g, n);
            for (size_t m = 1; m <= 40; m += n % 3 + 1) {
                run_columns(table, g, m, n);
                for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) run_products(table, g, m, n, depths[d]);
            }
        }
    }
    for (size_t i = 0; i < N_ARRAYS; i++) release(&g[i]);
}
END_TEST

SUITE(kernel_edges, NEEDS_NOTHING) { ADD(nothing_behind_an_array_is_read_or_written); }
