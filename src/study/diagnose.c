#include "study/diagnose.h"

#include "base/real.h"
#include "nn/optimizer/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Part 3 wants standard deviations about equal across layers. An output is compared with the first layer's, a gradient
// with the last layer's; a ratio beyond this is "vanishing" or "exploding".
static const double FAR_RATIO = 5;
// log10 of update / weight. Part 3 wants "roughly 1e-3" and accepts a little more. It makes the output layer's weights
// small, so that their updates are relatively large for long, and the gradients that reach the layers before them small
// in the first steps. The first updates of adam are as large as the rate, whatever the gradient.
static const double TOO_HIGH = -1.5, TOO_HIGH_EXCEPTION = -0.3, TOO_LOW = -4, TOO_LOW_AT_FIRST = -5;
enum { FIRST_STEPS = 100 };

static Moments moments(size_t n, const float *x) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    return (Moments){mean, n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN};
}

static void count_flats(LayerDiagnosis *row, bool (*is_flat)(float), size_t b, const float *y) {
    size_t units = row->n / b, n_flat = 0;
    for (size_t u = 0; u < units; u++) {
        size_t flat = 0;
        for (size_t i = 0; i < b; i++) flat += is_flat(y[i * units + u]);
        n_flat += flat;
        row->dead += flat == b;
    }
    row->saturated = 100 * (double)n_flat / (double)(b * units);
}

static void measure_layers(Diagnosis *diagnosis, const Trainer *trainer) {
    const Network *network = &trainer->model.network;
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        LayerDiagnosis *row = &diagnosis->layers[i];
        const Layer *layer = &network->layers[row->layer];
        row->n = network->n * network_row_floats(network, row->out);
        row->output = moments(row->n, layer->y);
        row->gradient = moments(row->n, layer->dy);
        row->dead = 0;
        if (row->has_flats) count_flats(row, layer->type->is_flat, network->n, layer->y);
    }
}

// `highest` is the highest rate of the schedule: a rate that is low on purpose, in a warm-up or near the end, is no
// fault.
static const char *weight_verdict(const Diagnosis *diagnosis, const WeightDiagnosis *row, double highest) {
    const bool is_output = row + 1 == diagnosis->weights + diagnosis->n_weights;
    const bool is_adam = diagnosis->optimizer.type != &sgd_optimizer;
    const double x = row->update_to_data, at_highest = x + real_log(highest / diagnosis->rate) / real_log(10);
    const bool is_first = diagnosis->step < FIRST_STEPS, is_exception = is_output || (is_first && is_adam);
    if (isnan(x)) return "";
    if (x > (is_exception ? TOO_HIGH_EXCEPTION : TOO_HIGH)) return "far above 1e-3";
    if (x > TOO_HIGH) return is_output ? "ok: output layer" : "ok: first steps";
    if (x >= TOO_LOW) return "ok";
    if (at_highest >= TOO_LOW) return "ok: rate is low";
    return is_first && at_highest >= TOO_LOW_AT_FIRST ? "ok: first steps" : "far below 1e-3";
}

// Ratios are to the weights after the step. The update is taken before it is rounded into the weights, because rounding
// would swallow a small one.
static void measure_weights(Diagnosis *diagnosis, const Trainer *trainer) {
    const Network *network = &trainer->model.network;
    const double highest = schedule_highest(&trainer->config->train.lr);
    for (size_t i = 0; i < diagnosis->n_weights; i++) {
        WeightDiagnosis *row = &diagnosis->weights[i];
        const Tensor *tensor = row->tensor;
        const float *update = diagnosis->update + (tensor->data - network->params);
        double std = moments(tensor->n, tensor->data).std;
        row->grad_std = moments(tensor->n, tensor->grad).std;
        row->grad_to_data = row->grad_std / std;
        row->update_to_data = real_log(moments(tensor->n, update).std / std) / real_log(10);
        row->verdict = diagnosis->rate > 0 ? weight_verdict(diagnosis, row, highest)
                                           : ""; // at rate 0 nothing moves in any network
    }
}

static const char *layer_verdict(const LayerDiagnosis *row, const LayerDiagnosis *first, const LayerDiagnosis *last,
                                 double most_flat, bool is_trained) {
    double output = row->output.std / first->output.std, gradient = row->gradient.std / last->gradient.std;
    // Training by itself drives outputs to the ends: the lecture's last network has 32 % there after 200,000 steps.
    const double most_trained = (100 + most_flat) / 2;
    const bool is_flat = row->has_flats && row->saturated > most_flat;
    if (is_flat && (!is_trained || row->saturated > most_trained)) return "saturated";
    if (output * FAR_RATIO < 1 || gradient * FAR_RATIO < 1) return "vanishing";
    if (output > FAR_RATIO || gradient > FAR_RATIO || !isfinite(row->gradient.std)) return "exploding";
    return row->dead > 0 ? "dead units" : is_flat ? "ok: trained" : "ok";
}

// Which layers are judged.
typedef enum Judged {
    JUDGE_RESIDUAL,  // those that hold layers, if there are any: what they add up runs through the whole network
    JUDGE_NONLINEAR, // otherwise the nonlinear ones, as the lecture does
    JUDGE_HIDDEN,    // without any, the hidden layers, except batch norm
} Judged;

static Judged choose_judged(const Diagnosis *diagnosis, const Network *network) {
    Judged judged = JUDGE_HIDDEN;
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        if (network->layers[diagnosis->layers[i].layer].type->inner) return JUDGE_RESIDUAL;
        if (diagnosis->layers[i].has_flats) judged = JUDGE_NONLINEAR;
    }
    return judged;
}

static bool is_judged(const LayerDiagnosis *row, const Network *network, Judged judged) {
    const LayerType *type = network->layers[row->layer].type;
    if (judged == JUDGE_RESIDUAL) return type->inner != NULL;
    if (judged == JUDGE_NONLINEAR) return row->has_flats;
    return !type->takes_ids && !type->mixes_rows && row->layer + 1 < network->n_layers;
}

static void judge_layers(Diagnosis *diagnosis, const Network *network) {
    const LayerDiagnosis *first = NULL, *last = NULL;
    const Judged judged = choose_judged(diagnosis, network);
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        LayerDiagnosis *row = &diagnosis->layers[i];
        row->verdict = "";
        if (!is_judged(row, network, judged)) continue;
        if (!first) first = row;
        last = row;
    }
    for (LayerDiagnosis *row = diagnosis->layers; row < diagnosis->layers + diagnosis->n_layers; row++)
        if (is_judged(row, network, judged))
            row->verdict =
                layer_verdict(row, first, last, network->layers[row->layer].type->most_flat, diagnosis->step > 0);
}

bool diagnosis_create(Diagnosis *diagnosis, const Trainer *trainer, Arena *arena, Error *err) {
    const Network *network = &trainer->model.network;
    *diagnosis = (Diagnosis){0};
    diagnosis->layers = arena_alloc(arena, network->n_layers, sizeof *diagnosis->layers, err);
    diagnosis->weights = arena_alloc(arena, network->n_tensors, sizeof *diagnosis->weights, err);
    diagnosis->update = arena_alloc(arena, network->n_slab, sizeof *diagnosis->update, err);
    if (!diagnosis->layers || !diagnosis->weights || !diagnosis->update ||
        !optimizer_create(&diagnosis->optimizer, &trainer->config->train.optimizer, network->n_slab, arena, err))
        return false;
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        if (layer->plan.is_view) continue;
        diagnosis->layers[diagnosis->n_layers++] = (LayerDiagnosis){
            .layer = i, .name = layer->name, .out = layer->plan.out, .has_flats = layer->type->is_flat != NULL};
    }
    for (size_t t = 0; t < network->n_tensors; t++)
        if (network->tensors[t].plan->role == TENSOR_WEIGHT)
            diagnosis->weights[diagnosis->n_weights++].tensor = &network->tensors[t];
    return true;
}

bool diagnose_weights(Trainer *trainer, Diagnosis *diagnosis, Error *err) {
    diagnosis->step = trainer->state.step;
    diagnosis->rate = trainer_rate(trainer);
    diagnosis->loss = trainer_backward(trainer);
    if (!isfinite(diagnosis->loss)) return trainer_not_finite(trainer, "the loss", err);
    trainer_preview_update(trainer, diagnosis->rate, &diagnosis->optimizer, diagnosis->update);
    trainer_update(trainer, diagnosis->rate);
    measure_weights(diagnosis, trainer);
    return true;
}

bool diagnose(Trainer *trainer, Diagnosis *diagnosis, Error *err) {
    if (!diagnose_weights(trainer, diagnosis, err)) return false;
    measure_layers(diagnosis, trainer);
    judge_layers(diagnosis, &trainer->model.network);
    return true;
}

// Looks up `name`, "PREFIX.WORD", among n words with a value each.
static bool find_value(const char *name, const char *prefix, size_t n, const char *const *words, const double *values,
                       double *value) {
    size_t n_prefix = strlen(prefix);
    if (strncmp(name, prefix, n_prefix) != 0 || name[n_prefix] != '.') return false;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], name + n_prefix + 1) != 0) continue;
        *value = values[i];
        return true;
    }
    return false;
}

bool diagnosis_value(const Diagnosis *diagnosis, const char *name, double *value) {
    static const char *const weight_words[] = {"grad_std", "grad_to_data", "update_to_data"};
    static const char *const layer_words[] = {"mean", "std", "grad_mean", "grad_std", "saturated", "dead"};
    for (const WeightDiagnosis *row = diagnosis->weights; row < diagnosis->weights + diagnosis->n_weights; row++) {
        const double values[] = {row->grad_std, row->grad_to_data, row->update_to_data};
        if (find_value(name, row->tensor->name, 3, weight_words, values, value)) return true;
    }
    for (const LayerDiagnosis *row = diagnosis->layers; row < diagnosis->layers + diagnosis->n_layers; row++) {
        const double values[] = {row->output.mean,  row->output.std, row->gradient.mean,
                                 row->gradient.std, row->saturated,  (double)row->dead};
        if (find_value(name, row->name, row->has_flats ? 6 : 4, layer_words, values, value)) return true;
    }
    return false;
}
