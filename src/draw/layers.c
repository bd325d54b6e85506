// Part 3's histograms: what the nonlinearities put out in one training step, and the gradients there.
#include "draw/histogram.h"
#include "draw/kinds.h"
#include "draw/training.h"
#include "study/diagnose.h"

#include <math.h>
#include <stdio.h>

enum { BINS = 60, PLOT_HEIGHT = 360 };
static const double GRADIENT_REACH = 4; // standard deviations of the layer whose gradients spread most

// The layers that are drawn, after one step.
typedef struct Look {
    Training training;
    Diagnosis diagnosis;
    size_t n;
    const LayerDiagnosis **rows; // (n)
} Look;

static const char *why_not(const PlotSource *source) {
    const char *why = training_why_not(source);
    const Network *network = &source->run->saved.model.network;
    for (size_t i = 0; !why && i < network->n_layers; i++)
        if (network->layers[i].type->is_flat) return NULL;
    return why ? why : "the network has no nonlinear layer (tanh, relu)";
}

static bool look(Look *look, const PlotSource *source, Arena *arena, Error *err) {
    Trainer *trainer = &look->training.trainer;
    Diagnosis *diagnosis = &look->diagnosis;
    if (!training_go_on(&look->training, source, arena, err) || !diagnosis_create(diagnosis, trainer, arena, err) ||
        !diagnose(trainer, diagnosis, err))
        return false;
    look->n = 0;
    look->rows = arena_alloc(arena, diagnosis->n_layers, sizeof *look->rows, err);
    for (size_t i = 0; look->rows && i < diagnosis->n_layers; i++)
        if (diagnosis->layers[i].has_flats) look->rows[look->n++] = &diagnosis->layers[i];
    return look->rows != NULL;
}

static const float *values(const Look *look, size_t i, bool gradients, size_t *n) {
    const LayerDiagnosis *row = look->rows[i];
    const Layer *layer = &look->training.trainer.model.network.layers[row->layer];
    *n = look->training.trainer.batch * row->out.t * row->out.c;
    return gradients ? layer->dy : layer->y;
}

// All outputs, or gradients to so many of the widest layer's deviations.
static void find_range(const Look *look, bool gradients, double range[2]) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < look->n; i++) {
        size_t n;
        const float *x = values(look, i, gradients, &n);
        double reach = GRADIENT_REACH * look->rows[i]->gradient.std;
        if (gradients && isfinite(reach)) low = fmin(low, -reach), high = fmax(high, reach);
        for (size_t k = 0; !gradients && k < n; k++) low = fmin(low, (double)x[k]), high = fmax(high, (double)x[k]);
    }
    bool has_width = high > low;
    range[0] = has_width ? low : -1;
    range[1] = has_width ? high : 1;
}

static void add_layer(Picture *picture, const Look *look, size_t i, bool gradients, const double range[2]) {
    double counts[BINS];
    size_t n;
    char name[32];
    const float *x = values(look, i, gradients, &n);
    histogram(n, x, range[0], range[1], BINS, counts);
    snprintf(name, sizeof name, "layer%zu", i);
    picture_data(picture, name);
    for (size_t b = 0; b < BINS; b++) {
        double center = range[0] + (range[1] - range[0]) * ((double)b + 0.5) / BINS;
        picture_row(picture, 2, (const double[]){center, 100 * counts[b] / (double)n});
    }
    picture_data_end(picture);
}

// What two decimals would round to -0.00.
static double unsigned_zero(double x) { return fabs(x) < 0.005 ? 0 : x; }

static const char *curve_title(const LayerDiagnosis *row, const char *type, bool gradients, Arena *arena, Error *err) {
    if (!gradients)
        return arena_format(arena, err, "layer %zu, %s: mean %.2f, deviation %.2f, %.1f %% flat", row->layer, type,
                            unsigned_zero(row->output.mean), row->output.std, row->saturated);
    if (!isfinite(row->gradient.std))
        return arena_format(arena, err, "layer %zu, %s: not all are finite", row->layer, type);
    return arena_format(arena, err, "layer %zu, %s: mean %.1e, deviation %.1e", row->layer, type, row->gradient.mean,
                        row->gradient.std);
}

static bool add_curve(Picture *picture, const Look *look, size_t i, bool gradients, Arena *arena, Error *err) {
    const LayerDiagnosis *row = look->rows[i];
    const char *type = look->training.trainer.model.network.layers[row->layer].type->record.name;
    const char *data = arena_format(arena, err, "$layer%zu", i);
    const char *title = curve_title(row, type, gradients, arena, err);
    if (!data || !title) return false;
    picture_curve(picture, &(Curve){data, "lines", title, picture_style(i), 2, 0});
    return true;
}

static bool draw(PlotSource *source, Picture *picture, bool gradients, Arena *arena, Error *err) {
    Look seen;
    double range[2];
    if (!look(&seen, source, arena, err)) return false;
    const char *note =
        arena_format(arena, err, "Step %llu, rate %g, a minibatch of %zu examples. %s",
                     (unsigned long long)seen.diagnosis.step, seen.diagnosis.rate, seen.training.trainer.batch,
                     gradients ? "What lies beyond an end of the axis is counted there."
                               : "Flat: where the slope is nearly 0 (|tanh| > 0.97, relu at 0).");
    if (!note) return false;
    picture->key_rows = (unsigned)seen.n;
    picture->plot_height = PLOT_HEIGHT;
    picture_title(picture, gradients ? "Gradients" : "Activations", source->run->name, note);
    picture_axes(picture, gradients ? "gradient of the loss by a layer's output" : "a layer's output",
                 "share of the values in a bin (%)");
    find_range(&seen, gradients, range);
    picture_line(picture, "set xrange [%.9g:%.9g]\nset yrange [0:*]", range[0], range[1]);
    for (size_t i = 0; i < seen.n; i++) add_layer(picture, &seen, i, gradients, range);
    for (size_t i = 0; i < seen.n; i++)
        if (!add_curve(picture, &seen, i, gradients, arena, err)) return false;
    picture_plot(picture);
    return true;
}

static bool draw_activations(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    return draw(source, picture, false, arena, err);
}

static bool draw_gradients(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    return draw(source, picture, true, arena, err);
}

const PlotKind activations_plot = {"activations", "histograms of the nonlinear layers' outputs", false, why_not,
                                   draw_activations};
const PlotKind gradients_plot = {"gradients", "histograms of the gradients there", false, why_not, draw_gradients};
