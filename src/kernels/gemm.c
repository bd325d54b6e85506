// Matrix products in register tiles: a block of C stays in registers while one row of B and one column of A at a time
// are multiplied into it, so every sum adds in the order of its index (Goto and van de Geijn 2008 for the shape of the
// loops). B' is turned a panel at a time on the stack; the sums go on from one panel to the next through C.
#include "kernels/isa.h"
#include "kernels/transpose.h"

#if defined(__AVX512F__)
enum { TILE_ROWS = 8, TILE_VECTORS = 3 }; // 24 sums, 3 of B, 1 of A in 32 registers
#elif defined(__ARM_NEON)
enum { TILE_ROWS = 4, TILE_VECTORS = 1 }; // 16 sums, 4 of B, 4 of A in 32 quarter registers; 6 rows would spill
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 1 }; // 8 sums, 2 of B, 1 of A in 16 half registers
#endif

enum { PANEL_DEPTH = 128 }; // a panel of B' is at most 128 by 48 floats, 24 KiB

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

// A(i, p) stands at a[i * row + p * step]: one kernel serves A and A'.
typedef struct Operand {
    const float *at;
    size_t row, step;
} Operand;

// C(i, j) stands at at[i * row + j]; its sums begin from what is there or from 0, and a bias ends them.
typedef struct Result {
    float *at;
    size_t row;
    bool add;
    const float *bias; // one for each column, or NULL
} Result;

// What a strip of C is made of, all known where the loops are inlined but the number of lanes in a ragged last vector.
typedef struct StripShape {
    size_t vectors;
    bool is_ragged; // the last vector of C has fewer than 16 lanes,
    size_t last;    // namely these
    bool b_is_padded;
} StripShape;

INLINE V16 load(const float *at, bool whole, size_t lanes) {
    return whole ? v16_load(at) : v16_load_part(at, lanes, 0);
}

// c(i, j) = [c(i, j) +] sum_p a(i, p) b(p, j) [+ bias(j)] for i < rows and the strip's columns j.
INLINE void tile(size_t rows, StripShape s, size_t k, Operand a, const float *b, size_t b_row, Result c) {
    V16 sum[TILE_ROWS][TILE_VECTORS], bv[TILE_VECTORS];
    UNROLL
    for (size_t i = 0; i < rows; i++) {
        UNROLL
        for (size_t j = 0; j < s.vectors; j++) {
            bool whole = j + 1 < s.vectors || !s.is_ragged;
            sum[i][j] = c.add ? load(c.at + i * c.row + j * LANES, whole, s.last) : v16_set1(0);
        }
    }
    for (size_t p = 0; p < k; p++) {
        UNROLL
        for (size_t j = 0; j < s.vectors; j++) {
            bool whole = j + 1 < s.vectors || !s.is_ragged || s.b_is_padded;
            bv[j] = load(b + p * b_row + j * LANES, whole, s.last);
        }
        UNROLL
        for (size_t i = 0; i < rows; i++) {
            V16 av = v16_set1(a.at[i * a.row + p * a.step]);
            UNROLL
            for (size_t j = 0; j < s.vectors; j++) sum[i][j] = v16_fma(av, bv[j], sum[i][j]);
        }
    }
    UNROLL
    for (size_t i = 0; i < rows; i++) {
        UNROLL
        for (size_t j = 0; j < s.vectors; j++) {
            bool whole = j + 1 < s.vectors || !s.is_ragged;
            float *at = c.at + i * c.row + j * LANES;
            if (c.bias) sum[i][j] = v16_add(sum[i][j], load(c.bias + j * LANES, whole, s.last));
            if (whole)
                v16_store(at, sum[i][j]);
            else
                v16_store_part(at, sum[i][j], s.last);
        }
    }
}

// All m rows of C for one strip.
INLINE void strip(size_t m, StripShape s, size_t k, Operand a, const float *b, size_t b_row, Result c) {
#define TILE(rows)                        \
    do {                                  \
        tile(rows, s, k, a, b, b_row, c); \
        a.at += (rows)*a.row;             \
        c.at += (rows)*c.row;             \
        m -= (rows);                      \
    } while (false)
    while (m >= TILE_ROWS) TILE(TILE_ROWS);
    if (TILE_ROWS > 4 && m >= 4) TILE(4);
    while (m >= 2) TILE(2);
    if (m == 1) TILE(1);
#undef TILE
}

// The strip of n <= STRIP_COLUMNS columns, by a copy of the loops made for its number of vectors.
INLINE void any_strip(size_t m, size_t n, size_t k, Operand a, const float *b, size_t b_row, bool b_is_padded,
                      Result c) {
    size_t vectors = (n + LANES - 1) / LANES, last = n - (vectors - 1) * LANES;
#define STRIP(v)                                                                 \
    if (vectors == (v) && last == LANES)                                         \
        strip(m, (StripShape){v, false, LANES, b_is_padded}, k, a, b, b_row, c); \
    else if (vectors == (v))                                                     \
        strip(m, (StripShape){v, true, last, b_is_padded}, k, a, b, b_row, c);
    STRIP(1)
#if defined(__AVX512F__)
    STRIP(2)
    STRIP(3)
#endif
#undef STRIP
}

enum { STRIP_COLUMNS = TILE_VECTORS * LANES };

// The columns of the next strip where n are left: a last strip of a single vector would wait for its own sums, so what
// is left is shared out more evenly before it comes to that.
static size_t strip_columns(size_t n) {
    if (n <= STRIP_COLUMNS) return n;
    return TILE_VECTORS > 2 && n <= STRIP_COLUMNS + LANES ? STRIP_COLUMNS - LANES : STRIP_COLUMNS;
}

INLINE void multiply(size_t m, size_t n, size_t k, Operand a, const float *b, const float *bias, float *c, bool add) {
    for (size_t j = 0, columns; j < n; j += columns) {
        columns = strip_columns(n - j);
        any_strip(m, columns, k, a, b + j, n, false, (Result){c + j, n, add, bias ? bias + j : NULL});
    }
}

void FOR_ISA(gemm_nn)(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                      bool add) {
    multiply(m, n, k, (Operand){a, k, 1}, b, bias, c, add);
}

void FOR_ISA(gemm_tn)(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add) {
    multiply(m, n, k, (Operand){a, 1, a_step}, b, NULL, c, add);
}

// panel(p, j) = b(j, p) for 16 columns j of the panel, those from `columns` on filled with 0, and p < depth.
INLINE void turn_vector(size_t columns, size_t depth, const float *b, size_t b_row, float *panel) {
    for (size_t p = 0; p < depth; p += LANES) {
        V16 block[LANES];
        size_t n = depth - p;
        UNROLL
        for (size_t j = 0; j < LANES; j++) block[j] = j < columns ? v16_load_n(b + j * b_row + p, n, 0) : v16_set1(0);
        v16_transpose(block);
        for (size_t i = 0; i < LANES && i < n; i++) v16_store(panel + (p + i) * STRIP_COLUMNS, block[i]);
    }
}

// `columns` rows of B from p = 0 to depth - 1, as STRIP_COLUMNS columns.
static void turn(size_t columns, size_t depth, const float *b, size_t b_row, float *panel) {
    for (size_t j = 0; j < columns; j += LANES)
        turn_vector(columns - j < LANES ? columns - j : LANES, depth, b + j * b_row, b_row, panel + j);
}

void FOR_ISA(gemm_nt)(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add) {
    float panel[PANEL_DEPTH * STRIP_COLUMNS] __attribute__((aligned(64)));
    for (size_t j = 0, columns; j < n; j += columns) {
        columns = strip_columns(n - j);
        for (size_t p = 0; p == 0 || p < k; p += PANEL_DEPTH) {
            size_t depth = k - p < PANEL_DEPTH ? k - p : PANEL_DEPTH;
            turn(columns, depth, b + j * k + p, k, panel);
            any_strip(m, columns, depth, (Operand){a + p, k, 1}, panel, STRIP_COLUMNS, true,
                      (Result){c + j, n, add || p > 0, NULL});
        }
    }
}
