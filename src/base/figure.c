#include "base/figure.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

const char *figure_loss(double value, char text[FIGURE_BYTES]) {
    bool is_large = isfinite(value) && fabs(value) >= 1e6;
    snprintf(text, FIGURE_BYTES, is_large ? "%.4e" : "%.4f", isnan(value) ? fabs(value) : value);
    return text;
}

const char *figure_fit(double value, int digits, size_t most, char text[FIGURE_BYTES]) {
    int least = digits > 1 ? 1 : 0;
    if (isnan(value)) value = fabs(value);
    for (int d = digits; d >= least; d--)
        if ((size_t)snprintf(text, FIGURE_BYTES, "%.*f", d, value) <= most) return text;
    for (int d = digits; d > 0; d--)
        if ((size_t)snprintf(text, FIGURE_BYTES, "%.*e", d, value) <= most) return text;
    snprintf(text, FIGURE_BYTES, "%.0e", value);
    return text;
}
