// Matrix products in register tiles: a block of C stays in registers while rows of B times columns of A are added to it
// one by one, so every sum adds in index order (loops after Goto and van de Geijn 2008). B' is transposed one panel at
// a time on the stack; sums continue from panel to panel through C.
#include "kernels/simd.h"
#include "kernels/transpose.h"

#if defined(__AVX512F__)
enum { TILE_ROWS = 8, TILE_VECTORS = 3 }; // 24 sums, 3 of B, 1 of A in 32 registers
#elif defined(__ARM_NEON)
enum { TILE_ROWS = 4, TILE_VECTORS = 1 }; // 16 sums, 4 of B, 4 of A in 32 quarter registers; 6 rows would spill
#else
enum { TILE_ROWS = 4, TILE_VECTORS = 1 }; // 8 sums, 2 of B, 1 of A in 16 half registers
#endif

enum { TILE_BLOCKS = TILE_ROWS }; // blocks of four rows in a tile of four columns

enum { PANEL_DEPTH = 128 }; // a panel of B' is at most 128 by 48 floats, 24 KiB

// The loops over a tile are unrolled for each of its shapes, so that its sums stay in registers. Under a sanitizer they
// are not: it would check every access in every copy and take minutes to compile.
#if defined(NOMEN_SANITIZED)
#define UNROLL
#define FOR_EACH_SHAPE static
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define FOR_EACH_SHAPE INLINE
#else
#define UNROLL _Pragma("GCC unroll 8")
#define FOR_EACH_SHAPE INLINE
#endif

// A or A': A(i, p) = at[i * row + p * step].
typedef struct Operand {
    const float *at;
    size_t row, step;
    bool is_transposed; // row is 1; otherwise step is 1
} Operand;

// C(i, j) = at[i * row + j]. Its sums start from C if `add` is true, else from 0; a bias is added last.
typedef struct Result {
    float *at;
    size_t row;
    bool add;
    const float *bias; // one per column, or NULL
} Result;

// The columns of a strip of C. The compiler knows all but `last` when it unrolls.
typedef struct StripShape {
    size_t vectors;
    bool is_ragged; // the last vector of C has `last` < 16 lanes
    size_t last;
    bool b_is_padded; // B has whole vectors even so
} StripShape;

INLINE V16 load(const float *at, bool whole, size_t lanes) {
    return whole ? v16_load(at) : v16_load_part(at, lanes, 0);
}

// c(i, j) = [c(i, j) +] sum_p a(i, p) b(p, j) [+ bias(j)] for i < rows and the strip's columns j.
FOR_EACH_SHAPE void tile(size_t rows, StripShape s, size_t k, Operand a, const float *b, size_t b_row, Result c) {
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

// Returns how many of n rows the next tile takes, at most `most`. The last two tiles share their rows evenly, because a
// tile of few rows waits for its own sums.
INLINE size_t even_share(size_t n, size_t most) {
    if (n >= 2 * most || n == most) return most;
    return n > most ? n / 2 : n;
}

// The same for four columns and 4 * blocks rows. A vector holds four columns of four rows, because a ragged vector
// would leave twelve lanes unused: quarter q of A's vector is the factor of row q, and each quarter of B's vector is
// the same.
FOR_EACH_SHAPE void tile_of_fours(size_t blocks, size_t k, Operand a, const float *b, size_t b_row, Result c) {
    V16 sum[TILE_BLOCKS];
    UNROLL
    for (size_t i = 0; i < blocks; i++) sum[i] = c.add ? v16_load_quarters(c.at + 4 * i * c.row, c.row) : v16_set1(0);
    size_t p = 0;
    for (; !a.is_transposed && p + 4 <= k; p += 4) {
        V16 bv[4];
        UNROLL
        for (size_t q = 0; q < 4; q++) bv[q] = v16_repeat_four(b + (p + q) * b_row);
        UNROLL
        for (size_t i = 0; i < blocks; i++) {
            V16 av = v16_load_quarters(a.at + 4 * i * a.row + p, a.row);
            UNROLL
            for (size_t q = 0; q < 4; q++) sum[i] = v16_fma(v16_spread(av, q), bv[q], sum[i]);
        }
    }
    for (; p < k; p++) {
        V16 bv = v16_repeat_four(b + p * b_row);
        UNROLL
        for (size_t i = 0; i < blocks; i++) {
            const float *at = a.at + 4 * i * a.row + p * a.step;
            sum[i] = v16_fma(a.is_transposed ? v16_spread_four(at) : v16_spread_column(at, a.row), bv, sum[i]);
        }
    }
    UNROLL
    for (size_t i = 0; i < blocks; i++) {
        if (c.bias) sum[i] = v16_add(sum[i], v16_repeat_four(c.bias));
        v16_store_quarters(c.at + 4 * i * c.row, c.row, sum[i]);
    }
}

// Computes all m rows of a strip.
FOR_EACH_SHAPE void strip(size_t m, StripShape s, size_t k, Operand a, const float *b, size_t b_row, Result c) {
#define TILE(n)                        \
    do {                               \
        tile(n, s, k, a, b, b_row, c); \
        a.at += (n)*a.row;             \
        c.at += (n)*c.row;             \
        m -= (n);                      \
    } while (false)
    while (m > 0) {
        while (even_share(m, TILE_ROWS) == TILE_ROWS) TILE(TILE_ROWS);
        switch (even_share(m, TILE_ROWS)) {
        case 1: TILE(1); break;
        case 2: TILE(2); break;
        case 3: TILE(3); break;
#if defined(__AVX512F__)
        case 4: TILE(4); break;
        case 5: TILE(5); break;
        case 6: TILE(6); break;
        case 7: TILE(7); break;
#endif
        }
    }
#undef TILE
}

// Computes all m rows of a strip of four columns.
FOR_EACH_SHAPE void strip_of_fours(size_t m, size_t k, Operand a, const float *b, size_t b_row, Result c) {
    for (size_t blocks; m >= 4; m -= 4 * blocks, a.at += 4 * blocks * a.row, c.at += 4 * blocks * c.row) {
        blocks = even_share(m / 4, TILE_BLOCKS);
        switch (blocks) {
        case 1: tile_of_fours(1, k, a, b, b_row, c); break;
        case 2: tile_of_fours(2, k, a, b, b_row, c); break;
        case 3: tile_of_fours(3, k, a, b, b_row, c); break;
        case 4: tile_of_fours(4, k, a, b, b_row, c); break;
#if defined(__AVX512F__)
        case 5: tile_of_fours(5, k, a, b, b_row, c); break;
        case 6: tile_of_fours(6, k, a, b, b_row, c); break;
        case 7: tile_of_fours(7, k, a, b, b_row, c); break;
        case 8: tile_of_fours(8, k, a, b, b_row, c); break;
#endif
        }
    }
    for (; m > 0; m--, a.at += a.row, c.at += c.row) tile(1, (StripShape){1, true, 4, false}, k, a, b, b_row, c);
}

// Computes a strip of n <= STRIP_COLUMNS columns with the loops unrolled for its number of vectors.
FOR_EACH_SHAPE void any_strip(size_t m, size_t n, size_t k, Operand a, const float *b, size_t b_row, bool b_is_padded,
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

// Returns the width of the next strip if n columns are left. A last strip of a single vector would wait for its own
// sums, so the strip before it gives it a vector.
static size_t strip_columns(size_t n) {
    if (n <= STRIP_COLUMNS) return n;
    return TILE_VECTORS > 2 && n <= STRIP_COLUMNS + LANES ? STRIP_COLUMNS - LANES : STRIP_COLUMNS;
}

FOR_EACH_SHAPE void multiply(size_t m, size_t n, size_t k, Operand a, const float *b, const float *bias, float *c,
                             bool add) {
    size_t whole = n % LANES == 4 ? n - 4 : n; // 68 and 100 are common
    for (size_t j = 0, columns; j < whole; j += columns) {
        columns = strip_columns(whole - j);
        any_strip(m, columns, k, a, b + j, n, false, (Result){c + j, n, add, bias ? bias + j : NULL});
    }
    if (whole < n) strip_of_fours(m, k, a, b + whole, n, (Result){c + whole, n, add, bias ? bias + whole : NULL});
}

void FOR_ISA(gemm_nn)(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                      bool add) {
    multiply(m, n, k, (Operand){a, k, 1, false}, b, bias, c, add);
}

void FOR_ISA(gemm_tn)(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add) {
    multiply(m, n, k, (Operand){a, 1, a_step, true}, b, NULL, c, add);
}

// panel(p, j) = b(j, p) for 16 columns j of the panel and p < depth, in 4 x 4 blocks. The last column is repeated to
// fill the vector; nothing stores the sums of the copies.
INLINE void transpose_vector(size_t columns, size_t depth, const float *b, size_t b_row, float *panel) {
    const float *row[LANES];
    for (size_t j = 0; j < LANES; j++) row[j] = b + (j < columns ? j : columns - 1) * b_row;
    if (depth < 4) {
        for (size_t p = 0; p < depth; p++)
            for (size_t j = 0; j < LANES; j++) panel[p * STRIP_COLUMNS + j] = row[j][p];
        return;
    }
    for (size_t p = 0; p < depth; p += 4) {
        size_t from = p + 4 <= depth ? p : depth - 4; // the last block may overlap the one before
        V16 block[4];
        UNROLL
        for (size_t j = 0; j < 4; j++)
            block[j] = v16_join_quarters(row[j] + from, row[j + 4] + from, row[j + 8] + from, row[j + 12] + from);
        v16_transpose_quarters(block);
        UNROLL
        for (size_t i = 0; i < 4; i++) v16_store(panel + (from + i) * STRIP_COLUMNS, block[i]);
    }
}

// Transposes `columns` rows of B, p < depth, into STRIP_COLUMNS columns.
static void transpose_panel(size_t columns, size_t depth, const float *b, size_t b_row, float *panel) {
    for (size_t j = 0; j < columns; j += LANES) transpose_vector(columns - j, depth, b + j * b_row, b_row, panel + j);
}

void FOR_ISA(gemm_nt)(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add) {
    float panel[PANEL_DEPTH * STRIP_COLUMNS] __attribute__((aligned(64)));
    for (size_t j = 0, columns; j < n; j += columns) {
        columns = strip_columns(n - j);
        for (size_t p = 0; p == 0 || p < k; p += PANEL_DEPTH) {
            size_t depth = k - p < PANEL_DEPTH ? k - p : PANEL_DEPTH;
            transpose_panel(columns, depth, b + j * k + p, k, panel);
            any_strip(m, columns, depth, (Operand){a + p, k, 1, false}, panel, STRIP_COLUMNS, true,
                      (Result){c + j, n, add || p > 0, NULL});
        }
    }
}
