#include "cmd/share/sparkline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void join_neighbours(Sparkline *sparkline) {
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
    if (sparkline->n == SPARKLINE_POINTS) join_neighbours(sparkline);
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
    for (size_t c = 0; c < n; c++) {
        size_t begin = c * sparkline->n / n, end = (c + 1) * sparkline->n / n;
        double sum = 0;
        for (size_t i = begin; i < end; i++) sum += sparkline->means[i];
        y[c] = sum / (double)(end - begin);
    }
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
