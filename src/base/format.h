// Numbers as a person reads them, however large a loss has become.
#ifndef NOMEN_BASE_FORMAT_H
#define NOMEN_BASE_FORMAT_H

#include <stddef.h>

enum { FORMAT_BYTES = 24 };

// A loss or a perplexity: four decimals, or with an exponent from a million on. A NaN has no sign.
const char *format_loss(double value, char text[FORMAT_BYTES]);

// The number in `most` columns: with `digits` decimals, with fewer, down to one, or with an exponent, whichever fits
// first; 5 columns hold what is from 0 to 1e99, 7 any number.
const char *format_fitted(double value, int digits, size_t most, char text[FORMAT_BYTES]);

#endif
