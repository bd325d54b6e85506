// Whether two samples differ by more than they spread: Welch's t-test (Welch 1947), for runs of several seeds.
#ifndef NOMEN_STUDY_WELCH_H
#define NOMEN_STUDY_WELCH_H

#include <stdbool.h>
#include <stddef.h>

// n figures: their mean and their sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)); it is NaN where n is 1,
// and both where n is 0. Figures that are all the same have a deviation of just 0.
typedef struct Spread {
    size_t n;
    double mean, sd;
} Spread;

Spread spread_of(size_t n, const double *x);

typedef struct Welch {
    double difference; // b.mean - a.mean
    double t;          // difference / sqrt(va + vb), with va = a.sd^2 / a.n and so for b
    double df;         // degrees of freedom (Satterthwaite 1946): (va + vb)^2 / (va^2 / (a.n - 1) + vb^2 / (b.n - 1))
    double p;          // two-sided: how often as large a |t| comes about where the true means are equal
} Welch;

// False where there is no such test, only the difference: fewer than two figures in one of them, no spread in either,
// or a figure that is not finite.
bool welch_test(const Spread *a, const Spread *b, Welch *out);

// P(|T| >= |t|) for Student's t of df > 0 degrees of freedom: I_x(df / 2, 1/2) at x = df / (df + t^2), I being the
// regularized incomplete beta function (DLMF 8.17). Within 1e-10 of it, relative, for df up to 10,000.
double student_two_sided(double t, double df);

#endif
