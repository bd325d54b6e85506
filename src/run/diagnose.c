#include "run/diagnose.h"

#include "base/real.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// The lecture finds a fifth of a first layer's tanh saturated no trouble, and close to half of one too much.
static const double TOO_SATURATED = 25;
// "Vanishing" and "exploding" are ratios between layers of a kind: the lecture wants them about equal.
static const double FAR_RATIO = 10;
// log10 of update to data: "roughly 1e-3", within one order of magnitude.
static const double GOOD_UPDATE = -3, FAR_UPDATE = 1;

static Spread spread(size_t n, const float *x) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    return (Spread){mean, n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN};
}

static void count_flats(LayerDiagnosis *row, bool (*is_flat)(float), size_t b, const float *y) {
    size_t units = row->out.t * row->out.c, n_flat = 0;
    for (size_t u = 0; u < units; u++) {
        size_t flat = 0;
        for (size_t i = 0; i < b; i++) flat += is_flat(y[i * units + u]);
        n_flat += flat;
        row->dead += flat == b;
    }
    row->saturated = 100 * (double)n_flat / (double)(b * units);
}

static void look_at_layers(Diagnosis *diagnosis, const Trainer *trainer) {
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        LayerDiagnosis *row = &diagnosis->layers[i];
        const Layer *layer = &trainer->model.network.layers[row->layer];
        size_t n = trainer->batch * row->out.t * row->out.c;
        row->output = spread(n, layer->y);
        row->gradient = spread(n, layer->dy);
        row->dead = 0;
        if (row->has_flats) count_flats(row, layer->type->is_flat, trainer->batch, layer->y);
    }
}

// What the step added is found by difference, whatever the optimizer did.
static void look_at_weights(Diagnosis *diagnosis, const Trainer *trainer) {
    const Network *network = &trainer->model.network;
    for (size_t i = 0; i < diagnosis->n_weights; i++) {
        WeightDiagnosis *row = &diagnosis->weights[i];
        const Tensor *tensor = row->tensor;
        float *update = diagnosis->before + (tensor->data - network->params);
        for (size_t k = 0; k < tensor->n; k++) update[k] = tensor->data[k] - update[k];
        double std = spread(tensor->n, tensor->data).std;
        row->grad_std = spread(tensor->n, tensor->grad).std;
        row->grad_to_data = row->grad_std / std;
        row->update_to_data = real_log(spread(tensor->n, update).std / std) / real_log(10);
    }
}

static const char *layer_verdict(const LayerDiagnosis *row, const LayerDiagnosis *last) {
    if (!row->has_flats) return "";
    if (row->saturated > TOO_SATURATED) return "saturated";
    if (row->output.std * FAR_RATIO < last->output.std || row->gradient.std * FAR_RATIO < last->gradient.std)
        return "vanishing";
    if (row->output.std > FAR_RATIO * last->output.std || row->gradient.std > FAR_RATIO * last->gradient.std)
        return "exploding";
    return row->dead > 0 ? "dead units" : "ok";
}

static const char *weight_verdict(const WeightDiagnosis *row) {
    if (row->update_to_data > GOOD_UPDATE + FAR_UPDATE) return "far above 1e-3";
    if (row->update_to_data < GOOD_UPDATE - FAR_UPDATE) return "far below 1e-3";
    return isnan(row->update_to_data) ? "" : "ok";
}

static void judge(Diagnosis *diagnosis) {
    const LayerDiagnosis *last = NULL;
    for (size_t i = 0; i < diagnosis->n_layers; i++)
        if (diagnosis->layers[i].has_flats) last = &diagnosis->layers[i];
    for (size_t i = 0; i < diagnosis->n_layers; i++)
        diagnosis->layers[i].verdict = layer_verdict(&diagnosis->layers[i], last);
    for (size_t i = 0; i < diagnosis->n_weights; i++)
        diagnosis->weights[i].verdict = weight_verdict(&diagnosis->weights[i]);
}

bool diagnosis_create(Diagnosis *diagnosis, const Trainer *trainer, Arena *arena, Error *err) {
    const Network *network = &trainer->model.network;
    *diagnosis = (Diagnosis){0};
    diagnosis->layers = arena_alloc(arena, network->n_layers, sizeof *diagnosis->layers, err);
    diagnosis->weights = arena_alloc(arena, network->n_tensors, sizeof *diagnosis->weights, err);
    diagnosis->before = arena_alloc(arena, network->n_slab, sizeof *diagnosis->before, err);
    if (!diagnosis->layers || !diagnosis->weights || !diagnosis->before) return false;
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        if (layer->plan.is_view) continue;
        diagnosis->layers[diagnosis->n_layers++] =
            (LayerDiagnosis){.layer = i, .out = layer->plan.out, .has_flats = layer->type->is_flat != NULL};
    }
    for (size_t t = 0; t < network->n_tensors; t++)
        if (network->tensors[t].plan->role == TENSOR_WEIGHT)
            diagnosis->weights[diagnosis->n_weights++].tensor = &network->tensors[t];
    return true;
}

bool diagnose(Trainer *trainer, Diagnosis *diagnosis, Error *err) {
    const Network *network = &trainer->model.network;
    diagnosis->step = trainer->state.step;
    diagnosis->rate = trainer_rate(trainer);
    memcpy(diagnosis->before, network->params, network->n_slab * sizeof *diagnosis->before);
    if (!trainer_step(trainer, diagnosis->rate, &diagnosis->loss, err)) return false;
    look_at_layers(diagnosis, trainer);
    look_at_weights(diagnosis, trainer);
    judge(diagnosis);
    return true;
}

// What is left of `name` behind `prefix` and a point, or NULL.
static const char *behind(const char *name, const char *prefix) {
    size_t n = strlen(prefix);
    return strncmp(name, prefix, n) == 0 && name[n] == '.' ? name + n + 1 : NULL;
}

typedef struct Named {
    const char *name;
    double value;
} Named;

static bool pick(const Named *figures, size_t n, const char *name, double *value) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(figures[i].name, name) != 0) continue;
        *value = figures[i].value;
        return true;
    }
    return false;
}

static bool layer_figure(const LayerDiagnosis *row, const char *name, double *value) {
    const Named figures[] = {
        {"mean", row->output.mean},  {"std", row->output.std},          {"saturated", row->saturated},
        {"dead", (double)row->dead}, {"grad_mean", row->gradient.mean}, {"grad_std", row->gradient.std},
    };
    return pick(figures, sizeof figures / sizeof *figures, name, value);
}

static bool weight_figure(const WeightDiagnosis *row, const char *name, double *value) {
    const Named figures[] = {
        {"grad_std", row->grad_std},
        {"grad_to_data", row->grad_to_data},
        {"update_to_data", row->update_to_data},
    };
    return pick(figures, sizeof figures / sizeof *figures, name, value);
}

bool diagnosis_figure(const Diagnosis *diagnosis, const char *name, double *value) {
    const char *rest;
    for (size_t i = 0; i < diagnosis->n_weights; i++)
        if ((rest = behind(name, diagnosis->weights[i].tensor->name)) &&
            weight_figure(&diagnosis->weights[i], rest, value))
            return true;
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        char layer[32];
        snprintf(layer, sizeof layer, "layers.%zu", diagnosis->layers[i].layer);
        if ((rest = behind(name, layer)) && layer_figure(&diagnosis->layers[i], rest, value)) return true;
    }
    return false;
}
