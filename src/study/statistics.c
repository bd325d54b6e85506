#include "study/statistics.h"

#include "base/real.h"

#include <math.h>

// Sums differences from the first number, so that equal numbers have no rounding errors.
Spread spread_of(size_t n, const double *x) {
    Spread spread = {n, NAN, NAN};
    if (n == 0) return spread;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] - x[0];
    double shift = sum / (double)n;
    for (size_t i = 0; i < n; i++) squares += (x[i] - x[0] - shift) * (x[i] - x[0] - shift);
    spread.mean = n == 1 ? x[0] : x[0] + shift;
    if (n > 1) spread.sd = sqrt(squares / (double)(n - 1));
    return spread;
}

bool welch_test(const Spread *a, const Spread *b, Welch *out) {
    *out = (Welch){.difference = b->mean - a->mean, .t = NAN, .df = NAN, .p = NAN};
    if (a->n < 2 || b->n < 2) return false;
    double va = a->sd * a->sd / (double)a->n, vb = b->sd * b->sd / (double)b->n, both = va + vb;
    if (!isfinite(out->difference) || !isfinite(both) || !(both > 0)) return false;
    // Shares of the sum, because the squares of small variances would underflow.
    double wa = va / both, wb = vb / both;
    out->t = out->difference / sqrt(both);
    out->df = 1 / (wa * wa / (double)(a->n - 1) + wb * wb / (double)(b->n - 1));
    out->p = student_two_sided(out->t, out->df);
    return true;
}

// The continued fraction 1 + d1 / (1 + d2 / (1 + ...)) of DLMF 8.17.22, evaluated from the front by Lentz's method
// (Thompson and Barnett 1986): a factor c d for each term, until it is 1.
static double beta_fraction(double x, double a, double b) {
    enum { MOST_TERMS = 10000 };
    const double tiny = 1e-300;
    double value = 1, c = 1, d = 0;
    for (int i = 1; i <= MOST_TERMS; i++) {
        int half = i / 2;
        double m = half, term;
        if (i % 2 == 0)
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        else
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + term * d;
        c = 1 + term / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        if (fabs(c) < tiny) c = tiny;
        value *= c * d;
        if (fabs(c * d - 1) < 1e-16) break;
    }
    return value;
}

// I_x(a, b) for x below (a + 1) / (a + b + 2), where the fraction converges fast; y = 1 - x.
static double beta_below_mean(double x, double y, double a, double b) {
    double log_front = a * real_log(x) + b * real_log(y) + lgamma(a + b) - lgamma(a) - lgamma(b) - real_log(a);
    return real_exp(log_front) / beta_fraction(x, a, b);
}

double student_two_sided(double t, double df) {
    if (isnan(t) || isnan(df)) return NAN;
    if (t == 0) return 1;
    // x and y = 1 - x are both computed from t, because a small one has no digits left in the other.
    double ratio = t * t / df, a = df / 2, b = 0.5;
    if (!isfinite(ratio)) return 0;
    double x = 1 / (1 + ratio), y = ratio / (1 + ratio);
    if (y == 0) return 1;
    return x < (a + 1) / (a + b + 2) ? beta_below_mean(x, y, a, b) : 1 - beta_below_mean(y, x, b, a);
}
