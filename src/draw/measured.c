#include "draw/measured.h"

#include <math.h>

enum { MOST_POINTS = 400 };

double measured_loss(const MetricsRow *row, bool is_dev) { return is_dev ? row->dev_loss : row->train_loss; }

size_t measured_add(Picture *picture, const Metrics *metrics, bool is_dev) {
    size_t n = 0, met = 0;
    for (size_t i = 0; i < metrics->n; i++) n += isfinite(measured_loss(&metrics->rows[i], is_dev)) ? 1 : 0;
    size_t stride = n / MOST_POINTS + 1;
    for (size_t i = 0; i < metrics->n; i++) {
        const MetricsRow *row = &metrics->rows[i];
        const double point[] = {(double)row->step, measured_loss(row, is_dev)};
        if (!isfinite(point[1])) continue;
        if (met % stride == 0 || met + 1 == n) picture_row(picture, 2, point);
        met++;
    }
    return n;
}
