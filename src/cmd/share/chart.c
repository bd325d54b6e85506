#include "cmd/share/chart.h"

#include "base/text.h"
#include "cmd/share/table.h"
#include "cmd/share/terminal.h"

#include <stdio.h>
#include <string.h>

// Of a temperature: the probability, and a gap before it and before its bar.
enum { PROBABILITY_COLUMNS = 7, FIXED_COLUMNS = PROBABILITY_COLUMNS + 2, LEAST_BAR = 1 };

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

void chart_write(Buffer *out, const Chart *chart) {
    const size_t n = chart->temperatures.n;
    char titles[CHART_MAX_TEMPERATURES][16];
    Column columns[1 + 2 * CHART_MAX_TEMPERATURES];
    Cell cells[1 + 2 * CHART_MAX_TEMPERATURES];
    const Table table = {out, TABLE_TEXT, 0, 1 + 2 * n, columns};
    size_t label = 0;
    for (size_t r = 0; r < chart->n_rows; r++) {
        size_t wide = utf8_columns(chart->labels[r]);
        if (wide > label) label = wide;
    }
    size_t room = terminal_columns(), fixed = label + 1 + n * FIXED_COLUMNS;
    size_t bar = room > fixed ? (room - fixed) / n : 0;
    bar = bar < LEAST_BAR ? LEAST_BAR : bar > BAR_COLUMNS ? BAR_COLUMNS : bar;
    columns[0] = (Column){"", NULL, -(int)label};
    for (size_t t = 0; t < n; t++) {
        snprintf(titles[t], sizeof titles[t], "T=%g", chart->temperatures.items[t]);
        columns[1 + 2 * t] = (Column){titles[t], NULL, PROBABILITY_COLUMNS, 'f', 4};
        columns[2 + 2 * t] = (Column){"", NULL, -(int)bar};
    }
    table_head(&table);
    for (size_t r = 0; r < chart->n_rows; r++) {
        cells[0] = cell_text(chart->labels[r]);
        for (size_t t = 0; t < n; t++) {
            double p = (double)chart->probabilities[t * chart->n_rows + r];
            cells[1 + 2 * t] = cell_number(p);
            cells[2 + 2 * t] = cell_bar(p);
        }
        table_row(&table, cells);
    }
}
