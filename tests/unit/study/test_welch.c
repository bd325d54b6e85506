// Means, deviations and Welch's test, compared with mpmath.
#include "testing.h"

#include "study/statistics.h"

#include <math.h>

static void expect_close(double found, double expected, double relative) {
    ck_assert_msg(fabs(found - expected) <= relative * fabs(expected), "expected %.17g, found %.17g", expected, found);
}

START_TEST(spreads_are_means_and_sample_deviations) {
    static const struct {
        size_t n;
        double x[8], mean, sd;
    } cases[] = {
        {8, {2, 4, 4, 4, 5, 5, 7, 9}, 5, 2.1380899352993950}, // sqrt(32 / 7)
        {3, {0.1, 0.1, 0.1}, 0.1, 0},                         // (0.1 + 0.1 + 0.1) / 3 is not 0.1
        {3, {1e9 + 1, 1e9 + 2, 1e9 + 3}, 1e9 + 2, 1},
        {1, {2}, 2, NAN},
        {0, {0}, NAN, NAN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Spread spread = spread_of(cases[i].n, cases[i].x);
        ck_assert_uint_eq(spread.n, cases[i].n);
        ck_assert(spread.mean == cases[i].mean || (isnan(spread.mean) && isnan(cases[i].mean)));
        ck_assert(fabs(spread.sd - cases[i].sd) <= 1e-15 * cases[i].sd || (isnan(spread.sd) && isnan(cases[i].sd)));
    }
}
END_TEST

// mpmath 1.3.0 at 30 digits: betainc(df/2, 1/2, 0, df/(df + t^2), regularized=True).
START_TEST(probabilities_are_those_of_mpmath) {
    static const struct {
        double t, df, p;
    } rows[] = {
        {12.706204736432095, 1, 0.04999999999899131},
        {1, 1, 0.5},
        {4.302652729911275, 2, 0.04999999999651663},
        {2.2281388519649385, 10, 0.05000000000180867},
        {1.959963984540054, 1e4, 0.05002773057447228},
        {0.5, 2.7, 0.6549470619957615},
        {8.12, 3.4, 0.002428993258167174},
        {30, 4, 7.352856097661322e-6},
        {1e-8, 3, 0.9999999926489481},
        {1e5, 2.5, 4.549503846351244e-13},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_close(student_two_sided(rows[i].t, rows[i].df), rows[i].p, 1e-10);
        ck_assert_double_eq(student_two_sided(-rows[i].t, rows[i].df), student_two_sided(rows[i].t, rows[i].df));
    }
    ck_assert_double_eq(student_two_sided(0, 3), 1);
    ck_assert_double_eq(student_two_sided(1e-200, 3), 1);
    ck_assert_double_eq(student_two_sided(1e200, 3), 0);
    ck_assert_double_eq(student_two_sided(INFINITY, 3), 0);
    ck_assert(isnan(student_two_sided(NAN, 3)) && isnan(student_two_sided(1, NAN)));
}
END_TEST

// mpmath 1.3.0 at 30 digits.
START_TEST(welchs_test_is_that_of_mpmath) {
    const double a[] = {27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4};
    const double b[] = {27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.4};
    Spread x = spread_of(COUNT(a), a), y = spread_of(COUNT(b), b);
    Welch welch;
    expect_close(x.mean, 20.82, 1e-14);
    expect_close(x.sd, 2.804893682731766, 1e-14);
    ck_assert(welch_test(&x, &y, &welch));
    expect_close(welch.difference, 23.59285714285714 - 20.82, 1e-13);
    expect_close(welch.t, 2.710521402969364, 1e-13);
    expect_close(welch.df, 26.96752064984248, 1e-13);
    expect_close(welch.p, 0.01153836764702762, 1e-11);
}
END_TEST

START_TEST(one_spread_may_be_zero_and_both_may_be_tiny) {
    const double equal[] = {2, 2, 2}, pair[] = {1, 3}, low[] = {1e-120, 2e-120, 3e-120},
                 high[] = {4e-120, 5e-120, 6e-120};
    Spread a = spread_of(3, equal), b = spread_of(2, pair);
    Welch welch;
    ck_assert(welch_test(&a, &b, &welch));
    ck_assert(welch.df == 1 && welch.t == 0 && welch.p == 1);
    a = spread_of(3, low), b = spread_of(3, high);
    ck_assert(welch_test(&a, &b, &welch));
    expect_close(welch.df, 4, 1e-12);
    expect_close(welch.t, 3 / sqrt(2.0 / 3), 1e-12);
}
END_TEST

START_TEST(there_is_no_test_without_spread) {
    const double same[] = {2, 2}, other[] = {3, 3}, pair[] = {1, 2}, infinite[] = {1, INFINITY};
    Spread a = spread_of(2, same), b = spread_of(2, other), c = spread_of(2, pair), one = spread_of(1, pair),
           endless = spread_of(2, infinite);
    Welch welch;
    ck_assert(!welch_test(&a, &b, &welch));
    ck_assert_double_eq(welch.difference, 1);
    ck_assert(isnan(welch.t) && isnan(welch.df) && isnan(welch.p));
    ck_assert(!welch_test(&a, &a, &welch));
    ck_assert(!welch_test(&one, &c, &welch) && !welch_test(&c, &one, &welch));
    ck_assert(!welch_test(&c, &endless, &welch));
    const Spread far = {.n = 2, .mean = INFINITY, .sd = 1}, wide = {.n = 2, .mean = 0, .sd = INFINITY};
    ck_assert(!welch_test(&c, &far, &welch) && !welch_test(&c, &wide, &welch));
}
END_TEST

SUITE(welch, NEEDS_NOTHING) {
    ADD(spreads_are_means_and_sample_deviations);
    ADD(probabilities_are_those_of_mpmath);
    ADD(welchs_test_is_that_of_mpmath);
    ADD(one_spread_may_be_zero_and_both_may_be_tiny);
    ADD(there_is_no_test_without_spread);
}
