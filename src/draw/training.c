// What a run directory does not store, made by training in memory: the outputs and gradients of the next step, the
// updates of the first steps, and the loss while the learning rate rises (lectures part 2 and 3).
#include "draw/kinds.h"
#include "draw/numbers.h"
#include "study/diagnose.h"
#include "study/lr_find.h"
#include "study/session.h"

#include <math.h>

enum { BINS = 60, PLOT_HEIGHT = 360, KEY_COLUMNS = 2, STEPS = 1000, UPDATE_POINTS = 200 };
enum { LEAST_STEPS = 20 };
static const double MOST_WORK = 6e9;    // rows times parameters times steps: a second or two
static const double GRADIENT_REACH = 4; // standard deviations of the widest layer

const char *training_why_not(const PlotSource *source) {
    return source->run->saved.model.is_ngram ? "counts have no gradients" : source->no_data;
}

const char *histogram_why_not(const PlotSource *source) {
    const char *why = training_why_not(source);
    const Network *network = &source->run->saved.model.network;
    for (size_t i = 0; !why && i < network->n_layers; i++)
        if (network->layers[i].type->is_flat) return NULL;
    return why ? why : "the network has no layer tanh, sigmoid, relu or rnn";
}

// Creates a trainer that starts from the initial weights, as the config says.
static bool create_trainer(Trainer *trainer, const PlotSource *source, Arena *arena, Error *err) {
    const PlotRun *run = source->run;
    return trainer_create(trainer, &run->saved.config, &source->dataset, false, arena, err) ||
           error_context(err, "%s", run->path);
}

// Returns how many of `wanted` steps take seconds, not minutes. It depends on the sizes alone, so that the picture is
// the same on every machine.
static size_t affordable_steps(const Trainer *trainer, size_t wanted) {
    size_t rows = trainer->batch > 0 ? trainer->batch : trainer->train.shards->contexts.n;
    size_t steps = (size_t)(MOST_WORK / ((double)rows * (double)trainer->model.network.n_parameters));
    if (steps < LEAST_STEPS) steps = LEAST_STEPS;
    return steps < wanted ? steps : wanted;
}

// The nonlinear layers after one step.
typedef struct Step {
    Session session;
    Diagnosis diagnosis;
    bool is_gradients; // draws the gradients, not the outputs
    size_t n;
    const LayerDiagnosis **layers; // (n)
} Step;

// Makes the step after the run's latest.
static bool make_step(Step *step, const PlotRun *run, Arena *arena, Error *err) {
    Trainer *trainer = &step->session.trainer;
    Diagnosis *diagnosis = &step->diagnosis;
    if (!session_from_run(&step->session, run->path, run->saved.config.data.path, arena, err) ||
        !diagnosis_create(diagnosis, trainer, arena, err) || !diagnose(trainer, diagnosis, err))
        return false;
    step->n = 0;
    step->layers = arena_alloc(arena, diagnosis->n_layers, sizeof *step->layers, err);
    for (size_t i = 0; step->layers && i < diagnosis->n_layers; i++)
        if (diagnosis->layers[i].has_flats) step->layers[step->n++] = &diagnosis->layers[i];
    return step->layers != NULL;
}

static const float *layer_values(const Step *step, size_t i, size_t *n) {
    const LayerDiagnosis *row = step->layers[i];
    const Layer *layer = &step->session.trainer.model.network.layers[row->layer];
    *n = row->n;
    return step->is_gradients ? layer->dy : layer->y;
}

// Finds the range of all outputs, or GRADIENT_REACH deviations of the layer whose gradients spread most.
static void find_range(const Step *step, double range[2]) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < step->n; i++) {
        size_t n;
        const float *x = layer_values(step, i, &n);
        double reach = GRADIENT_REACH * step->layers[i]->gradient.std;
        if (step->is_gradients && isfinite(reach)) low = fmin(low, -reach), high = fmax(high, reach);
        for (size_t k = 0; !step->is_gradients && k < n; k++)
            low = fmin(low, (double)x[k]), high = fmax(high, (double)x[k]);
    }
    bool has_width = high > low;
    range[0] = has_width ? low : -1;
    range[1] = has_width ? high : 1;
}

static const char *layer_title(Picture *picture, const Step *step, size_t i) {
    const LayerDiagnosis *row = step->layers[i];
    char name[DESCRIBE_SHAPE_BYTES];
    describe_layer(&step->session.trainer.model.network.layers[row->layer], name);
    if (!step->is_gradients)
        return picture_text(picture, "layer %s: mean %.2f, deviation %.2f, %.1f %% flat", name, row->output.mean,
                            row->output.std, row->saturated);
    return picture_text(picture, "layer %s: mean %.1e, deviation %.1e", name, row->gradient.mean, row->gradient.std);
}

static void add_layer(Picture *picture, const Step *step, size_t i, const double range[2]) {
    double counts[BINS];
    size_t n;
    const float *x = layer_values(step, i, &n);
    histogram(n, x, range[0], range[1], BINS, counts);
    picture_data(picture, "layer%zu", i);
    for (size_t b = 0; b < BINS; b++) {
        double center = range[0] + (range[1] - range[0]) * ((double)b + 0.5) / BINS;
        picture_row(picture, 2, (const double[]){center, 100 * counts[b] / (double)n});
    }
    picture_data_end(picture);
    picture_curve(picture, &(Curve){"lines", layer_title(picture, step, i), picture_style(i), 2, 0},
                  picture_text(picture, "$layer%zu", i));
}

static bool draw_histograms(PlotSource *source, Picture *picture, bool is_gradients, Arena *arena, Error *err) {
    Step step = {.is_gradients = is_gradients};
    double range[2];
    if (!make_step(&step, source->run, arena, err)) return false;
    const Layout layout = {
        .title = is_gradients ? "Gradients" : "Activations",
        .x = is_gradients ? "gradient of the loss by a layer's output" : "a layer's output",
        .y = "share of the values in a bin (%)",
        .key_rows = (unsigned)step.n,
        .plot_height = PLOT_HEIGHT,
    };
    const Trainer *trainer = &step.session.trainer;
    const char *note =
        picture_text(picture, "Step %llu, rate %g, a minibatch of %zu %s. %s", (unsigned long long)step.diagnosis.step,
                     step.diagnosis.rate, trainer->batch, trainer->model.network.reads_names ? "names" : "examples",
                     is_gradients ? "The outermost bins also count what lies beyond the axis."
                                  : "Flat: the slope is nearly 0 (|tanh| > 0.97, relu at 0).");
    picture_layout(picture, &layout, source->run->name, note);
    find_range(&step, range);
    picture_line(picture, "set xrange [%.9g:%.9g]\nset yrange [0:*]", range[0], range[1]);
    for (size_t i = 0; i < step.n; i++) add_layer(picture, &step, i, range);
    picture_plot(picture);
    return true;
}

bool activations_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    return draw_histograms(source, picture, false, arena, err);
}

bool gradients_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    return draw_histograms(source, picture, true, arena, err);
}

// Makes `steps` steps and adds a row for every so many: the step, and log10 of update / weight for each weight.
static bool add_updates(Picture *picture, Trainer *trainer, Diagnosis *diagnosis, size_t steps, Error *err) {
    size_t every = (steps + UPDATE_POINTS - 1) / UPDATE_POINTS;
    picture_data(picture, "ratios");
    for (size_t step = 0; step < steps; step++) {
        double loss;
        if (step % every > 0) {
            if (!trainer_step(trainer, &loss, err)) return false;
            continue;
        }
        if (!diagnose_weights(trainer, diagnosis, err)) return false;
        picture_add(picture, "%zu", step);
        for (size_t w = 0; w < diagnosis->n_weights; w++) {
            double ratio = diagnosis->weights[w].update_to_data;
            picture_add(picture, isfinite(ratio) ? " %.9g" : " NaN", ratio);
        }
        picture_add(picture, "\n");
    }
    picture_data_end(picture);
    return true;
}

bool updates_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    Trainer trainer;
    Diagnosis diagnosis;
    uint64_t own = source->run->saved.config.train.steps;
    if (!create_trainer(&trainer, source, arena, err) || !diagnosis_create(&diagnosis, &trainer, arena, err))
        return false;
    size_t steps = affordable_steps(&trainer, own < STEPS ? (size_t)own : STEPS);
    if (!add_updates(picture, &trainer, &diagnosis, steps, err)) return false;
    const Layout layout = {
        .title = "Update-to-data ratios",
        .x = PICTURE_STEPS,
        .y = "log10 of update / weight",
        .key_rows = (unsigned)(diagnosis.n_weights / KEY_COLUMNS + 1),
        .plot_height = PLOT_HEIGHT,
    };
    const char *note =
        picture_text(picture,
                     "The first %zu steps, trained again from the initial weights: the standard deviation of a step's "
                     "update divided by that of the weight.",
                     steps);
    picture_layout(picture, &layout, source->run->name, note);
    picture_steps(picture, (double)steps);
    picture_line(picture, "set offsets 0,0,graph 0.06,graph 0.06");
    picture_curve(picture, &(Curve){"lines", "1e-3, about right", PICTURE_FAINT_LINE, 4, 0}, "-3");
    for (size_t w = 0; w < diagnosis.n_weights; w++)
        picture_curve(picture, &(Curve){"lines", diagnosis.weights[w].tensor->name, picture_style(w), 1.5, 0},
                      picture_text(picture, "$ratios using 1:%zu", w + 2));
    picture_plot(picture);
    return true;
}

// Adds the sweep. The smoothed curve covers the points among which the search takes the lowest, and contains that one.
static void add_sweep(Picture *picture, const LrSweep *sweep) {
    // A loss that explodes would flatten all that is worth seeing.
    double ceiling = 1.3 * fmax(sweep->points[0].smooth, sweep->points[sweep->best].smooth);
    picture_data(picture, "sweep");
    for (size_t i = 0; i < sweep->n; i++) {
        const LrPoint *point = &sweep->points[i];
        double smooth = i < sweep->first || i > sweep->last ? (double)NAN : fmin(point->smooth, ceiling);
        picture_row(picture, 3, (const double[]){point->rate, fmin(point->loss, ceiling), smooth});
    }
    picture_data_end(picture);
}

bool lr_find_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    Trainer trainer;
    LrSweep sweep;
    if (!create_trainer(&trainer, source, arena, err)) return false;
    const LrRange range = {.from = 0.001, .to = 1, .n = affordable_steps(&trainer, STEPS), .widens = true};
    if (!lr_find(&trainer, range, &sweep, arena, err)) return false;
    const Layout layout = {
        .title = "Learning rate",
        .x = "learning rate (logarithmic axis)",
        .y = "loss (nats per character)",
        .key_rows = 1,
    };
    double best = sweep.points[sweep.best].rate;
    const char *const judgements[] = {
        [LR_FOUND] = picture_text(picture, "The smoothed loss is lowest at the vertical line, at %.2g.", best),
        [LR_TOO_LARGE] = "No rate here lowers the loss.",
        [LR_TOO_SMALL] = "The loss falls by no more than minibatches differ.",
        [LR_FALLING] = "The loss has not risen again by the last rate.",
    };
    const char *note =
        picture_text(picture, "%zu steps from the initial weights while the rate rises, smoothed over %zu. %s", sweep.n,
                     sweep.window, judgements[sweep.outcome]);
    picture_layout(picture, &layout, source->run->name, note);
    picture_line(picture, "set logscale x\nset xrange [%g:%g]", range.from,
                 fmax(range.to, sweep.points[sweep.n - 1].rate));
    if (sweep.outcome == LR_FOUND)
        picture_line(picture,
                     "set arrow from first %.9g,graph 0 to first %.9g,graph 1 nohead linewidth 1.5 dashtype (2,3) "
                     "linecolor rgb '" PICTURE_GREY "' back",
                     best, best);
    add_sweep(picture, &sweep);
    picture_curve(picture, &(Curve){"lines", "minibatches", PICTURE_FAINT_LINE, 1, 0}, "$sweep using 1:2");
    picture_curve(picture, &(Curve){"lines", "smoothed", picture_style(0), 2, 0}, "$sweep using 1:3");
    picture_plot(picture);
    return true;
}
