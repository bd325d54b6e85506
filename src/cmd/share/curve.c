#include "cmd/share/curve.h"

#include "cmd/share/terminal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 14, AXIS_COLUMNS = 10, MOST_COLUMNS = 110, LEAST_COLUMNS = 10 };

// The mean, over the points that fall into each column, of the smaller of y and the ceiling.
static void average_columns(size_t n, const double *y, double ceiling, size_t columns, double means[]) {
    for (size_t c = 0; c < columns; c++) {
        size_t begin = c * n / columns, end = (c + 1) * n / columns;
        double sum = 0;
        if (end == begin) end = begin + 1;
        for (size_t i = begin; i < end; i++) sum += fmin(y[i], ceiling);
        means[c] = sum / (double)(end - begin);
    }
}

static void print_axis(const Curve *curve, size_t columns) {
    size_t left = strlen(curve->left), middle = strlen(curve->middle), right = strlen(curve->right);
    printf("%*s+", AXIS_COLUMNS - 1, "");
    for (size_t c = 0; c < columns; c++) putchar('-');
    printf("\n%*s%s", AXIS_COLUMNS, "", curve->left);
    size_t at = left, center = (columns - middle) / 2;
    if (center > left && center + middle + right + 1 < columns) {
        printf("%*s%s", (int)(center - at), "", curve->middle);
        at = center + middle;
    }
    if (columns >= at + right + 1) printf("%*s%s", (int)(columns - at - right), "", curve->right);
    putchar('\n');
}

void curve_print(const Curve *curve) {
    double y[MOST_COLUMNS], low = INFINITY, high = -INFINITY;
    size_t wide = terminal_columns(), columns = wide > AXIS_COLUMNS + 1 ? wide - AXIS_COLUMNS - 1 : 0;
    if (columns > MOST_COLUMNS) columns = MOST_COLUMNS;
    if (columns < LEAST_COLUMNS) columns = LEAST_COLUMNS;
    average_columns(curve->n, curve->y, curve->ceiling, columns, y);
    for (size_t c = 0; c < columns; c++) {
        low = fmin(low, y[c]);
        high = fmax(high, y[c]);
    }
    if (!(high > low)) high = low + 1;
    size_t marked = curve->marked * columns / curve->n;
    const char *dot = terminal_is_utf8() ? "\u2022" : "*";
    for (size_t row = 0; row < ROWS; row++) {
        if (row == 0 || row == ROWS - 1 || row == ROWS / 2)
            printf("%*.4g |", AXIS_COLUMNS - 2, high - (high - low) * (double)row / (ROWS - 1));
        else
            printf("%*s |", AXIS_COLUMNS - 2, "");
        size_t end = 0; // column after the last mark on this row
        for (size_t c = 0; c < columns; c++) {
            size_t row_of_y = (size_t)((high - y[c]) / (high - low) * (ROWS - 1) + 0.5);
            bool is_mark = c == marked && row_of_y != row;
            if (row_of_y != row && !is_mark) continue;
            printf("%*s%s", (int)(c - end), "", is_mark ? ":" : dot);
            end = c + 1;
        }
        putchar('\n');
    }
    print_axis(curve, columns);
}

static void halve(Sparkline *sparkline) {
    for (size_t i = 0; i < SPARKLINE_POINTS / 2; i++)
        sparkline->means[i] = (sparkline->means[2 * i] + sparkline->means[2 * i + 1]) / 2;
    sparkline->n = SPARKLINE_POINTS / 2;
    sparkline->joined++;
}

void sparkline_add(Sparkline *sparkline, double y) {
    uint64_t each = (uint64_t)1 << sparkline->joined;
    sparkline->sum += y;
    if (++sparkline->n_sum < each) return;
    sparkline->means[sparkline->n++] = sparkline->sum / (double)each;
    sparkline->sum = 0;
    sparkline->n_sum = 0;
    if (sparkline->n == SPARKLINE_POINTS) halve(sparkline);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t level(double y, double low, double high, size_t n_levels) {
    if (!(high > low)) return 0;
    return (size_t)((fmin(y, high) - low) / (high - low) * (double)(n_levels - 1) + 0.5);
}

size_t sparkline_draw(const Sparkline *sparkline, size_t columns, bool is_utf8, char text[SPARKLINE_BYTES]) {
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const ascii[] = {"_", ".", "-", "^", "\""};
    double y[SPARKLINE_COLUMNS], sorted[SPARKLINE_COLUMNS];
    size_t n = columns < SPARKLINE_COLUMNS ? columns : SPARKLINE_COLUMNS;
    if (n > sparkline->n) n = sparkline->n;
    text[0] = '\0';
    if (n == 0) return 0;
    average_columns(sparkline->n, sparkline->means, INFINITY, n, y);
    memcpy(sorted, y, n * sizeof *y);
    qsort(sorted, n, sizeof *sorted, by_size);
    double low = sorted[0], high = sorted[n - 1 - n / 8];
    for (size_t c = 0; c < n; c++) {
        const char *mark = is_utf8 ? blocks[level(y[c], low, high, 8)] : ascii[level(y[c], low, high, 5)];
        size_t n_bytes = strlen(mark);
        memcpy(text, mark, n_bytes + 1);
        text += n_bytes;
    }
    return n;
}
