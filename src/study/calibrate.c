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

// Sums layer i's input over every example as add_rows does. A prefix counts once for each of its targets.
static void add_inputs(Model *model, size_t i, const ContextCounts *examples, const double *center, double *sum) {
    Network *network = &model->network;
    Shape in = network->layers[i].plan.in;
    size_t floats = network_row_floats(network, in);
    ModelPass pass;
    for (size_t row = 0; row < examples->contexts.n; row += pass.n) {
        size_t left = examples->contexts.n - row, b = left < model->max_rows ? left : model->max_rows;
        model_forget(model);
        pass = model_pass(model, context_counts_ids(examples, row, b, model->ids), b);
        const float *x = network_predict_input(network, i, pass.input);
        for (size_t k = 0; k < pass.n; k++)
            add_rows(floats / in.c, in.c, x + model->rows[k] * floats, examples_of(examples, row + k), center, sum);
    }
    model_forget(model);
}

bool calibrate(Model *model, const ContextCounts *examples, Error *err) {
    Arena scratch = {0};
    Network *network = &model->network;
    bool ok = true;
    for (size_t i = 0; ok && i < network->n_layers; i++) {
        if (!network->layers[i].type->calibrate) continue;
        Shape in = network->layers[i].plan.in;
        size_t positions = network_row_floats(network, in) / in.c;
        double n = (double)examples->total * (double)positions;
        double *mean = arena_alloc(&scratch, in.c, sizeof *mean, err);
        double *square = arena_alloc(&scratch, in.c, sizeof *square, err);
        ok = mean && square;
        if (!ok) break;
        add_inputs(model, i, examples, NULL, mean);
        for (size_t c = 0; c < in.c; c++) mean[c] /= n;
        add_inputs(model, i, examples, mean, square);
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
