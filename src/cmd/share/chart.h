// A table of probabilities with bars, one column for each temperature.
#pragma once

#include "base/buffer.h"

enum { CHART_MAX_TEMPERATURES = 16 };

typedef struct Temperatures {
    size_t n;
    double items[CHART_MAX_TEMPERATURES];
} Temperatures;

// Reads a list such as "0.5,1,2": numbers up to 1e6, from 0 if `zero_is_allowed`, otherwise from 1e-6. Errors name
// --temperature.
bool temperatures_read(Temperatures *out, const char *list, bool zero_is_allowed, Error *err);

typedef struct Chart {
    size_t n_rows;
    const char *const *labels;  // (n_rows)
    const float *probabilities; // (temperatures.n, n_rows)
    Temperatures temperatures;
} Chart;

// Writes the chart, with bars as wide as the terminal allows.
void chart_write(Buffer *out, const Chart *chart);
