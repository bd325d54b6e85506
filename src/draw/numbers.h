// The computations behind pictures: histograms and principal components.
#pragma once

#include "base/arena.h"

// Counts how many of x (n) fall into each of n_bins equal bins from `low` to `high` > low. A bin includes its lower
// end. Values beyond an end count in the last bin there; NaN counts nowhere.
void histogram(size_t n, const float *x, double low, double high, size_t n_bins, double *counts);

typedef struct Pca {
    double (*at)[2]; // (n) coordinates on the first two components
    double share[2]; // of the variance, from 0 to 1; 0 if the points are all the same
} Pca;

// Projects n points x (n, dim), a few hundred at most, onto their two principal components (Pearson 1901). Jacobi's
// rotations (1846) decompose X X^T = U diag(s) U^T in double, X being the points minus their mean. The coordinates on
// component k are sqrt(s_k) U_k, its share is s_k / sum s. Of the two signs of a component, the coordinate largest in
// magnitude (the first if several) is positive. Uses only + - * / and sqrt: the same bits everywhere.
bool pca(Pca *out, size_t n, size_t dim, const double *x, Arena *arena, Error *err);
