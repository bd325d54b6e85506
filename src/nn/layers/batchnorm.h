// Batch norm (Ioffe and Szegedy 2015; lectures part 3): each channel is standardized over all rows of the batch, then
// scaled and moved. Rows are the N = B T positions of a batch (B, T, C); per channel, over the rows r:
//
//     m = 1/N sum_r x_r          v = 1/(N - k) sum_r (x_r - m)^2          k = 1 where unbiased, else 0
//     s = 1 / sqrt(v + eps)      u_r = (x_r - m) s                        y_r = gain u_r + bias
//
// Its gradient, derived as in part 4. The losses' slopes by bias and gain are dbias = sum_r dy_r, dgain = sum_r dy_r
// u_r; by u_r it is gain dy_r. x_r acts on every row, through v and through m:
//
//     dv = sum_r gain dy_r (x_r - m) (-1/2) s^3 = -1/2 gain s^2 dgain,    dv/dx_r = 2 (x_r - m) / (N - k)
//     dm = -s gain dbias   (by v nothing, since sum_r (x_r - m) = 0),     dm/dx_r = 1/N
//     dx_r = s gain dy_r + dm/N + dv 2 (x_r - m) / (N - k)
//          = s gain (dy_r - dbias / N - u_r dgain / (N - k))
//
// Running figures follow the batch's, for evaluation: running <- (1 - momentum) running + momentum (m, and v or sqrt
// v). Evaluation takes m and v from them, so an example's result does not depend on its batch.
#ifndef NOMEN_NN_LAYERS_BATCHNORM_H
#define NOMEN_NN_LAYERS_BATCHNORM_H

#include "nn/layer.h"

// The statistics of a batch, (c) each.
typedef struct BatchStats {
    float *mean, *variance; // m, v
    float *scale;           // s
} BatchStats;

// Fills the statistics of x (n, c), n >= 2.
void batchnorm_stats(size_t n, size_t c, const float *x, bool unbiased, float eps, BatchStats stats);

// y (n, c) by the mean and scale of `stats`; y may be x.
void batchnorm_forward(size_t n, size_t c, const float *x, BatchStats stats, const float *gain, const float *bias,
                       float *y);

// Adds to dgain and dbias (c), and overwrites dx (n, c), which may be dy; scratch (3, c).
void batchnorm_backward(size_t n, size_t c, const float *x, BatchStats stats, bool unbiased, const float *gain,
                        const float *dy, float *scratch, float *dx, float *dgain, float *dbias);

extern const LayerType batchnorm_layer;

#endif
