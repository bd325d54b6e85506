// Attention: every table against the reference, over trees of rows in any order and over rows that come one by one.
#include "testing.h"

#include "base/rng.h"
#include "kernels/kernels.h"
#include "kernels/threads.h"

#include <stdlib.h>
#include <string.h>

typedef enum Tree { CHAIN, DEPTH_FIRST, ANY_ORDER, N_TREES } Tree;

static const struct {
    size_t heads, dim, context, rows;
} SHAPES[] = {
    {1, 1, 1, 3}, {4, 4, 16, 8}, {4, 16, 16, 50}, {3, 5, 9, 40}, {2, 27, 17, 60}, {1, 68, 40, 90}, {2, 6, 1100, 1100},
};

enum { N_SHAPES = COUNT(SHAPES) };

typedef struct Case {
    Attention a;
    size_t rows_floats, y_floats, grad_floats;
    float *grads;
} Case;

static float *some_floats(size_t n, Rng *rng) {
    float *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++) x[i] = rng_float(rng) * 4 - 2;
    return x;
}

// A row's parent is the row before it (a chain), one on the path to that row (depth first), or any.
static void grow(Tree tree, size_t n, size_t context, uint32_t *parents, uint32_t *depths, Rng *rng) {
    for (uint32_t r = 0; r < n; r++) {
        uint32_t parent = r - 1; // UINT32_MAX: none
        for (uint64_t up = tree == DEPTH_FIRST ? rng_below(rng, 3) : 0; up > 0 && parent < r; up--)
            parent = parents[parent];
        if (tree == ANY_ORDER && r > 0) parent = (uint32_t)rng_below(rng, r);
        if (parent < r && depths[parent] + 1 == context) parent = UINT32_MAX;
        parents[r] = parent;
        depths[r] = parent < r ? depths[parent] + 1 : 0;
    }
}

static Case make_case(size_t shape, Tree tree, size_t rows) {
    Rng rng;
    rng_seed(&rng, 3);
    const size_t heads = SHAPES[shape].heads, e = heads * SHAPES[shape].dim;
    Attention a = {.heads = heads, .dim = SHAPES[shape].dim, .n = rows, .grad_step = 3 * e + 1};
    a.positions = whole_vectors(SHAPES[shape].context);
    Case c = {
        .rows_floats = rows * (3 * e + heads * a.positions), .y_floats = rows * e, .grad_floats = rows * a.grad_step};
    uint32_t *parents = malloc(rows * sizeof *parents), *depths = malloc(rows * sizeof *depths);
    ck_assert(parents && depths);
    grow(tree, rows, SHAPES[shape].context, parents, depths, &rng);
    a.parents = parents;
    a.depths = depths;
    a.rows = some_floats(c.rows_floats, &rng);
    a.y = some_floats(c.y_floats, &rng);
    a.dy = some_floats(c.y_floats, &rng);
    c.grads = some_floats(c.grad_floats, &rng);
    a.dq = c.grads, a.dk = a.dq + e, a.dv = a.dk + e;
    a.scratch = some_floats(heads * (a.dim + 1 + KERNEL_HEAD_ROWS) * a.positions, &rng);
    c.a = a;
    return c;
}

static void free_case(const Case *c) {
    free((void *)(size_t)c->a.parents), free((void *)(size_t)c->a.depths), free((void *)(size_t)c->a.dy);
    free(c->a.rows), free(c->a.y), free(c->grads), free(c->a.scratch);
}

static void expect_same(const Case *got, const Case *want) {
    ck_assert_mem_eq(got->a.rows, want->a.rows, want->rows_floats * sizeof(float));
    ck_assert_mem_eq(got->a.y, want->a.y, want->y_floats * sizeof(float));
    ck_assert_mem_eq(got->grads, want->grads, want->grad_floats * sizeof(float));
}

static Case run_case(const Kernels *table, size_t shape, Tree tree, size_t rows) {
    Case c = make_case(shape, tree, rows);
    table->attention(&c.a, 0, c.a.heads);
    table->attention_backward(&c.a, 0, c.a.heads);
    return c;
}

START_TEST(every_table_equals_the_reference) {
    const Kernels *table;
    for (size_t i = 0; i < N_SHAPES * N_TREES; i++) {
        const size_t shape = i / N_TREES, rows = SHAPES[shape].rows;
        Case want = run_case(&kernels_scalar, shape, (Tree)(i % N_TREES), rows);
        for (size_t t = 0; (table = kernels_available(t)); t++) {
            Case got = run_case(table, shape, (Tree)(i % N_TREES), rows);
            expect_same(&got, &want);
            free_case(&got);
        }
        free_case(&want);
    }
}
END_TEST

START_TEST(rows_of_later_passes_have_the_bits_of_one_pass) {
    const Kernels *table;
    for (size_t i = 0; i < N_SHAPES * N_TREES; i++) {
        const size_t shape = i / N_TREES, rows = SHAPES[shape].rows;
        for (size_t t = 0; (table = kernels_available(t)); t++) {
            Case want = make_case(shape, (Tree)(i % N_TREES), rows), got = make_case(shape, (Tree)(i % N_TREES), rows);
            table->attention(&want.a, 0, want.a.heads);
            for (size_t row = 0, n; row < rows; row += n) {
                n = row % 5 == 0 && rows - row > 2 ? 2 : 1;
                Attention part = got.a;
                part.first = row, part.n = n, part.y += row * part.heads * part.dim;
                table->attention(&part, 0, part.heads);
            }
            expect_same(&got, &want);
            free_case(&got), free_case(&want);
        }
    }
}
END_TEST

START_TEST(any_number_of_threads_gives_the_same_bits) {
    const Kernels *before = kernels;
    Case want = run_case(before, 2, DEPTH_FIRST, 2000);
    kernels_use_threads(3);
    Case got = run_case(kernels, 2, DEPTH_FIRST, 2000);
    kernels_use_threads(1);
    kernels = before;
    expect_same(&got, &want);
    free_case(&got), free_case(&want);
}
END_TEST

SUITE(attention, NEEDS_NOTHING) {
    ADD(every_table_equals_the_reference);
    ADD(rows_of_later_passes_have_the_bits_of_one_pass);
    ADD(any_number_of_threads_gives_the_same_bits);
}
