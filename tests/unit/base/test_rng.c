#include "testing.h"

#include "base/rng.h"
#include "golden/golden_random.h"

#include <math.h>

enum { LECTURE_SEED = 2147483647 };

START_TEST(uniforms_are_those_of_torch_rand) {
    static const struct {
        uint64_t seed;
        const float *expected;
        size_t n;
    } floats[] = {{LECTURE_SEED, golden_rand_2147483647, COUNT(golden_rand_2147483647)},
                  {42, golden_rand_42, COUNT(golden_rand_42)},
                  {4294967303, golden_rand_4294967303, COUNT(golden_rand_4294967303)}};
    static const struct {
        uint64_t seed;
        const double *expected;
        size_t n;
    } doubles[] = {{LECTURE_SEED, golden_rand_double_2147483647, COUNT(golden_rand_double_2147483647)},
                   {4294967303, golden_rand_double_4294967303, COUNT(golden_rand_double_4294967303)}};
    Rng rng;
    for (size_t c = 0; c < COUNT(floats); c++) {
        rng_seed(&rng, floats[c].seed);
        for (size_t i = 0; i < floats[c].n; i++) {
            float x = rng_float(&rng);
            ck_assert_mem_eq(&x, &floats[c].expected[i], sizeof x);
        }
    }
    for (size_t c = 0; c < COUNT(doubles); c++) {
        rng_seed(&rng, doubles[c].seed);
        for (size_t i = 0; i < doubles[c].n; i++) {
            double x = rng_double(&rng);
            ck_assert_mem_eq(&x, &doubles[c].expected[i], sizeof x);
        }
    }
}
END_TEST

START_TEST(whole_numbers_are_those_of_torch_randint) {
    static const struct {
        uint64_t seed, n;
        const uint64_t *expected; // (12)
    } cases[] = {
        {LECTURE_SEED, 2, golden_randint_2147483647_2},
        {LECTURE_SEED, 27, golden_randint_2147483647_27},
        {LECTURE_SEED, 182625, golden_randint_2147483647_182625},
        {LECTURE_SEED, UINT32_MAX, golden_randint_2147483647_4294967295},
        {LECTURE_SEED, 4294967296, golden_randint_2147483647_4294967296}, // from here on two words each
        {LECTURE_SEED, 1099511627779, golden_randint_2147483647_1099511627779},
        {4294967303, 27, golden_randint_4294967303_27},
    };
    Rng rng, other;
    for (size_t c = 0; c < COUNT(cases); c++) {
        rng_seed(&rng, cases[c].seed);
        for (size_t i = 0; i < 12; i++) ck_assert_uint_eq(rng_below(&rng, cases[c].n), cases[c].expected[i]);
    }
    other = rng;
    ck_assert_uint_eq(rng_below(&rng, 1), 0);
    rng_u32(&other);
    ck_assert_uint_eq(rng_u32(&rng), rng_u32(&other));
}
END_TEST

START_TEST(normals_are_those_of_torch_randn) {
    static const struct {
        uint64_t seed;
        size_t sizes[6]; // of the calls
        const float *expected;
    } cases[] = {
        {LECTURE_SEED, {16}, golden_randn_2147483647_16},
        {LECTURE_SEED, {27}, golden_randn_2147483647_27},
        {42, {200}, golden_randn_42_200},
        {4294967303, {40}, golden_randn_4294967303_40},
        // A small call keeps its spare number over a large one.
        {LECTURE_SEED, {1, 5, 15, 16, 1}, golden_randn_small_2147483647},
    };
    Rng rng;
    float found[200];
    for (size_t c = 0; c < COUNT(cases); c++) {
        const float *expected = cases[c].expected;
        rng_seed(&rng, cases[c].seed);
        ck_assert(!rng.has_spare);
        for (const size_t *n = cases[c].sizes; *n; expected += *n++) {
            rng_normals(&rng, *n, found);
            for (size_t i = 0; i < *n; i++) ck_assert_float_eq_tol(found[i], expected[i], 1e-6f);
        }
    }
    Rng before = rng;
    rng_normals(&rng, 0, NULL);
    ck_assert_mem_eq(rng.words, before.words, sizeof rng.words);
    ck_assert_uint_eq(rng.next, before.next);
}
END_TEST

START_TEST(exponentials_are_those_of_torch) {
    Rng rng;
    rng_seed(&rng, LECTURE_SEED);
    for (size_t i = 0; i < COUNT(golden_exponential_2147483647); i++)
        ck_assert_double_eq_tol(rng_exponential(&rng), golden_exponential_2147483647[i], 1e-14);
    rng_seed(&rng, 42);
    for (size_t i = 0; i < COUNT(golden_exponential_42); i++)
        ck_assert_double_eq_tol(rng_exponential(&rng), golden_exponential_42[i], 1e-14);
}
END_TEST

START_TEST(uniforms_and_normals_are_those_of_python) {
    static const struct {
        uint64_t seed;
        const double *uniforms, *normals; // (20), (21)
    } cases[] = {{42, golden_random_42, golden_gauss_42},
                 {1099511627781, golden_random_1099511627781, golden_gauss_1099511627781}};
    Rng rng;
    for (size_t c = 0; c < COUNT(cases); c++) {
        rng_seed_python(&rng, cases[c].seed);
        for (size_t i = 0; i < 20; i++) {
            double x = rng_double_python(&rng);
            ck_assert_mem_eq(&x, &cases[c].uniforms[i], sizeof x);
        }
        rng_seed_python(&rng, cases[c].seed);
        for (size_t i = 0; i < 21; i++) {
            double expected = cases[c].normals[i];
            ck_assert_double_eq_tol(rng_gauss(&rng), expected, 1e-15 * (1 + fabs(expected)));
        }
        ck_assert(rng.has_spare);
    }
}
END_TEST

START_TEST(permutations_are_those_of_torch) {
    static const struct {
        uint64_t seed;
        size_t n;
        const uint32_t *expected;
    } cases[] = {{LECTURE_SEED, 20, golden_randperm_2147483647_20}, {42, 100, golden_randperm_42_100}};
    Rng rng;
    for (size_t c = 0; c < COUNT(cases); c++) {
        uint64_t items[100];
        for (size_t i = 0; i < cases[c].n; i++) items[i] = i;
        rng_seed(&rng, cases[c].seed);
        rng_shuffle_torch(&rng, cases[c].n, items);
        for (size_t i = 0; i < cases[c].n; i++) ck_assert_uint_eq(items[i], cases[c].expected[i]);
    }
    uint64_t item = 9;
    uint32_t next = rng.next;
    rng_shuffle_torch(&rng, 0, NULL);
    rng_shuffle_torch(&rng, 1, &item);
    ck_assert(item == 9 && rng.next == next);
}
END_TEST

START_TEST(shuffles_are_those_of_python) {
    static const uint32_t lecture[] = {19, 5, 14, 4, 9, 13, 15, 18, 6, 12, 17, 10, 1, 11, 2, 16, 7, 8, 0, 3};
    static const struct {
        uint64_t seed;
        size_t n;
        const uint32_t *expected;
    } cases[] = {
        {0, 20, golden_shuffle_0_20},
        {0, 100, golden_shuffle_0_100},
        {42, 20, golden_shuffle_42_20},
        {42, 20, lecture},
        {42, 100, golden_shuffle_42_100},
        {LECTURE_SEED, 20, golden_shuffle_2147483647_20},
        {LECTURE_SEED, 100, golden_shuffle_2147483647_100},
        {1099511627781, 20, golden_shuffle_1099511627781_20}, // 2^40 + 5: all bits count
        {1099511627781, 100, golden_shuffle_1099511627781_100},
    };
    Rng rng;
    for (size_t c = 0; c < COUNT(cases); c++) {
        uint64_t items[100];
        for (size_t i = 0; i < cases[c].n; i++) items[i] = i;
        rng_seed_python(&rng, cases[c].seed);
        rng_shuffle_python(&rng, cases[c].n, items);
        for (size_t i = 0; i < cases[c].n; i++) ck_assert_uint_eq(items[i], cases[c].expected[i]);
    }
    uint64_t item = 9;
    uint32_t next = rng.next;
    rng_shuffle_python(&rng, 0, NULL);
    rng_shuffle_python(&rng, 1, &item);
    ck_assert(item == 9 && rng.next == next);
}
END_TEST

SUITE(rng, NEEDS_NOTHING) {
    ADD(uniforms_are_those_of_torch_rand);
    ADD(whole_numbers_are_those_of_torch_randint);
    ADD(normals_are_those_of_torch_randn);
    ADD(exponentials_are_those_of_torch);
    ADD(shuffles_are_those_of_python);
    ADD(uniforms_and_normals_are_those_of_python);
    ADD(permutations_are_those_of_torch);
}
