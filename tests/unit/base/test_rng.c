#include "testing.h"

#include "base/rng.h"
#include "golden/golden_random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum { LECTURE_SEED = 2147483647 };
static const uint64_t WIDE_SEED = 4294967303; // 2^32 + 7

// The same bits, which floats that compare equal need not have.
static void expect_floats(Rng *rng, const float *expected, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float x = rng_float(rng);
        ck_assert_msg(memcmp(&x, &expected[i], sizeof x) == 0, "%zu: %.9g, not %.9g", i, (double)x,
                      (double)expected[i]);
    }
}

static void expect_doubles(Rng *rng, const double *expected, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double x = rng_double(rng);
        ck_assert_msg(memcmp(&x, &expected[i], sizeof x) == 0, "%zu: %.17g, not %.17g", i, x, expected[i]);
    }
}

START_TEST(uniforms_are_those_of_torch_rand) {
    Rng rng;
    rng_seed(&rng, LECTURE_SEED);
    expect_floats(&rng, golden_rand_2147483647, LENGTH(golden_rand_2147483647));
    rng_seed(&rng, 42);
    expect_floats(&rng, golden_rand_42, LENGTH(golden_rand_42));
    rng_seed(&rng, LECTURE_SEED);
    expect_doubles(&rng, golden_rand_double_2147483647, LENGTH(golden_rand_double_2147483647));
}
END_TEST

START_TEST(a_seed_counts_modulo_two_to_the_32) {
    Rng rng, small;
    rng_seed(&rng, WIDE_SEED);
    expect_floats(&rng, golden_rand_4294967303, LENGTH(golden_rand_4294967303));
    rng_seed(&rng, WIDE_SEED);
    expect_doubles(&rng, golden_rand_double_4294967303, LENGTH(golden_rand_double_4294967303));
    rng_seed(&rng, WIDE_SEED);
    rng_seed(&small, 7);
    ck_assert_mem_eq(rng.words, small.words, sizeof rng.words);
}
END_TEST

START_TEST(the_lectures_first_three_uniforms_come_out) {
    static const double expected[] = {0.7081, 0.3542, 0.1054};
    Rng rng;
    rng_seed(&rng, LECTURE_SEED);
    for (size_t i = 0; i < LENGTH(expected); i++)
        ck_assert_double_eq_tol((double)rng_float(&rng), expected[i], 0.00005);
}
END_TEST

static void expect_below(uint64_t seed, uint64_t n, const uint64_t expected[12]) {
    Rng rng;
    rng_seed(&rng, seed);
    for (size_t i = 0; i < 12; i++) ck_assert_uint_eq(rng_below(&rng, n), expected[i]);
}

START_TEST(whole_numbers_are_those_of_torch_randint) {
    expect_below(LECTURE_SEED, 2, golden_randint_2147483647_2);
    expect_below(LECTURE_SEED, 27, golden_randint_2147483647_27);
    expect_below(LECTURE_SEED, 182625, golden_randint_2147483647_182625);
    expect_below(LECTURE_SEED, UINT32_MAX, golden_randint_2147483647_4294967295);
    expect_below(WIDE_SEED, 27, golden_randint_4294967303_27);
}
END_TEST

START_TEST(whole_numbers_below_two_to_the_32_and_more_take_two_words) {
    expect_below(LECTURE_SEED, 4294967296, golden_randint_2147483647_4294967296);
    expect_below(LECTURE_SEED, 1099511627779, golden_randint_2147483647_1099511627779);
}
END_TEST

START_TEST(below_one_there_is_only_zero_and_a_word_is_drawn) {
    Rng rng, other;
    rng_seed(&rng, 1);
    other = rng;
    ck_assert_uint_eq(rng_below(&rng, 1), 0);
    rng_u32(&other);
    ck_assert_uint_eq(rng_u32(&rng), rng_u32(&other));
}
END_TEST

static void expect_near(const float *found, const float *expected, size_t n) {
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabsf(found[i] - expected[i]) <= 1e-6f, "%zu: %.9g, not %.9g", i, (double)found[i],
                      (double)expected[i]);
}

static void expect_normals(uint64_t seed, const float *expected, size_t n) {
    float found[300];
    Rng rng;
    ck_assert_uint_le(n, LENGTH(found));
    rng_seed(&rng, seed);
    rng_normals(&rng, n, found);
    expect_near(found, expected, n);
}

START_TEST(normals_are_those_of_torch_randn) {
    expect_normals(LECTURE_SEED, golden_randn_2147483647_16, 16);
    expect_normals(LECTURE_SEED, golden_randn_2147483647_27, 27);
    expect_normals(42, golden_randn_42_200, 200);
    expect_normals(WIDE_SEED, golden_randn_4294967303_40, 40);
}
END_TEST

START_TEST(small_fills_keep_the_spare_normal_over_a_large_one) {
    static const size_t sizes[] = {1, 5, 15, 16, 1};
    float found[LENGTH(golden_randn_small_2147483647)];
    size_t n = 0;
    Rng rng;
    rng_seed(&rng, LECTURE_SEED);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        rng_normals(&rng, sizes[i], found + n);
        n += sizes[i];
    }
    ck_assert_uint_eq(n, LENGTH(found));
    expect_near(found, golden_randn_small_2147483647, n);
}
END_TEST

START_TEST(seeding_forgets_the_spare_normal) {
    float first, again;
    Rng rng;
    rng_seed(&rng, 5);
    rng_normals(&rng, 1, &first);
    ck_assert(rng.has_spare);
    rng_seed(&rng, 5);
    ck_assert(!rng.has_spare);
    rng_normals(&rng, 1, &again);
    ck_assert_mem_eq(&first, &again, sizeof first);
    rng_seed_python(&rng, 5);
    ck_assert(!rng.has_spare);
}
END_TEST

START_TEST(no_normals_draw_nothing) {
    Rng rng, other;
    rng_seed(&rng, 5);
    other = rng;
    rng_normals(&rng, 0, NULL);
    ck_assert_uint_eq(rng_u32(&rng), rng_u32(&other));
}
END_TEST

START_TEST(normals_have_mean_zero_and_variance_one) {
    enum { N = 1 << 18 };
    float *x = malloc(N * sizeof *x);
    double sum = 0, squares = 0;
    Rng rng;
    rng_seed(&rng, 1);
    ck_assert_ptr_nonnull(x);
    rng_normals(&rng, N, x);
    for (size_t i = 0; i < N; i++) {
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
    }
    free(x);
    ck_assert_double_eq_tol(sum / N, 0, 0.01);
    ck_assert_double_eq_tol(squares / N, 1, 0.015);
}
END_TEST

START_TEST(exponentials_are_those_of_torch) {
    Rng rng;
    rng_seed(&rng, LECTURE_SEED);
    for (size_t i = 0; i < LENGTH(golden_exponential_2147483647); i++)
        ck_assert_double_eq_tol(rng_exponential(&rng), golden_exponential_2147483647[i], 1e-14);
    rng_seed(&rng, 42);
    for (size_t i = 0; i < LENGTH(golden_exponential_42); i++)
        ck_assert_double_eq_tol(rng_exponential(&rng), golden_exponential_42[i], 1e-14);
}
END_TEST

static uint16_t race(Rng *rng) {
    double best = -1;
    uint16_t winner = 0;
    for (uint16_t i = 0; i < LENGTH(golden_weights); i++) {
        double score = (double)golden_weights[i] / rng_exponential(rng);
        if (!(score > best)) continue;
        best = score;
        winner = i;
    }
    return winner;
}

static uint16_t inverse(Rng *rng) {
    double u = rng_double(rng) * 1024, sum = 0;
    uint16_t i = 0;
    while ((sum += (double)golden_weights[i]) <= u) i++;
    return i;
}

START_TEST(races_and_inverses_draw_as_multinomial_does) {
    Rng rng;
    rng_seed(&rng, LECTURE_SEED);
    for (size_t i = 0; i < 40; i++) ck_assert_uint_eq(race(&rng), golden_race_2147483647[i]);
    rng_seed(&rng, WIDE_SEED);
    for (size_t i = 0; i < 40; i++) ck_assert_uint_eq(race(&rng), golden_race_4294967303[i]);
    rng_seed(&rng, LECTURE_SEED);
    for (size_t i = 0; i < 40; i++) ck_assert_uint_eq(inverse(&rng), golden_inverse_2147483647[i]);
    rng_seed(&rng, WIDE_SEED);
    for (size_t i = 0; i < 40; i++) ck_assert_uint_eq(inverse(&rng), golden_inverse_4294967303[i]);
}
END_TEST

static void expect_shuffle(uint64_t seed, const uint32_t *expected, size_t n) {
    uint32_t items[100];
    Rng rng;
    ck_assert_uint_le(n, LENGTH(items));
    for (uint32_t i = 0; i < n; i++) items[i] = i;
    rng_seed_python(&rng, seed);
    rng_shuffle_python(&rng, n, items);
    for (size_t i = 0; i < n; i++) ck_assert_uint_eq(items[i], expected[i]);
}

START_TEST(shuffles_are_those_of_python) {
    expect_shuffle(0, golden_shuffle_0_20, 20);
    expect_shuffle(0, golden_shuffle_0_100, 100);
    expect_shuffle(42, golden_shuffle_42_20, 20);
    expect_shuffle(42, golden_shuffle_42_100, 100);
    expect_shuffle(LECTURE_SEED, golden_shuffle_2147483647_20, 20);
    expect_shuffle(LECTURE_SEED, golden_shuffle_2147483647_100, 100);
}
END_TEST

START_TEST(a_python_seed_counts_whole) {
    expect_shuffle(1099511627781, golden_shuffle_1099511627781_20, 20); // 2^40 + 5
    expect_shuffle(1099511627781, golden_shuffle_1099511627781_100, 100);
}
END_TEST

START_TEST(the_lectures_shuffle_of_twenty_comes_out) {
    static const uint32_t expected[] = {19, 5, 14, 4, 9, 13, 15, 18, 6, 12, 17, 10, 1, 11, 2, 16, 7, 8, 0, 3};
    expect_shuffle(42, expected, LENGTH(expected));
}
END_TEST

START_TEST(a_shuffle_of_none_or_one_draws_nothing) {
    uint32_t item = 9;
    Rng rng, other;
    rng_seed_python(&rng, 1);
    other = rng;
    rng_shuffle_python(&rng, 0, NULL);
    rng_shuffle_python(&rng, 1, &item);
    ck_assert_uint_eq(item, 9);
    ck_assert_uint_eq(rng_u32(&rng), rng_u32(&other));
}
END_TEST

START_TEST(a_copied_state_goes_on_alike) {
    float here[3], there[3];
    Rng rng, copy;
    rng_seed(&rng, 3);
    for (int i = 0; i < 700; i++) rng_u32(&rng); // beyond the first 624 words
    rng_normals(&rng, 1, here);
    copy = rng;
    rng_normals(&rng, 3, here);
    rng_normals(&copy, 3, there);
    ck_assert_mem_eq(here, there, sizeof here);
    for (int i = 0; i < 2000; i++) ck_assert_uint_eq(rng_u64(&rng), rng_u64(&copy));
}
END_TEST

START_TEST(the_ten_thousandth_word_after_seed_5489_is_known) {
    uint32_t word = 0;
    Rng rng;
    rng_seed(&rng, 5489);
    for (int i = 0; i < 10000; i++) word = rng_u32(&rng);
    ck_assert_uint_eq(word, 4123659995u); // ISO C++ 2011, 26.5.5: mt19937
}
END_TEST

START_TEST(a_pair_of_words_has_the_first_one_on_top) {
    Rng rng, other;
    rng_seed(&rng, 3);
    other = rng;
    uint64_t high = rng_u32(&other), low = rng_u32(&other);
    ck_assert_uint_eq(rng_u64(&rng), high << 32 | low);
}
END_TEST

SUITE(rng, NEEDS_NOTHING) {
    ADD(uniforms_are_those_of_torch_rand);
    ADD(a_seed_counts_modulo_two_to_the_32);
    ADD(the_lectures_first_three_uniforms_come_out);
    ADD(whole_numbers_are_those_of_torch_randint);
    ADD(whole_numbers_below_two_to_the_32_and_more_take_two_words);
    ADD(below_one_there_is_only_zero_and_a_word_is_drawn);
    ADD(normals_are_those_of_torch_randn);
    ADD(small_fills_keep_the_spare_normal_over_a_large_one);
    ADD(seeding_forgets_the_spare_normal);
    ADD(no_normals_draw_nothing);
    ADD(normals_have_mean_zero_and_variance_one);
    ADD(exponentials_are_those_of_torch);
    ADD(races_and_inverses_draw_as_multinomial_does);
    ADD(shuffles_are_those_of_python);
    ADD(a_python_seed_counts_whole);
    ADD(the_lectures_shuffle_of_twenty_comes_out);
    ADD(a_shuffle_of_none_or_one_draws_nothing);
    ADD(a_copied_state_goes_on_alike);
    ADD(the_ten_thousandth_word_after_seed_5489_is_known);
    ADD(a_pair_of_words_has_the_first_one_on_top);
}
