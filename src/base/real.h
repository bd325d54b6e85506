// Double-precision functions with the same bits on every system, for all values that reach a weight, a rate or a
// sample. They use only +, -, *, / and fma; the C library's functions differ between systems in the last bit.
#pragma once

#include <float.h>
#include <stdint.h>

_Static_assert(FLT_EVAL_METHOD == 0, "float expressions must have float precision: see as_written in src/build.mk");

// Natural logarithm, within 1 ulp; log 0 = -inf, log of a negative number or NaN = NaN, log inf = inf.
// m = x / 2^k in [sqrt 1/2, sqrt 2), log x = k log 2 + 2 atanh((m - 1) / (m + 1)), atanh by its series.
double real_log(double x);

// e^x within 2 ulp; 0 below -745.2, infinite above 709.8. x = k log 2 + r, e^x = 2^k e^r, e^r by Taylor's series.
double real_exp(double x);

// Sine and cosine of 0 <= angle <= 8 (radians) within 2 ulp: reduced by multiples of pi/2, then Taylor's series.
void real_sincos(double angle, double *sine, double *cosine);

// x^n by squaring; x^0 = 1. The order of the products depends on n alone.
double real_power(double x, uint64_t n);
