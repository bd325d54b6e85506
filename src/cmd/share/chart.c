#include "cmd/share/chart.h"

#include "base/text.h"
#include "cmd/share/bar.h"
#include "cmd/share/terminal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PROBABILITY_COLUMNS = 6, GAP_COLUMNS = 2, LEAST_BAR = 3, WIDEST_BAR = 40 };

bool temperatures_read(Temperatures *out, const char *list, bool zero_is_allowed, Error *err) {
    out->n = 0;
    for (const char *at = list;; at++) {
        char text[128] = "";
        size_t n = strcspn(at, ",");
        if (n < sizeof text) memcpy(text, at, n);
        if (out->n == CHART_MAX_TEMPERATURES)
            return error_usage(err, "--temperature: more than %d of them", CHART_MAX_TEMPERATURES);
        double t = 0;
        if (!text_number(text, &t) || !(t >= 0 && t <= 1e6) || (!zero_is_allowed && !(t >= 1e-6)))
            return error_usage(err, "--temperature: expected a number from %s to 1000000, found \"%.*s\"",
                               zero_is_allowed ? "0" : "0.000001", (int)n, at);
        out->items[out->n++] = t;
        at += n;
        if (*at == '\0') return true;
    }
}

static size_t label_columns(const Chart *chart) {
    size_t widest = 0;
    for (size_t r = 0; r < chart->n_rows; r++) {
        size_t n = utf8_columns(chart->labels[r]);
        if (n > widest) widest = n;
    }
    return widest;
}

// Of a chart of n temperatures.
static size_t bar_columns(size_t label, size_t n) {
    size_t columns = terminal_columns(), fixed = label + n * (GAP_COLUMNS + PROBABILITY_COLUMNS + 1);
    size_t bar = columns > fixed ? (columns - 1 - fixed) / n : 0;
    return bar < LEAST_BAR ? LEAST_BAR : bar > WIDEST_BAR ? WIDEST_BAR : bar;
}

// The temperatures [first, first + n).
static void print_block(const Chart *chart, size_t label, size_t first, size_t n) {
    size_t bar = bar_columns(label, n);
    printf("%*s", (int)label, "");
    for (size_t t = 0; t < n; t++) {
        char heading[32];
        snprintf(heading, sizeof heading, "T = %g", chart->temperatures.items[first + t]);
        int width = t + 1 < n ? (int)(PROBABILITY_COLUMNS + 1 + bar) : 0;
        printf("%*s%-*s", GAP_COLUMNS, "", width, heading);
    }
    putchar('\n');
    for (size_t r = 0; r < chart->n_rows; r++) {
        printf("%s", chart->labels[r]);
        for (size_t i = utf8_columns(chart->labels[r]); i < label; i++) putchar(' ');
        for (size_t t = 0; t < n; t++) {
            double p = (double)chart->probabilities[(first + t) * chart->n_rows + r];
            if (isnan(p)) p = fabs(p); // its sign means nothing
            printf("%*s%*.4f ", GAP_COLUMNS, "", PROBABILITY_COLUMNS, p);
            bar_print(p, bar, t + 1 < n);
        }
        putchar('\n');
    }
}

void chart_print(const Chart *chart) {
    size_t label = label_columns(chart), columns = terminal_columns(), n = chart->temperatures.n;
    size_t each = GAP_COLUMNS + PROBABILITY_COLUMNS + 1 + LEAST_BAR;
    size_t fit = columns > label + 1 + each ? (columns - label - 1) / each : 1;
    for (size_t first = 0; first < n; first += fit) {
        if (first > 0) putchar('\n');
        print_block(chart, label, first, n - first < fit ? n - first : fit);
    }
}
