#include "study/smooth.h"

void smooth(size_t n, size_t stride, size_t half, const double *x, double *y) {
    for (size_t i = 0; i < n; i++) {
        size_t reach = half;
        if (reach > i) reach = i;
        if (reach > n - 1 - i) reach = n - 1 - i;
        double sum = 0;
        for (size_t k = i - reach; k <= i + reach; k++) sum += x[k * stride];
        y[i * stride] = sum / (double)(2 * reach + 1);
    }
}
