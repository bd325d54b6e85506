#include "network_double.h"

#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FLOATS = 4096, MAX_TENSORS = 16 };

static void embedding(size_t n, size_t dim, const uint16_t *ids, const double *table, double *y) {
    for (size_t i = 0; i < n; i++)
        for (size_t d = 0; d < dim; d++) y[i * dim + d] = table[ids[i] * dim + d];
}

static void linear(size_t n, size_t in, size_t out, const double *x, const double *w, const double *bias, double *y) {
    for (size_t i = 0; i < n; i++) {
        for (size_t o = 0; o < out; o++) {
            double sum = bias ? bias[o] : 0;
            for (size_t k = 0; k < in; k++) sum += x[i * in + k] * w[k * out + o];
            y[i * out + o] = sum;
        }
    }
}

static void layer_forward(const Layer *layer, size_t b, const uint16_t *ids, double *const *tensors, const double *x,
                          double *y) {
    const LayerPlan *plan = &layer->plan;
    const char *name = layer->type->record.name;
    size_t n_in = b * plan->in.t * plan->in.c;
    if (strcmp(name, "embedding") == 0)
        embedding(b * plan->in.t, plan->out.c, ids, tensors[0], y);
    else if (strcmp(name, "linear") == 0)
        linear(b * plan->in.t, plan->in.c, plan->out.c, x, tensors[0], plan->n_tensors > 1 ? tensors[1] : NULL, y);
    else if (strcmp(name, "flatten") == 0)
        memcpy(y, x, n_in * sizeof *y);
    else if (strcmp(name, "tanh") == 0)
        for (size_t i = 0; i < n_in; i++) y[i] = tanh(x[i]);
    else if (strcmp(name, "relu") == 0)
        for (size_t i = 0; i < n_in; i++) y[i] = x[i] > 0 ? x[i] : 0;
    else
        ck_abort_msg("layer \"%s\" has no double forward pass; write one here", name);
}

double double_loss(const Network *network, double *const *tensors, const uint16_t *ids, const uint16_t *targets,
                   size_t b) {
    static double activations[2][MAX_FLOATS];
    double *x = activations[0], *y = activations[1], sum = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        ck_assert_uint_le(b * layer->plan.out.t * layer->plan.out.c, MAX_FLOATS);
        layer_forward(layer, b, ids, tensors + layer->first_tensor, x, y);
        double *swap = x;
        x = y;
        y = swap;
    }
    for (size_t i = 0; i < b; i++) {
        double total = 0;
        const double *z = x + i * network->vocab;
        for (size_t v = 0; v < network->vocab; v++) total += exp(z[v]);
        sum += log(total) - z[targets[i]];
    }
    return sum / (double)b;
}

void expect_gradients(const Network *network, const uint16_t *ids, const uint16_t *targets, size_t b) {
    const double step = 1e-5;
    double *tensors[MAX_TENSORS];
    ck_assert_uint_le(network->n_tensors, MAX_TENSORS);
    for (size_t t = 0; t < network->n_tensors; t++) {
        tensors[t] = malloc(network->tensors[t].n * sizeof(double));
        ck_assert_ptr_nonnull(tensors[t]);
        for (size_t i = 0; i < network->tensors[t].n; i++) tensors[t][i] = (double)network->tensors[t].data[i];
    }
    for (size_t t = 0; t < network->n_tensors; t++) {
        const Tensor *tensor = &network->tensors[t];
        double largest = 0;
        for (size_t i = 0; i < tensor->n; i++) largest = fmax(largest, fabs((double)tensor->grad[i]));
        ck_assert_double_gt(largest, 0);
        for (size_t i = 0; i < tensor->n; i++) {
            double at = tensors[t][i];
            tensors[t][i] = at + step;
            double above = double_loss(network, tensors, ids, targets, b);
            tensors[t][i] = at - step;
            double below = double_loss(network, tensors, ids, targets, b);
            tensors[t][i] = at;
            double slope = (above - below) / (2 * step), got = (double)tensor->grad[i];
            ck_assert_msg(fabs(got - slope) <= 1e-6 + 1e-4 * largest, "%s[%zu]: gradient %.9g, central difference %.9g",
                          tensor->name, i, got, slope);
        }
    }
    for (size_t t = 0; t < network->n_tensors; t++) free(tensors[t]);
}
