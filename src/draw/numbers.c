#include "draw/numbers.h"

#include <math.h>

enum { MOST_SWEEPS = 60 };

void histogram(size_t n, const float *x, double low, double high, size_t n_bins, double *counts) {
    for (size_t b = 0; b < n_bins; b++) counts[b] = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) continue;
        double at = floor(((double)x[i] - low) / (high - low) * (double)n_bins);
        counts[(size_t)fmin(fmax(at, 0), (double)n_bins - 1)]++;
    }
}

// g (n, n) = X X^T, X being the points minus their mean.
static void gram(size_t n, size_t dim, const double *x, double *mean, double *g) {
    for (size_t i = 0; i < n; i++)
        for (size_t d = 0; d < dim; d++) mean[d] += x[i * dim + d] / (double)n;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k <= i; k++) {
            double sum = 0;
            for (size_t d = 0; d < dim; d++) sum += (x[i * dim + d] - mean[d]) * (x[k * dim + d] - mean[d]);
            g[i * n + k] = g[k * n + i] = sum;
        }
    }
}

// Rotates rows p and q of a matrix (n, n), or its columns p and q, by the angle of cosine c and sine s.
static void rotate(size_t n, double *matrix, size_t p, size_t q, bool columns, double c, double s) {
    for (size_t k = 0; k < n; k++) {
        double *a = &matrix[columns ? k * n + p : p * n + k], *b = &matrix[columns ? k * n + q : q * n + k];
        double x = *a, y = *b;
        *a = c * x - s * y;
        *b = s * x + c * y;
    }
}

// Makes the symmetric g (n, n) diagonal. Row k of u, zeros at first, becomes its k-th eigenvector.
static void diagonalize(size_t n, double *g, double *u) {
    for (size_t i = 0; i < n; i++) u[i * n + i] = 1;
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
        double beside = 0, trace = 0;
        for (size_t i = 0; i < n; i++) {
            trace += fabs(g[i * n + i]);
            for (size_t k = 0; k < i; k++) beside += fabs(g[i * n + k]);
        }
        if (!(beside > 1e-14 * trace)) return;
        for (size_t p = 0; p < n; p++) {
            for (size_t q = p + 1; q < n; q++) {
                double off = g[p * n + q];
                if (!(fabs(off) > 0)) continue;
                double theta = (g[q * n + q] - g[p * n + p]) / (2 * off);
                double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
                double c = 1 / sqrt(t * t + 1), s = t * c;
                rotate(n, g, p, q, false, c, s);
                rotate(n, g, p, q, true, c, s);
                rotate(n, u, p, q, false, c, s);
            }
        }
    }
}

static size_t largest_eigenvalue(size_t n, const double *g, size_t except) {
    size_t best = n;
    for (size_t i = 0; i < n; i++)
        if (i != except && (best == n || g[i * n + i] > g[best * n + best])) best = i;
    return best;
}

bool pca(Pca *out, size_t n, size_t dim, const double *x, Arena *arena, Error *err) {
    double *mean = arena_alloc(arena, dim, sizeof *mean, err), *g = arena_alloc(arena, n * n, sizeof *g, err);
    double *u = arena_alloc(arena, n * n, sizeof *u, err), total = 0;
    *out = (Pca){.at = arena_alloc(arena, n, sizeof *out->at, err)};
    if (!mean || !g || !u || !out->at) return false;
    gram(n, dim, x, mean, g);
    for (size_t i = 0; i < n; i++) total += g[i * n + i];
    diagonalize(n, g, u);
    for (size_t k = 0, best = n; k < 2 && k < n; k++) {
        best = largest_eigenvalue(n, g, best);
        double value = fmax(g[best * n + best], 0), length = sqrt(value), most = 0;
        for (size_t i = 0; i < n; i++)
            if (fabs(u[best * n + i]) > fabs(most)) most = u[best * n + i];
        for (size_t i = 0; i < n; i++) out->at[i][k] = (most < 0 ? -length : length) * u[best * n + i];
        if (total > 0) out->share[k] = value / total;
    }
    return true;
}
