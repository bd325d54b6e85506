// Part 2's search for a rate: the loss of the minibatches while the rate rises.
#include "study/lr_find.h"
#include "draw/kinds.h"
#include "draw/training.h"

#include <math.h>
#include <stdio.h>

enum { STEPS = 1000, MOST_POINTS = 500 };
static const double FROM = 0.001, TO = 1;

// The smoothed curve is drawn where the search looks for its lowest point, and that point itself is on it.
static void add_points(Picture *picture, const LrSweep *sweep, double ceiling) {
    size_t every = (sweep->n + MOST_POINTS - 1) / MOST_POINTS;
    picture_data(picture, "sweep");
    for (size_t i = 0; i < sweep->n; i += every) {
        bool holds_best = i <= sweep->best && sweep->best < i + every;
        const LrPoint *point = &sweep->points[holds_best ? sweep->best : i];
        double smooth = i < sweep->first || i > sweep->last ? (double)NAN : fmin(point->smooth, ceiling);
        picture_row(picture, 3, (const double[]){point->rate, fmin(point->loss, ceiling), smooth});
    }
    picture_data_end(picture);
}

static void mark_best(Picture *picture, const LrSweep *sweep) {
    char text[32];
    double rate = sweep->points[sweep->best].rate;
    snprintf(text, sizeof text, "%.2g", rate);
    double share = (double)sweep->best / (double)(sweep->n_planned - 1);
    picture_mark(picture, &(Mark){text, rate, share, 0, true});
}

static const char *outcome_text(const LrSweep *sweep) {
    switch (sweep->outcome) {
    case LR_FOUND: return "The smoothed loss is lowest at the vertical line.";
    case LR_TOO_LARGE: return "No rate here lowers the loss.";
    case LR_TOO_SMALL: return "The loss falls by no more than minibatches differ.";
    }
    return "";
}

static bool draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    static const Style faint = {PICTURE_FAINT, "solid", 0};
    Training training;
    LrSweep sweep;
    if (!training_begin(&training, source, arena, err)) return false;
    size_t steps = training_steps(&training, STEPS);
    if (!lr_find(&training.trainer, FROM, TO, steps, &sweep, arena, err)) return false;
    const char *note =
        arena_format(arena, err, "%zu steps from the initial weights while the rate rises, smoothed over %zu. %s",
                     sweep.n, sweep.window, outcome_text(&sweep));
    if (!note) return false;
    // A loss that explodes would flatten all that is worth seeing.
    double ceiling = 1.3 * fmax(sweep.points[0].smooth, sweep.points[sweep.best].smooth);
    picture_title(picture, "Learning rate", source->run->name, note);
    picture_axes(picture, "learning rate (logarithmic axis)", "loss (nats a character)");
    picture_line(picture, "set logscale x\nset xrange [%g:%g]", FROM, TO);
    if (sweep.outcome == LR_FOUND) mark_best(picture, &sweep);
    add_points(picture, &sweep, ceiling);
    picture_curve(picture, &(Curve){"$sweep using 1:2", "lines", "minibatches", faint, 1, 0});
    picture_curve(picture, &(Curve){"$sweep using 1:3", "lines", "smoothed", picture_style(0), 2, 0});
    picture_plot(picture);
    return true;
}

const PlotKind lr_find_plot = {"lr-find", "the loss while the rate rises, trained anew", false, training_why_not, draw};
