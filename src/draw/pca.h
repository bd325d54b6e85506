// Principal components of a few points, for a picture of them.
#ifndef NOMEN_DRAW_PCA_H
#define NOMEN_DRAW_PCA_H

#include "base/arena.h"

typedef struct Pca {
    double (*at)[2]; // (n) coordinates on the first and the second component
    double share[2]; // of the variance of all points, from 0 to 1; 0 where they do not vary
} Pca;

// The points x (n, dim), n of a few hundred at most, on their two principal components (Pearson 1901). With X the
// points less their mean, X X^T = U diag(s) U^T is taken apart by Jacobi's rotations (1846) in double; the coordinates
// on component k are sqrt(s_k) U_k, its share s_k / sum s. Of a component's two signs the one is taken that makes the
// coordinate largest in size, the first of equals, positive. The same bits everywhere: +, -, *, / and sqrt alone.
bool pca(Pca *out, size_t n, size_t dim, const double *x, Arena *arena, Error *err);

#endif
