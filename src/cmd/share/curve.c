#include "cmd/share/curve.h"

#include "cmd/share/terminal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 14, AXIS_COLUMNS = 10, MOST_COLUMNS = 110, LEAST_COLUMNS = 10 };

// The mean of the points that fall into each of the columns.
static void fold_into_columns(const Curve *curve, size_t columns, double y[]) {
    for (size_t c = 0; c < columns; c++) {
        size_t begin = c * curve->n / columns, end = (c + 1) * curve->n / columns;
        double sum = 0;
        if (end == begin) end = begin + 1;
        for (size_t i = begin; i < end; i++) sum += fmin(curve->y[i], curve->ceiling);
        y[c] = sum / (double)(end - begin);
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
    fold_into_columns(curve, columns, y);
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
        size_t end = 0; // behind the last thing drawn on this row
        for (size_t c = 0; c < columns; c++) {
            size_t its_row = (size_t)((high - y[c]) / (high - low) * (ROWS - 1) + 0.5);
            bool is_mark = c == marked && its_row != row;
            if (its_row != row && !is_mark) continue;
            printf("%*s%s", (int)(c - end), "", is_mark ? ":" : dot);
            end = c + 1;
        }
        putchar('\n');
    }
    print_axis(curve, columns);
}
