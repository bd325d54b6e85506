// Part 3's measure of a rate: how far a step moves each weight, beside its size, over the first steps of training.
#include "draw/kinds.h"
#include "draw/training.h"
#include "study/diagnose.h"

#include <math.h>
#include <stdio.h>

enum { STEPS = 1000, POINTS = 200, PLOT_HEIGHT = 360, KEY_COLUMNS = 2 };

// Ratios of n_weights weights at n steps.
typedef struct Ratios {
    size_t n, n_weights, n_steps;
    double *steps;  // (n)
    double *log10s; // (n, n_weights)
} Ratios;

// Every step is made, and every so many-th looked at.
static bool measure(Ratios *ratios, Training *training, Diagnosis *diagnosis, Arena *arena, Error *err) {
    Trainer *trainer = &training->trainer;
    uint64_t own = training->config.train.steps;
    size_t steps = training_steps(training, own < STEPS ? (size_t)own : STEPS), every = (steps + POINTS - 1) / POINTS;
    *ratios = (Ratios){.n_weights = diagnosis->n_weights, .n_steps = steps};
    ratios->steps = arena_alloc(arena, POINTS, sizeof *ratios->steps, err);
    ratios->log10s = arena_alloc(arena, size_mul(POINTS, diagnosis->n_weights), sizeof *ratios->log10s, err);
    if (!ratios->steps || !ratios->log10s) return false;
    for (size_t step = 0; step < steps; step++) {
        double loss;
        if (step % every > 0) {
            if (!trainer_step(trainer, trainer_rate(trainer), &loss, err)) return false;
            continue;
        }
        if (!diagnose_weights(trainer, diagnosis, err)) return false;
        ratios->steps[ratios->n] = (double)step;
        for (size_t w = 0; w < diagnosis->n_weights; w++)
            ratios->log10s[ratios->n * diagnosis->n_weights + w] = diagnosis->weights[w].update_to_data;
        ratios->n++;
    }
    return true;
}

static bool all_drawn(const Ratios *ratios) {
    for (size_t i = 0; i < ratios->n * ratios->n_weights; i++)
        if (!isfinite(ratios->log10s[i])) return false;
    return true;
}

static bool add_curves(Picture *picture, const Ratios *ratios, const Diagnosis *diagnosis, Arena *arena, Error *err) {
    static const Style ink = {PICTURE_INK, "solid", 0};
    picture_data(picture, "ratios");
    for (size_t i = 0; i < ratios->n; i++) {
        picture_add(picture, "%.9g ", ratios->steps[i]);
        picture_row(picture, ratios->n_weights, ratios->log10s + i * ratios->n_weights);
    }
    picture_data_end(picture);
    picture_curve(picture, &(Curve){"-3", "lines", "1e-3, about right", ink, 1.5, 0});
    for (size_t w = 0; w < ratios->n_weights; w++) {
        const char *data = arena_format(arena, err, "$ratios using 1:%zu", w + 2);
        if (!data) return false;
        picture_curve(picture, &(Curve){data, "lines", diagnosis->weights[w].tensor->name, picture_style(w), 1.5, 0});
    }
    picture_plot(picture);
    return true;
}

static bool draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    Training training;
    Diagnosis diagnosis;
    Ratios ratios;
    if (!training_begin(&training, source, arena, err) ||
        !diagnosis_create(&diagnosis, &training.trainer, arena, err) ||
        !measure(&ratios, &training, &diagnosis, arena, err))
        return false;
    const char *note = arena_format(
        arena, err,
        "The first %zu steps, trained anew from the initial weights: the standard deviation "
        "of a step's update over that of the weight.%s",
        ratios.n_steps, all_drawn(&ratios) ? "" : " Gaps: there the update is 0, or a number is not finite.");
    if (!note) return false;
    picture->key_rows = (unsigned)(diagnosis.n_weights / KEY_COLUMNS + 1);
    picture->plot_height = PLOT_HEIGHT;
    picture_title(picture, "Update-to-data ratios", source->run->name, note);
    picture_axes(picture, "step (updates made)", "log10 of update / weight");
    picture_steps(picture, (double)ratios.n_steps);
    picture_line(picture, "set offsets 0,0,graph 0.06,graph 0.06");
    return add_curves(picture, &ratios, &diagnosis, arena, err);
}

const PlotKind updates_plot = {"updates", "how far a step moves each weight, beside 1e-3 of it", false,
                               training_why_not, draw};
