// A table of probabilities with bars, a column a temperature: what softmax and next print.
#ifndef NOMEN_CMD_SHARE_CHART_H
#define NOMEN_CMD_SHARE_CHART_H

#include "base/arena.h"

enum { CHART_MAX_TEMPERATURES = 16 };

typedef struct Temperatures {
    size_t n;
    double items[CHART_MAX_TEMPERATURES];
} Temperatures;

// Reads "0.5,1,2": numbers up to 1e6, from 0 where `zero_is_allowed`, else from 1e-6. The error names --temperature.
bool temperatures_read(Temperatures *out, const char *list, bool zero_is_allowed, Error *err);

typedef struct Chart {
    size_t n_rows;
    const char *const *labels;  // (n_rows)
    const float *probabilities; // (temperatures.n, n_rows)
    Temperatures temperatures;
} Chart;

// Prints it, as many temperatures side by side as fit the terminal (80 columns where there is none). Bars are drawn
// with block characters where the locale is UTF-8, with # elsewhere.
void chart_print(const Chart *chart);

#endif
