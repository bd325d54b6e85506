#include "base/real.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

// log 2 and pi / 2 are split into a head of few bits, whose small multiples are exact, and a rest. Near the zeros of
// sine and cosine the head and the rest cancel the angle, and the tail of pi / 2 is what remains.
static const double LOG2_HEAD = 0x1.62e42fee00000p-1, LOG2_REST = 0x1.a39ef35793c76p-33;
static const double HALF_PI_HEAD = 0x1.921fb54400000p+0, HALF_PI_REST = 0x1.0b4611a626331p-34,
                    HALF_PI_TAIL = 0x1.1701b839a2520p-88;

double real_log(double x) {
    if (!(x > 0) || isinf(x)) return x < 0 ? (double)NAN : x > 0 || isnan(x) ? x : -INFINITY;
    int k = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    k += (int)(bits >> 52) - 1023;
    bits = (bits & 0xFFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        k++;
    }
    double f = m - 1, s = f / (2 + f), z = s * s, series = 0;
    for (int i = 21; i >= 3; i -= 2) series = fma(series, z, 1.0 / i);
    // 2 atanh(s) = f - s (f - 2 z series): the large part, f, is exact.
    double tail = fma(k, LOG2_REST, -s * (f - 2 * z * series));
    return fma(k, LOG2_HEAD, f + tail);
}

double real_exp(double x) {
    if (isnan(x)) return x;
    if (x > 709.79) return INFINITY;
    if (x < -745.2) return 0;
    double k = floor(x / (LOG2_HEAD + LOG2_REST) + 0.5), r = fma(-k, LOG2_REST, fma(-k, LOG2_HEAD, x)), series = 1;
    for (int i = 14; i >= 2; i--) series = fma(series, r / i, 1);
    return ldexp(fma(series, r, 1), (int)k);
}

void real_sincos(double angle, double *sine, double *cosine) {
    int quarter = (int)(angle / (HALF_PI_HEAD + HALF_PI_REST) + 0.5);
    double r = fma(-quarter, HALF_PI_REST, fma(-quarter, HALF_PI_HEAD, angle));
    r = fma(-quarter, HALF_PI_TAIL, r);
    double z = r * r, s = 0, c = 0;
    for (int i = 17; i >= 3; i -= 2) s = fma(-s, z / ((i + 1) * (i + 2)), 1.0);
    for (int i = 18; i >= 2; i -= 2) c = fma(-c, z / ((i + 1) * (i + 2)), 1.0);
    s = fma(r * -s, z / 6, r);
    c = fma(-c, z / 2, 1.0);
    double pair[4] = {s, c, -s, -c}; // the sine after 0, 1, 2 and 3 quarter turns; the cosine is one further
    *sine = pair[quarter & 3];
    *cosine = pair[(quarter + 1) & 3];
}

double real_power(double x, uint64_t n) {
    double power = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n % 2 == 1) power *= x;
    return power;
}
