// Every table against the reference, to the bit and within its arrays; the reference against the C library in double.
#include "kernels/fused.h"
#include "unit/kernel_calls.h"

// Around the sizes of vectors and tiles.
static const size_t SIZES[] = {1, 2, 3, 8, 15, 16, 17, 20, 27, 30, 33, 47, 48, 49, 68, 200, 257};

enum { N_SIZES = COUNT(SIZES) };

static CallArrays original, want, got;

static void compare_calls(size_t first, size_t end, size_t m, size_t n, size_t k, Rng *rng) {
    const Kernels *table;
    set_shape(&original, m, n, k);
    fill_arrays(&original, rng);
    for (size_t i = first; i < end; i++) {
        copy_arrays(&want, &original);
        const char *entry = make_call(i, &kernels_scalar, &want);
        for (size_t t = 0; (table = kernels_available(t)); t++) {
            copy_arrays(&got, &original);
            make_call(i, table, &got);
            expect_same_arrays(&got, &want, entry, table->name);
        }
    }
}

START_TEST(every_entry_equals_the_reference_and_stays_within_its_arrays) {
    Rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < N_SIZES * N_SIZES; i++)
        compare_calls(0, N_CALLS, SIZES[i / N_SIZES], SIZES[i % N_SIZES], SIZES[rng_below(&rng, N_SIZES)], &rng);
}
END_TEST

// Products large enough that a table may copy its operands or take them in parts, beside the same rows ten at a time.
START_TEST(a_large_product_equals_products_of_few_rows) {
    enum { FEW = 70, MANY = 1030, DEEP = 2050, PIECE = 10, B_AT = FEW * DEEP, BIAS_AT = B_AT + MANY * DEEP };
    enum { C_AT = BIAS_AT + MANY, D_AT = C_AT + FEW * MANY, FLOATS = D_AT + FEW * MANY };
    float *x = malloc(FLOATS * sizeof *x), *a = x, *b = x + B_AT, *bias = x + BIAS_AT, *c = x + C_AT, *d = x + D_AT;
    const Kernels *table;
    Rng rng;
    rng_seed(&rng, 3);
    for (size_t i = 0; i < FLOATS; i++) x[i] = rng_float(&rng) * 4 - 2;
    for (size_t t = 0; (table = kernels_available(t)); t++) {
        memcpy(d, c, FEW * MANY * sizeof *c);
        table->gemm_nn(FEW, MANY, DEEP, a, b, bias, c, true);
        for (size_t i = 0; i < FEW; i += PIECE)
            table->gemm_nn(PIECE, MANY, DEEP, a + i * DEEP, b, bias, d + i * MANY, true);
        ck_assert_mem_eq(c, d, FEW * MANY * sizeof *c);
        table->gemm_tn(MANY, FEW, DEEP, b, MANY, a, c, true);
        for (size_t i = 0; i < MANY; i += PIECE) table->gemm_tn(PIECE, FEW, DEEP, b + i, MANY, a, d + i * FEW, true);
        ck_assert_mem_eq(c, d, FEW * MANY * sizeof *c);
        table->gemm_tn(MANY, PIECE, DEEP, b, MANY, a, c, true);
        for (size_t i = 0; i < MANY; i += PIECE)
            table->gemm_tn(PIECE, PIECE, DEEP, b + i, MANY, a, d + i * PIECE, true);
        ck_assert_mem_eq(c, d, FEW * MANY * sizeof *c);
        table->gemm_nt(MANY, FEW, DEEP, b, a, c, false);
        for (size_t i = 0; i < MANY; i += PIECE) table->gemm_nt(PIECE, FEW, DEEP, b + i * DEEP, a, d + i * FEW, false);
        ck_assert_mem_eq(c, d, FEW * MANY * sizeof *c);
    }
    free(x);
}
END_TEST

static float random_bits(Rng *rng) {
    uint32_t bits = rng_u32(rng);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void expect_fused(float a, float b, float c) {
    float sum = fused(a, b, c), right = fmaf(a, b, c);
    if (memcmp(&sum, &right, sizeof sum) != 0 && !(isnan(sum) && isnan(right)))
        ck_abort_msg("fused(%a, %a, %a) is %a, not %a", (double)a, (double)b, (double)c, (double)sum, (double)right);
}

// c of any size, and a product that lies a little below half the distance of c from the next float: the sum in double
// is often the middle itself. (1 + d) (1 - d) = 1 - d^2.
START_TEST(fused_rounds_once) {
    Rng rng;
    rng_seed(&rng, 4);
    for (size_t i = 0; i < 1000000; i++) {
        float a = random_bits(&rng), b = random_bits(&rng), c = random_bits(&rng), d = (float)rng_below(&rng, 400);
        expect_fused(a, b, c);
        expect_fused(a, b, -(a * b));
        if (!isfinite(c)) continue;
        int exponent, half;
        frexpf(c, &exponent);
        half = (exponent < -125 ? -125 : exponent) - FLT_MANT_DIG - 1;
        a = ldexpf(1 + d * FLT_EPSILON, half / 2);
        b = ldexpf(1 - d * FLT_EPSILON, half - half / 2);
        expect_fused(a, b, c);
        expect_fused(a, -b, c);
    }
}
END_TEST

START_TEST(sums_that_fold_into_a_double_equal_the_reference) {
    static const size_t rows[] = {63, 64, 65, 128, 3000}, columns[] = {1023, 1024, 1025, 2048, 5000, 50257};
    Rng rng;
    rng_seed(&rng, 2);
    for (size_t i = 0; i < 5; i++) compare_calls(FIRST_COLUMN_CALL, FIRST_LONG_CALL, rows[i], 17, 1, &rng);
    for (size_t i = 0; i < 6; i++) compare_calls(FIRST_LONG_CALL, N_CALLS, 2, columns[i], 1, &rng);
}
END_TEST

// In column 1 the values lie close together and far from 0, where a plain float sum loses the mean. In column 2 few
// values repeat, as in a full batch, where every addition rounds the same way.
START_TEST(reference_moments_equal_those_in_double) {
    enum { ROWS = 5000, COLUMNS = 3 };
    static float x[ROWS * COLUMNS];
    float mean[COLUMNS], square[COLUMNS];
    Rng rng;
    rng_seed(&rng, 9);
    for (size_t r = 0; r < ROWS; r++) {
        x[r * COLUMNS] = rng_float(&rng) * 4 - 2;
        x[r * COLUMNS + 1] = 1.7f + 0.001f * rng_float(&rng);
        x[r * COLUMNS + 2] = r % 9 == 0 ? -1.3f : 0.7f;
    }
    kernels_scalar.column_moments(ROWS, COLUMNS, x, COLUMNS, mean, square);
    for (size_t c = 0; c < COLUMNS; c++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < ROWS; r++) sum += (double)x[r * COLUMNS + c];
        for (size_t r = 0; r < ROWS; r++) squares += pow((double)x[r * COLUMNS + c] - sum / ROWS, 2);
        ck_assert_double_eq_tol((double)mean[c], sum / ROWS, 1e-7);
        ck_assert_double_eq_tol((double)square[c] / squares, 1, 1e-6);
    }
}
END_TEST

typedef void Map(size_t n, const float *x, float *y);

// Every 2^12th float, with all signs, exponents, infinities and NaN among them.
enum { STRIDE = 1 << 12, N_SWEEP = 1 << 20 };
static float sweep[N_SWEEP], found[N_SWEEP], wanted[N_SWEEP];

static void expect_within(double ulps, Map *f, double (*exact)(double), const char *name) {
    f(N_SWEEP, sweep, wanted);
    for (size_t i = 0; i < N_SWEEP; i++) {
        double x = (double)sweep[i], y = (double)wanted[i], right = exact(x);
        float nearest = (float)right;
        double ulp = (double)nextafterf(fabsf(nearest), INFINITY) - fabs((double)nearest);
        bool is_good = isnan(right)                 ? isnan(y)
                       : isinf(nearest) || isinf(y) ? y >= (double)nearest && y <= (double)nearest
                                                    : fabs(y - right) <= ulps * ulp;
        ck_assert_msg(is_good, "%s(%a) is %a, not %a", name, x, y, right);
    }
}

static void expect_same_over_sweep(Map *f, const char *name, const char *table) {
    f(N_SWEEP, sweep, found);
    for (size_t i = 0; i < N_SWEEP; i++)
        ck_assert_msg(memcmp(&found[i], &wanted[i], sizeof *found) == 0 || (isnan(found[i]) && isnan(wanted[i])),
                      "%s(%a) by %s is %a, not %a", name, (double)sweep[i], table, (double)found[i], (double)wanted[i]);
}

static double exact_sigmoid(double x) { return x < -127.5 * log(2) ? 0 : 1 / (1 + exp(-x)); }

START_TEST(exp_log_tanh_and_sigmoid_are_within_3_ulp) {
    const Kernels *plain = &kernels_scalar, *table;
    for (uint32_t i = 0; i < N_SWEEP; i++) {
        uint32_t bits = i * STRIDE + i % 97;
        memcpy(&sweep[i], &bits, sizeof bits);
    }
    expect_within(2, plain->exp, exp, "exp");
    for (size_t t = 0; (table = kernels_available(t)); t++) expect_same_over_sweep(table->exp, "exp", table->name);
    expect_within(2, plain->log, log, "log");
    for (size_t t = 0; (table = kernels_available(t)); t++) expect_same_over_sweep(table->log, "log", table->name);
    expect_within(2, plain->tanh, tanh, "tanh");
    for (size_t t = 0; (table = kernels_available(t)); t++) expect_same_over_sweep(table->tanh, "tanh", table->name);
    expect_within(3, plain->sigmoid, exact_sigmoid, "sigmoid");
    for (size_t t = 0; (table = kernels_available(t)); t++)
        expect_same_over_sweep(table->sigmoid, "sigmoid", table->name);
}
END_TEST

START_TEST(a_table_is_chosen_by_name) {
    Error err;
    const Kernels *before = kernels;
    ck_assert(kernels_select("scalar", &err));
    ck_assert_ptr_eq(kernels, kernels_available(0));
    ck_assert(!kernels_select("sse9", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "found \"sse9\""));
    ck_assert(kernels_select(NULL, &err));
    const Kernels *widest = kernels;
    ck_assert(kernels_select("", &err));
    ck_assert_ptr_eq(kernels, widest);
    kernels = before;
}
END_TEST

SUITE(kernels, NEEDS_NOTHING) {
    ADD(every_entry_equals_the_reference_and_stays_within_its_arrays);
    ADD(a_large_product_equals_products_of_few_rows);
    ADD(fused_rounds_once);
    ADD(sums_that_fold_into_a_double_equal_the_reference);
    ADD(reference_moments_equal_those_in_double);
    ADD(exp_log_tanh_and_sigmoid_are_within_3_ulp);
    ADD(a_table_is_chosen_by_name);
}
