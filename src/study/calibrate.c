#include "study/calibrate.h"

// sum (c) += weight * x, or weight * (x - center)^2 unless `center` is NULL, over the rows of x (rows, c).
static void add_rows(size_t rows, size_t c, const float *x, double weight, const double *center, double *sum) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < c; i++) {
            double value = (double)x[r * c + i], off = center ? value - center[i] : 0;
            sum[i] += weight * (center ? off * off : value);
        }
    }
}

static double examples_of(const ContextCounts *examples, size_t row) {
    uint64_t n = 0;
    for (size_t k = examples->first[row]; k < examples->first[row + 1]; k++) n += examples->counts[k];
    return (double)n;
}

// Sums layer i's input over every example as add_rows does.
static void add_inputs(Network *network, size_t i, const ContextCounts *examples, uint16_t *buffer,
                       const double *center, double *sum) {
    Shape in = network->layers[i].plan.in;
    for (size_t row = 0; row < examples->contexts.n; row += network->max_rows) {
        size_t left = examples->contexts.n - row, b = left < network->max_rows ? left : network->max_rows;
        const uint16_t *ids = context_counts_ids(examples, row, b, buffer);
        const float *x = network_predict_input(network, i, ids, b);
        for (size_t k = 0; k < b; k++)
            add_rows(in.t, in.c, x + k * in.t * in.c, examples_of(examples, row + k), center, sum);
    }
}

bool calibrate(Network *network, const ContextCounts *examples, Error *err) {
    Arena scratch = {0};
    uint16_t *ids = arena_alloc(&scratch, size_mul(network->max_rows, network->context), sizeof *ids, err);
    bool ok = ids != NULL;
    for (size_t i = 0; ok && i < network->n_layers; i++) {
        if (!network->layers[i].type->calibrate) continue;
        Shape in = network->layers[i].plan.in;
        double n = (double)examples->total * (double)in.t;
        double *mean = arena_alloc(&scratch, in.c, sizeof *mean, err);
        double *square = arena_alloc(&scratch, in.c, sizeof *square, err);
        ok = mean && square;
        if (!ok) break;
        add_inputs(network, i, examples, ids, NULL, mean);
        for (size_t c = 0; c < in.c; c++) mean[c] /= n;
        add_inputs(network, i, examples, ids, mean, square);
        network_calibrate(network, i, n, mean, square);
    }
    arena_free(&scratch);
    const Tensor *overflowed = ok ? network_find_not_finite(network, false) : NULL;
    return ok &&
           (!overflowed || error_set(err,
                                     "the calibrated %s is not finite, because the input of its layer overflows; try "
                                     "smaller weights",
                                     overflowed->name));
}

bool can_calibrate(const Network *network) {
    for (size_t i = 0; i < network->n_layers; i++)
        if (network->layers[i].type->calibrate) return true;
    return false;
}
