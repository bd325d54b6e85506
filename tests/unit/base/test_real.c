#include "testing.h"

#include "base/real.h"
#include "base/rng.h"

#include <float.h>
#include <math.h>

enum { SAMPLES = 100000 };

// Returns the error of x in units of the last place.
static double ulps(double x, long double truth) {
    int exponent;
    frexpl(truth, &exponent);
    if (exponent < DBL_MIN_EXP) exponent = DBL_MIN_EXP;
    return (double)(fabsl((long double)x - truth) / ldexpl(1, exponent - DBL_MANT_DIG));
}

// If long double is no wider than double, the last bit of the C library's result is uncertain too.
static double slack(void) { return LDBL_MANT_DIG > DBL_MANT_DIG ? 0 : 1; }

static void expect_log(double x) {
    double error = ulps(real_log(x), logl((long double)x));
    ck_assert_msg(error <= 1 + slack(), "log %a is %a, wrong by %.3f ulp", x, real_log(x), error);
}

START_TEST(logarithms_hold_everywhere) {
    Rng rng;
    rng_seed(&rng, 1);
    for (int i = 0; i < SAMPLES; i++) {
        double u = rng_double(&rng), step = ldexp(u, -(int)rng_below(&rng, 52));
        expect_log(ldexp(1 + u, (int)rng_below(&rng, 2098) - 1074));
        expect_log(1 - u);
        expect_log(1 + step);
        expect_log(1 - step / 2);
        expect_log(0.70 + 0.014 * u); // near sqrt 1/2, where the reduction changes
    }
    for (int exponent = -1074; exponent < -1021; exponent++) expect_log(ldexp(1.75, exponent)); // subnormals
    expect_log(DBL_MIN);
    expect_log(nextafter(DBL_MIN, 0));
    expect_log(DBL_MAX);
}
END_TEST

START_TEST(logarithms_of_special_values_are_what_ieee_says) {
    ck_assert_double_eq(real_log(1), 0);
    ck_assert_double_eq(real_log(0.0), (double)-INFINITY);
    ck_assert_double_eq(real_log(-0.0), (double)-INFINITY);
    ck_assert_double_eq(real_log((double)INFINITY), (double)INFINITY);
    ck_assert_double_nan(real_log(-1));
    ck_assert_double_nan(real_log(-DBL_TRUE_MIN));
    ck_assert_double_nan(real_log((double)-INFINITY));
    ck_assert_double_nan(real_log((double)NAN));
}
END_TEST

static void expect_sincos(double angle) {
    double sine, cosine;
    real_sincos(angle, &sine, &cosine);
    double sine_error = ulps(sine, sinl((long double)angle)), cosine_error = ulps(cosine, cosl((long double)angle));
    ck_assert_msg(sine_error <= 2 + slack(), "sin %a is %a, wrong by %.3f ulp", angle, sine, sine_error);
    ck_assert_msg(cosine_error <= 2 + slack(), "cos %a is %a, wrong by %.3f ulp", angle, cosine, cosine_error);
}

START_TEST(sines_and_cosines_hold_from_0_to_8) {
    Rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < SAMPLES; i++) {
        expect_sincos(8 * rng_double(&rng));
        expect_sincos((double)(6.2831855f * rng_float(&rng))); // the angles of normals
    }
    expect_sincos(8);
    for (int quarter = 0; quarter <= 5; quarter++) {
        double zero = quarter * 1.5707963267948966;
        expect_sincos(zero);
        expect_sincos((double)(float)zero);
        for (int exponent = quarter == 0 ? -1074 : -60; exponent < 0; exponent++) {
            if (zero > 0) expect_sincos(zero - ldexp(1, exponent));
            expect_sincos(zero + ldexp(1, exponent));
        }
    }
}
END_TEST

START_TEST(exponentials_hold_everywhere) {
    Rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < SAMPLES; i++) {
        double x = rng_double(&rng) * 1450 - 744, small = ldexp(rng_double(&rng) - 0.5, -(int)rng_below(&rng, 60));
        double error = ulps(real_exp(x), expl((long double)x)), near = ulps(real_exp(small), expl((long double)small));
        if (x < 709.7) ck_assert_msg(error <= 2 + slack(), "exp %a is %a, wrong by %.3f ulp", x, real_exp(x), error);
        ck_assert_msg(near <= 2 + slack(), "exp %a is %a, wrong by %.3f ulp", small, real_exp(small), near);
    }
    ck_assert(isinf(real_exp(1000)) && !(real_exp(-1000) > 0) && isnan(real_exp((double)NAN)));
    ck_assert(real_exp(0) >= 1 && real_exp(0) <= 1);
}
END_TEST

SUITE(real, NEEDS_NOTHING) {
    ADD(logarithms_hold_everywhere);
    ADD(logarithms_of_special_values_are_what_ieee_says);
    ADD(sines_and_cosines_hold_from_0_to_8);
    ADD(exponentials_hold_everywhere);
}
