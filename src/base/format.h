// Formats numbers for people.
#pragma once

#include <stddef.h>

enum { FORMAT_BYTES = 24 };

// Formats a loss or a perplexity: four decimals, or an exponent from a million on. NaN has no sign.
const char *format_loss(double value, char text[FORMAT_BYTES]);

// Formats a number in at most `most` columns: with `digits` decimals, with fewer, or with an exponent, whichever fits
// first. 5 columns are enough for 0 to 1e99, 7 for any number.
const char *format_fitted(double value, int digits, size_t most, char text[FORMAT_BYTES]);
