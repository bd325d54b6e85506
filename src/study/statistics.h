// Spreads of samples, and a test of whether two samples differ by more than theirs.
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct Spread {
    size_t n;
    double mean; // NaN if n = 0
    double sd;   // sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)); NaN if n < 2
} Spread;

// The sd of equal numbers is exactly 0.
Spread spread_of(size_t n, const double *x);

// Welch's t-test (Welch 1947).
typedef struct Welch {
    double difference; // b.mean - a.mean
    double t;          // difference / sqrt(va + vb), with va = a.sd^2 / a.n and vb = b.sd^2 / b.n
    double df;         // degrees of freedom (Satterthwaite 1946): (va + vb)^2 / (va^2 / (a.n - 1) + vb^2 / (b.n - 1))
    double p;          // two-sided: the probability of as large a |t| if the true means are equal
} Welch;

// Sets only the difference, and returns false, if no test is possible: a sample has fewer than two numbers or one that
// is not finite, or neither has any spread.
bool welch_test(const Spread *a, const Spread *b, Welch *out);

// P(|T| >= |t|) for Student's t with df > 0 degrees of freedom: I_x(df / 2, 1/2) at x = df / (df + t^2), where I is the
// regularized incomplete beta function (DLMF 8.17). The relative error is below 1e-10 for df up to 10,000.
double student_two_sided(double t, double df);
