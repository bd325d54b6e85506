// Constants of exp, log and tanh. The reference and the vector forms share them, because they must agree to the bit.
#pragma once

// Adding 1.5 * 2^23 rounds to a whole number, which is then in the low bits of the sum.
#define ROUND_MAGIC 0x1.8p23f

#define LOG2_E 0x1.715476p+0f
// log 2 = head + rest; the head has 15 bits, so its products with small whole numbers are exact.
#define LN2_HEAD 0x1.62e4p-1f
#define LN2_REST 0x1.7f7d1cp-20f

// exp x = 2^n (1 + r + r^2 q(r)), |r| <= log(2) / 2. The coefficients of q come from the Remez exchange; the absolute
// error of exp r is below 2^-26. exp is 0 below EXP_LOW and infinite above EXP_HIGH; 2^n is a product of two powers.
#define EXP_LOW (-104.0f)
#define EXP_HIGH 89.0f
#define EXP_Q0 0x1p-1f
#define EXP_Q1 0x1.5554dcp-3f
#define EXP_Q2 0x1.5554b8p-5f
#define EXP_Q3 0x1.120be6p-7f
#define EXP_Q4 0x1.6d75eep-10f

// With s = f / (2 + f), log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)). R is the series of 2 atanh(s) / s - 2; four
// terms are exact enough for a float if 1 + f is in [sqrt 1/2, sqrt 2).
#define LOG_R1 0x1.555556p-1f
#define LOG_R2 0x1.99999ap-2f
#define LOG_R3 0x1.24924ap-2f
#define LOG_R4 0x1.c71c72p-3f
#define SQRT_HALF 0x1.6a09e6p-1f

// sigmoid takes e^-x for x from -EXP_HIGH to SIGMOID_HIGH. Above SIGMOID_HIGH the power 2^n would be subnormal, and
// sigmoid x has long been 1. At -EXP_HIGH n is 128: 2^n is infinite, and sigmoid x is 0.
#define SIGMOID_HIGH 87.0f

// GELU's factors of x and x^3: sqrt(8/pi), and 0.044715 times that.
#define GELU_1 0x1.988454p+0f
#define GELU_3 0x1.2444f2p-4f

// tanh x = x + x^3 p(x^2) for |x| < TANH_LOW, with p from the Remez exchange and a relative error below 2^-31.
// From TANH_HIGH on, |tanh x| rounds to 1.
#define TANH_LOW 0.5f
#define TANH_HIGH 9.02f
#define TANH_P0 -0x1.555552p-2f
#define TANH_P1 0x1.110f2ap-3f
#define TANH_P2 -0x1.b98c6ep-5f
#define TANH_P3 0x1.5d01d2p-6f
#define TANH_P4 -0x1.b40c6ep-8f
