#include "base/format.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *format_loss(double value, char text[FORMAT_BYTES]) {
    bool is_large = isfinite(value) && fabs(value) >= 1e6;
    snprintf(text, FORMAT_BYTES, is_large ? "%.4e" : "%.4f", isnan(value) ? fabs(value) : value);
    return text;
}

const char *format_fitted(double value, int digits, size_t most, char text[FORMAT_BYTES]) {
    int least = digits > 1 ? 1 : 0;
    if (isnan(value)) value = fabs(value);
    for (int d = digits; d >= least; d--) {
        int n = snprintf(text, FORMAT_BYTES, "%.*f", d, value);
        if (text[strspn(text, "-0.")] == '\0') n = snprintf(text, FORMAT_BYTES, "%.*f", d, 0.0); // no -0.0000
        if ((size_t)n <= most) return text;
    }
    for (int d = digits; d > 0; d--)
        if ((size_t)snprintf(text, FORMAT_BYTES, "%.*e", d, value) <= most) return text;
    snprintf(text, FORMAT_BYTES, "%.0e", value);
    return text;
}
