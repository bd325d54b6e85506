// Calls of every entry of the kernel table, on arrays that each end at a page that faults when touched.
#pragma once

#include "testing.h"

#include "base/rng.h"
#include "kernels/kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TABLES = 3, VOCAB = 5, MOST_FLOATS = 1 << 20 };

typedef enum ArrayName { A, B, C, X, Y, Z, T, V0, V1, V2, V3, V4, V5, SCALES, STATS, SUM, N_ARRAYS } ArrayName;

// The arrays of a call with m rows, n columns and depth k.
typedef struct CallArrays {
    size_t m, n, k, length[N_ARRAYS];
    char *end[N_ARRAYS + 1]; // of the memory for each, and for ids
    float *at[N_ARRAYS];
    uint16_t *ids; // (m, TABLES)
} CallArrays;

// Returns the end of memory for MOST_FLOATS floats. Mapped, so that a leak checker does not read the page behind it.
static inline char *map_guarded(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), usable = MOST_FLOATS * sizeof(float);
    char *memory = mmap(NULL, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
    ck_assert_int_eq(mprotect(memory + usable, page, PROT_NONE), 0);
    return memory + usable;
}

static inline void set_shape(CallArrays *s, size_t m, size_t n, size_t k) {
    const size_t length[N_ARRAYS] = {(m + 1) * k, k * n, m * n, m * n, m * n, m * n, TABLES * VOCAB * n, n, n, n,
                                     n,           n,     n,     m,     3 * m, 2};
    s->m = m, s->n = n, s->k = k;
    for (size_t i = 0; i <= N_ARRAYS; i++)
        if (!s->end[i]) s->end[i] = map_guarded();
    for (size_t i = 0; i < N_ARRAYS; i++) {
        ck_assert_uint_le(length[i], MOST_FLOATS);
        s->length[i] = length[i];
        s->at[i] = (float *)(void *)s->end[i] - length[i];
    }
    s->ids = (uint16_t *)(void *)s->end[N_ARRAYS] - m * TABLES;
}

static inline void fill_arrays(CallArrays *s, Rng *rng) {
    for (size_t i = 0; i < N_ARRAYS; i++)
        for (size_t j = 0; j < s->length[i]; j++) s->at[i][j] = rng_float(rng) * 4 - 2;
    for (size_t j = 0; j < s->m * TABLES; j++) s->ids[j] = (uint16_t)rng_below(rng, VOCAB);
    if (s->n > 3) s->at[X][3] = -INFINITY; // for softmax
}

static inline void copy_arrays(CallArrays *to, const CallArrays *from) {
    set_shape(to, from->m, from->n, from->k);
    for (size_t i = 0; i < N_ARRAYS; i++) memcpy(to->at[i], from->at[i], from->length[i] * sizeof(float));
    memcpy(to->ids, from->ids, from->m * TABLES * sizeof *to->ids);
}

enum { FIRST_COLUMN_CALL = 8, FIRST_LONG_CALL = 17, N_CALLS = 54 };

// Makes the i-th call and returns the name of its entry. The calls before FIRST_COLUMN_CALL are matrix products; those
// from FIRST_LONG_CALL on leave A and B alone.
static inline const char *make_call(size_t i, const Kernels *t, const CallArrays *s) {
    const size_t m = s->m, n = s->n, k = s->k, all = m * n;
    float *a = s->at[A], *b = s->at[B], *c = s->at[C], *x = s->at[X], *y = s->at[Y], *z = s->at[Z], *v0 = s->at[V0];
    float *v1 = s->at[V1], *v2 = s->at[V2], *v3 = s->at[V3], *v4 = s->at[V4], *v5 = s->at[V5];
    RowStats *stats = (RowStats *)(void *)s->at[STATS];
    RowNorm *norms = (RowNorm *)(void *)s->at[STATS];
    double sum = 0;
    switch (i) {
    case 0: t->gemm_nn(m, n, k, a, b, NULL, c, false); return "gemm_nn";
    case 1: t->gemm_nn(m, n, k, a, b, NULL, c, true); return "gemm_nn, adding";
    case 2: t->gemm_nn(m, n, k, a, b, v0, c, true); return "gemm_nn, adding, with a bias";
    case 3: t->gemm_tn(m, n, k, a, m, b, c, false); return "gemm_tn";
    case 4: t->gemm_tn(m, n, k, a, m, b, c, true); return "gemm_tn, adding";
    case 5: t->gemm_tn(m, n, k, a + 1, m + 1, b, c, true); return "gemm_tn of columns";
    case 6: t->gemm_nt(m, n, k, a, b, c, false); return "gemm_nt";
    case 7: t->gemm_nt(m, n, k, a, b, c, true); return "gemm_nt, adding";
    case 8: t->sum_tables(m, TABLES, VOCAB, n, s->ids, s->at[T], NULL, c); return "sum_tables";
    case 9: t->sum_tables(m, TABLES, VOCAB, n, s->ids, s->at[T], v0, c); return "sum_tables with a bias";
    case 10: t->add_to_tables(m, TABLES, VOCAB, n, s->ids, y, n, s->at[T], n); return "add_to_tables";
    case 11: t->sum_rows(m, n, y, n, v0); return "sum_rows";
    case 12: t->column_moments(m, n, y, n, v0, v1); return "column_moments";
    case 13: t->standardize(m, n, y, v0, v1, v2, v3, c); return "standardize";
    case 14: t->standardize_sums(m, n, y, v0, v1, z, n, v2, v3); return "standardize_sums";
    case 15: t->standardize_backward(m, n, y, v0, v1, z, v2, v3, v4, c); return "standardize_backward";
    case 16: t->standardize_backward(m, n, y, v0, v1, z, v2, v3, v5, z); return "standardize_backward in place";
    case 17: t->standardize(m, n, y, v0, v1, v2, v3, y); return "standardize in place";
    case 18: t->axpy(all, 0.3f, y, z); return "axpy";
    case 19: t->momentum(all, &(MomentumUpdate){0.1f, 0.7f, 0.9f, false}, y, z, c); return "momentum";
    case 20: t->momentum(all, &(MomentumUpdate){0.1f, 0.7f, 0.9f, true}, y, z, c); return "Nesterov momentum";
    case 21: memset(z, 0, all * sizeof *z); // fall through
    case 22:
        t->adamw(all, &(AdamwUpdate){0.1f, 0.7f, 0.9f, 0.1f, 0.99f, 0.01f, 3, 1e-8f, 0.999f}, y, c, z, x);
        return "adamw";
    case 23: t->exp(all, y, z); return "exp";
    case 24: t->exp(all, y, y); return "exp in place";
    case 25: t->log(all, y, z); return "log";
    case 26: t->tanh(all, y, z); return "tanh";
    case 27: t->tanh(all, y, y); return "tanh in place";
    case 28: t->relu(all, y, y); return "relu in place";
    case 29: t->tanh_backward(all, y, z, c); return "tanh_backward";
    case 30: t->tanh_backward(all, y, z, z); return "tanh_backward in place";
    case 31: t->relu_backward(all, y, z, c); return "relu_backward";
    case 32:
        sum = t->sum_squares(all, y);
        memcpy(s->at[SUM], &sum, sizeof sum);
        return "sum_squares";
    case 33: *stats = t->softmax(n, x, 3, 0.5f, x); return "softmax in place";
    case 34: *stats = t->softmax(n, x, 1, 0.5f, NULL); return "softmax without probabilities";
    case 35: t->softmax_rows(m, n, x, s->at[SCALES], z, stats); return "softmax_rows";
    case 36: t->softmax_rows(m, n, y, s->at[SCALES], NULL, stats); return "softmax_rows without probabilities";
    case 37: t->sigmoid(all, y, y); return "sigmoid in place";
    case 38: t->sigmoid_backward(all, y, z, c); return "sigmoid_backward";
    case 39: t->sigmoid_backward(all, y, z, z); return "sigmoid_backward in place";
    case 40: t->gelu(all, y, z, c); return "gelu";
    case 41: t->gelu_backward(all, y, x, z, c); return "gelu_backward";
    case 42: t->gelu_backward(all, y, x, z, z); return "gelu_backward in place";
    case 43: t->norm_rows(m, n, y, true, 1e-5f, v0, v1, c, norms); return "norm_rows";
    case 44: t->norm_rows(m, n, y, false, 1e-5f, NULL, NULL, c, norms); return "norm_rows, not centered";
    case 45: t->norm_rows_backward(m, n, y, true, norms, v0, z, c); return "norm_rows_backward";
    case 46: t->norm_rows_backward(m, n, y, false, norms, NULL, z, c); return "norm_rows_backward, not centered";
    case 47: t->norm_rows_sums(m, n, y, n, norms, z, v0); return "norm_rows_sums";
    case 48: t->multiply(all, y, z, y); return "multiply in place";
    case 49: t->gru_state(all, x, y, z, c); return "gru_state";
    case 50: t->gru_state_backward(n, v0, v1, v2, v3, v4, v5, v3); return "gru_state_backward in place";
    case 51: t->gru_reset_backward(n, v0, v1, v2, v2, v3); return "gru_reset_backward in place";
    case 52: t->lstm_cell(n, s->at[T], v0, v1); return "lstm_cell";
    default: t->lstm_cell_backward(n, s->at[T], v0, v1, v2, v3, s->at[T] + 4 * n); return "lstm_cell_backward";
    }
}

// Fails unless all arrays are the same to the bit, NaN like NaN.
static inline void expect_same_arrays(const CallArrays *got, const CallArrays *want, const char *entry,
                                      const char *how) {
    for (size_t i = 0; i < N_ARRAYS; i++) {
        if (memcmp(got->at[i], want->at[i], got->length[i] * sizeof(float)) == 0) continue;
        for (size_t j = 0; j < got->length[i]; j++) {
            float x = got->at[i][j], y = want->at[i][j];
            ck_assert_msg(memcmp(&x, &y, sizeof x) == 0 || (isnan(x) && isnan(y)),
                          "%s by %s, (%zu, %zu, %zu): array %zu differs at %zu: %a, not %a", entry, how, got->m, got->n,
                          got->k, i, j, (double)x, (double)y);
        }
    }
}
