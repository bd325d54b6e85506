// Matrix products in register tiles: a block of C stays in registers while rows of B times columns of A are added to it
// one by one, so every sum adds in index order (loops after Goto and van de Geijn 2008). What does not lie well in
// memory is copied to the stack first: B' always, B if it is large, A' if it is large. Sums continue from copy to copy
// through C.
#include "kernels/simd.h"
#include "kernels/transpose.h"

// TILE_ROWS by TILE_VECTORS: enough sums to keep two units busy, which begin a multiply-add each per cycle and take
// four or five cycles for it, and as many as the registers hold. HALF_ROWS rows if a tile has at most 8 columns.
// TILE_BLOCKS: blocks of four rows in a tile of four columns.
// PANEL_DEPTH: rows of B in a copied strip, which takes 16 or 24 KiB of the first-level cache.
// SLAB_ROWS: rows of A that all strips of B pass before the next rows, so that these stay in the second-level cache.
// LARGE_A, LARGE_B: copying pays from this many floats on (measured at 512 and 1,024 rows and columns).
#if defined(__AVX512F__)
#define TILE_ROWS 8 // 24 sums, 3 of B, 1 of A in 32 registers
enum { TILE_VECTORS = 3, TILE_BLOCKS = 8, PANEL_DEPTH = 128, SLAB_ROWS = 1024, LARGE_A = 1 << 17, LARGE_B = 1 << 20 };
#elif defined(__ARM_NEON) || defined(__wasm_simd128__)
#define TILE_ROWS 4 // 16 sums, 4 of B, 4 of A in 32 quarter registers; 6 rows would spill
enum { TILE_VECTORS = 1, TILE_BLOCKS = 4, PANEL_DEPTH = 256, SLAB_ROWS = 192, LARGE_A = 1 << 16, LARGE_B = 1 << 16 };
#else
#define TILE_ROWS 6  // 12 sums, 2 of B, 1 of A in 16 half registers
#define HALF_ROWS 12 // 12 sums, 1 of B, 1 of A
enum { TILE_VECTORS = 1, TILE_BLOCKS = 4, PANEL_DEPTH = 256, SLAB_ROWS = 192, LARGE_A = 1 << 16, LARGE_B = 1 << 16 };
#endif

#if defined(HALF_ROWS)
enum { HAS_HALVES = true, MOST_ROWS = HALF_ROWS };
#else
enum { HAS_HALVES = false, MOST_ROWS = TILE_ROWS };
#endif

enum {
    STRIP_COLUMNS = TILE_VECTORS * LANES,
    ROW_VECTORS = 4, // of a tile of one row, which would wait for fewer sums
    MOST_VECTORS = TILE_VECTORS > ROW_VECTORS ? TILE_VECTORS : ROW_VECTORS,
    BLOCK_ROWS = 160, // rows and columns of A' that are copied at once: 90 KiB of a thread's stack
    BLOCK_DEPTH = 128,
    BLOCK_STEP = BLOCK_DEPTH + LANES, // not a power of two, or all rows would begin in the same few lines of the cache
    WORTH_COPYING = 64,               // a float that is used this often
    NARROW_DEPTH = 64                 // rows at a time of a large A' with fewer uses; a cache keeps them
};

// The loops over a tile are unrolled for each of its shapes, so that its sums stay in registers. Under a sanitizer they
// are not: it would check every access in every copy and take minutes to compile.
#if defined(NOMEN_SANITIZED)
#define UNROLL
#define FOR_EACH_SHAPE static
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define FOR_EACH_SHAPE INLINE
#else
#define UNROLL _Pragma("GCC unroll 16")
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
    bool is_half;     // last <= 8, and nothing is computed for the other lanes
} StripShape;

INLINE V16 load(const float *at, bool whole, StripShape s) {
    if (whole) return v16_load(at);
#if defined(HALF_ROWS)
    if (!s.is_half) return v16_load_most(at, s.last);
#endif
    return v16_load_part(at, s.last, 0);
}

INLINE void store(float *at, V16 a, bool whole, StripShape s) {
    if (whole) v16_store(at, a);
#if defined(HALF_ROWS)
    else if (s.is_half)
        v16_store_half(at, a, s.last);
#endif
    else
        v16_store_part(at, a, s.last);
}

// c(i, j) = [c(i, j) +] sum_p a(i, p) b(p, j) [+ bias(j)] for i < rows and the strip's columns j.
FOR_EACH_SHAPE void tile(size_t rows, StripShape s, size_t k, Operand a, const float *b, size_t b_row, Result c) {
    V16 sum[MOST_ROWS][MOST_VECTORS], bv[MOST_VECTORS];
    UNROLL
    for (size_t i = 0; i < rows; i++) {
        UNROLL
        for (size_t j = 0; j < s.vectors; j++) {
            bool whole = j + 1 < s.vectors || !s.is_ragged;
            sum[i][j] = c.add ? load(c.at + i * c.row + j * LANES, whole, s) : v16_set1(0);
        }
    }
    for (size_t p = 0; p < k; p++) {
        UNROLL
        for (size_t j = 0; j < s.vectors; j++) {
            bool whole = j + 1 < s.vectors || !s.is_ragged || s.b_is_padded;
            bv[j] = load(b + p * b_row + j * LANES, whole, s);
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
            if (c.bias) sum[i][j] = v16_add(sum[i][j], load(c.bias + j * LANES, whole, s));
            store(at, sum[i][j], whole, s);
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
    while (s.is_half && m >= MOST_ROWS) TILE(MOST_ROWS);
    while (m > 0) {
        while (even_share(m, TILE_ROWS) == TILE_ROWS) TILE(TILE_ROWS);
        switch (even_share(m, TILE_ROWS)) {
        case 1: TILE(1); break;
        case 2: TILE(2); break;
        case 3: TILE(3); break;
#if TILE_ROWS > 4
        case 4: TILE(4); break;
        case 5: TILE(5); break;
#endif
#if TILE_ROWS > 6
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
    for (; m > 0; m--, a.at += a.row, c.at += c.row)
        tile(1, (StripShape){1, true, 4, false, HAS_HALVES}, k, a, b, b_row, c);
}

// Computes a strip of n <= STRIP_COLUMNS columns with the loops unrolled for its number of vectors.
FOR_EACH_SHAPE void any_strip(size_t m, size_t n, size_t k, Operand a, const float *b, size_t b_row, bool b_is_padded,
                              Result c) {
    size_t vectors = (n + LANES - 1) / LANES, last = n - (vectors - 1) * LANES;
    if (HAS_HALVES && last <= LANES / 2) {
        strip(m, (StripShape){1, true, last, b_is_padded, true}, k, a, b, b_row, c);
        return;
    }
#define STRIP(v)                                                                        \
    if (vectors == (v) && last == LANES)                                                \
        strip(m, (StripShape){v, false, LANES, b_is_padded, false}, k, a, b, b_row, c); \
    else if (vectors == (v))                                                            \
        strip(m, (StripShape){v, true, last, b_is_padded, false}, k, a, b, b_row, c);
    STRIP(1)
#if defined(__AVX512F__)
    STRIP(2)
    STRIP(3)
#endif
#undef STRIP
}

// Returns the width of the next strip if n columns are left. A last strip of a single vector would wait for its own
// sums, so the strip before it gives it a vector.
static size_t strip_columns(size_t n) {
    if (n <= STRIP_COLUMNS) return n;
    return TILE_VECTORS > 2 && n <= STRIP_COLUMNS + LANES ? STRIP_COLUMNS - LANES : STRIP_COLUMNS;
}

// Functions with large arrays stay out of those without: a large frame costs small products some nanoseconds.
#define NOT_INLINE static __attribute__((noinline))

// For operands as they lie in memory.
FOR_EACH_SHAPE void multiply(size_t m, size_t n, size_t k, Operand a, const float *b, const float *bias, float *c,
                             bool add) {
    size_t whole = n % LANES == 4 ? n - 4 : n; // 68 and 100 are common
    size_t j = 0;
    for (; m == 1 && j + ROW_VECTORS * LANES <= whole; j += ROW_VECTORS * LANES)
        tile(1, (StripShape){ROW_VECTORS, false, LANES, false, false}, k, a, b + j, n,
             (Result){c + j, n, add, bias ? bias + j : NULL});
    for (size_t columns; j < whole; j += columns) {
        columns = strip_columns(whole - j);
        any_strip(m, columns, k, a, b + j, n, false, (Result){c + j, n, add, bias ? bias + j : NULL});
    }
    if (whole < n) strip_of_fours(m, k, a, b + whole, n, (Result){c + whole, n, add, bias ? bias + whole : NULL});
}

// to(i, j) = from(j, i) for i < rows and 16 columns j, in 4 x 4 blocks. If there are fewer columns, the last is
// repeated to fill the vector.
INLINE void transpose_vector(size_t rows, size_t columns, const float *from, size_t from_row, float *to,
                             size_t to_row) {
    const float *at[LANES];
    for (size_t j = 0; j < LANES; j++) at[j] = from + (j < columns ? j : columns - 1) * from_row;
    if (rows < 4) {
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < LANES; j++) to[i * to_row + j] = at[j][i];
        return;
    }
    for (size_t next = 0; next < rows; next += 4) {
        size_t i = next + 4 <= rows ? next : rows - 4; // the last block may overlap the one before
        V16 block[4];
        UNROLL
        for (size_t j = 0; j < 4; j++)
            block[j] = v16_join_quarters(at[j] + i, at[j + 4] + i, at[j + 8] + i, at[j + 12] + i);
        v16_transpose_quarters(block);
        UNROLL
        for (size_t j = 0; j < 4; j++) v16_store(to + (i + j) * to_row, block[j]);
    }
}

// to(i, j) = from(j, i), where a row of `to` is filled up to whole vectors.
static void copy_transposed(size_t rows, size_t columns, const float *from, size_t from_row, float *to, size_t to_row) {
    for (size_t j = 0; j < columns; j += LANES)
        transpose_vector(rows, columns - j, from + j * from_row, from_row, to + j, to_row);
}

// to(i, j) = from(i, j), likewise.
static void copy(size_t rows, size_t columns, const float *from, size_t from_row, float *to, size_t to_row) {
    for (size_t j = 0; j < columns; j += LANES)
        for (size_t i = 0; i < rows; i++)
            v16_store(to + i * to_row + j, v16_load_n(from + i * from_row + j, columns - j, 0));
}

// B or B': B(p, j) = at[p * row + j], or at[j * row + p] if it is transposed.
typedef struct Source {
    const float *at;
    size_t row;
    bool is_transposed;
} Source;

static void panel_strip(size_t m, size_t n, size_t k, const float *a, size_t a_row, const float *panel, Result c) {
    any_strip(m, n, k, (Operand){a, a_row, 1, false}, panel, STRIP_COLUMNS, true, c);
}

// Copies B strip by strip, PANEL_DEPTH rows at a time.
NOT_INLINE void multiply_panels(size_t m, size_t n, size_t k, const float *a, size_t a_row, Source b, const float *bias,
                                float *c, bool add) {
    float panel[PANEL_DEPTH * STRIP_COLUMNS] __attribute__((aligned(64)));
    for (size_t i = 0, rows; i < m; i += rows) {
        rows = even_share(m - i, SLAB_ROWS);
        for (size_t j = 0, columns; j < n; j += columns) {
            columns = strip_columns(n - j);
            for (size_t p = 0; p == 0 || p < k; p += PANEL_DEPTH) {
                size_t depth = k - p < PANEL_DEPTH ? k - p : PANEL_DEPTH;
                const float *last_bias = p + depth == k ? bias : NULL;
                if (b.is_transposed)
                    copy_transposed(depth, columns, b.at + j * b.row + p, b.row, panel, STRIP_COLUMNS);
                else
                    copy(depth, columns, b.at + p * b.row + j, b.row, panel, STRIP_COLUMNS);
                panel_strip(rows, columns, depth, a + i * a_row + p, a_row, panel,
                            (Result){c + i * n + j, n, add || p > 0, last_bias ? last_bias + j : NULL});
            }
        }
    }
}

// Copies A' block by block into rows.
NOT_INLINE void multiply_blocks(size_t m, size_t n, size_t k, const float *a, size_t a_row, const float *b, float *c,
                                bool add) {
    float block[BLOCK_ROWS * BLOCK_STEP] __attribute__((aligned(64)));
    for (size_t p = 0; p < k; p += BLOCK_DEPTH) {
        size_t depth = k - p < BLOCK_DEPTH ? k - p : BLOCK_DEPTH;
        for (size_t i = 0, rows; i < m; i += rows) {
            rows = even_share(m - i, BLOCK_ROWS);
            copy_transposed(rows, depth, a + p * a_row + i, a_row, block, BLOCK_STEP);
            multiply_panels(rows, n, depth, block, BLOCK_STEP, (Source){b + p * n, n, false}, NULL, c + i * n,
                            add || p > 0);
        }
    }
}

void FOR_ISA(gemm_nn)(size_t m, size_t n, size_t k, const float *a, const float *b, const float *bias, float *c,
                      bool add) {
    if (m >= WORTH_COPYING && n * k >= LARGE_B)
        multiply_panels(m, n, k, a, k, (Source){b, n, false}, bias, c, add);
    else
        multiply(m, n, k, (Operand){a, k, 1, false}, b, bias, c, add);
}

void FOR_ISA(gemm_tn)(size_t m, size_t n, size_t k, const float *a, size_t a_step, const float *b, float *c, bool add) {
    const bool is_large = m * k >= LARGE_A;
    if (is_large && n >= WORTH_COPYING) {
        multiply_blocks(m, n, k, a, a_step, b, c, add);
        return;
    }
    const size_t depth = is_large ? NARROW_DEPTH : k;
    for (size_t p = 0; p == 0 || p < k; p += depth)
        multiply(m, n, k - p < depth ? k - p : depth, (Operand){a + p * a_step, 1, a_step, true}, b + p * n, NULL, c,
                 add || p > 0);
}

void FOR_ISA(gemm_nt)(size_t m, size_t n, size_t k, const float *a, const float *b, float *c, bool add) {
    multiply_panels(m, n, k, a, k, (Source){b, k, true}, NULL, c, add);
}
