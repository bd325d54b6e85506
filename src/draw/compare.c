// Several runs: their losses while training and, beside them, their last losses.
#include "study/compare.h"
#include "base/format.h"
#include "draw/kinds.h"

#include <math.h>
#include <string.h>

enum { PLOT_HEIGHT = 340, LEFT = 86, BOTTOM = 66, CURVES_END = 480, LAST_BEGIN = 532 };

typedef struct Comparison {
    const PlotSource *source;
    bool is_dev;      // compares dev losses: all runs have them; otherwise train losses
    double last_step; // of all runs
    double range[2];  // of the last losses
    double **last;    // (source->n, runs of the group) last losses
    Spread *spreads;  // (source->n) of the last losses of each group
} Comparison;

// Returns the last measured loss, or NaN.
static double last_loss(const PlotRun *run, bool is_dev) {
    size_t i = run->metrics.n;
    while (i > 0 && !isfinite(split_loss(&run->metrics.rows[i - 1], is_dev))) i--;
    return i > 0 ? split_loss(&run->metrics.rows[i - 1], is_dev) : (double)NAN;
}

static bool all_have(const PlotSource *source, bool is_dev) {
    for (size_t g = 0; g < source->n; g++)
        for (size_t i = 0; i < source->groups[g].n; i++)
            if (isnan(last_loss(&source->groups[g].runs[i], is_dev))) return false;
    return true;
}

const char *compare_why_not(const PlotSource *source) {
    for (size_t g = 0; g < source->n; g++)
        for (size_t i = 0; i < source->groups[g].n; i++)
            if (source->groups[g].runs[i].no_metrics) return source->groups[g].runs[i].no_metrics;
    bool any = all_have(source, true) || all_have(source, false);
    return any ? NULL : "not all runs have measured a split yet (train.eval_every)";
}

static bool is_same_data(const PlotSource *source) {
    const SavedModel *first = &source->groups[0].runs[0].saved;
    for (size_t g = 1; g < source->n; g++) {
        const SavedModel *other = &source->groups[g].runs[0].saved;
        if (strcmp(first->file.data_sha256, other->file.data_sha256) != 0 ||
            !data_same_split(&first->config.data, &other->config.data))
            return false;
    }
    return true;
}

static bool measure(Comparison *c, const PlotSource *source, Arena *arena, Error *err) {
    *c = (Comparison){.source = source, .is_dev = all_have(source, true), .range = {INFINITY, -INFINITY}};
    c->last = arena_alloc(arena, source->n, sizeof *c->last, err);
    c->spreads = arena_alloc(arena, source->n, sizeof *c->spreads, err);
    if (!c->last || !c->spreads) return false;
    for (size_t g = 0; g < source->n; g++) {
        const PlotGroup *group = &source->groups[g];
        double *last = c->last[g] = arena_alloc(arena, group->n, sizeof *last, err);
        if (!last) return false;
        for (size_t i = 0; i < group->n; i++) {
            const Metrics *metrics = &group->runs[i].metrics;
            last[i] = last_loss(&group->runs[i], c->is_dev);
            c->range[0] = fmin(c->range[0], last[i]);
            c->range[1] = fmax(c->range[1], last[i]);
            c->last_step = fmax(c->last_step, (double)metrics->rows[metrics->n - 1].step);
        }
        c->spreads[g] = spread_of(group->n, last);
        double sd = group->n > 1 && isfinite(c->spreads[g].sd) ? c->spreads[g].sd : 0;
        c->range[0] = fmin(c->range[0], c->spreads[g].mean - sd);
        c->range[1] = fmax(c->range[1], c->spreads[g].mean + sd);
    }
    return true;
}

// Adds the curves of a group. Counts, which have no steps, become a level line.
static void add_group(Picture *picture, const Comparison *c, size_t g, const char *title) {
    const PlotGroup *group = &c->source->groups[g];
    for (size_t i = 0; i < group->n; i++) {
        const PlotRun *run = &group->runs[i];
        picture_data(picture, "curve%zu_%zu", g, i);
        split_losses_add(picture, &run->metrics, c->is_dev);
        if (run->saved.model.is_ngram) picture_row(picture, 2, (const double[]){fmax(c->last_step, 1), c->last[g][i]});
        picture_data_end(picture);
        const Curve curve = {"linespoints", i == 0 ? title : NULL, picture_style(g), group->n > 1 ? 1.2 : 2, 0.6};
        picture_curve(picture, &curve, picture_text(picture, "$curve%zu_%zu", g, i));
    }
}

static const char *group_title(Picture *picture, const PlotGroup *group, const Spread *spread) {
    const char *name = picture_tail(picture, group->path);
    char mean[FORMAT_BYTES];
    if (group->n == 1) return picture_text(picture, "%s: %s", name, format_loss(spread->mean, mean));
    return picture_text(picture, "%s: %.4f, deviation %.4f over %zu seeds", name, spread->mean, spread->sd, group->n);
}

// Adds the panel on the right: for each group a row of its runs' last losses, with mean and deviation if several.
static void add_last(Picture *picture, const Comparison *c) {
    size_t n = c->source->n;
    double margin = c->range[1] > c->range[0] ? (c->range[1] - c->range[0]) * 0.12 : 0.01;
    double low = c->range[0] - margin, high = c->range[1] + margin;
    for (size_t g = 0; g < n; g++) {
        const PlotGroup *group = &c->source->groups[g];
        Style style = picture_style(g), solid = {style.colour, "solid", style.point};
        picture_data(picture, "last%zu", g);
        for (size_t i = 0; i < group->n; i++) picture_row(picture, 2, (const double[]){c->last[g][i], (double)g + 1});
        picture_data_end(picture);
        picture_curve(picture, &(Curve){"points", NULL, solid, 1, 1.0}, picture_text(picture, "$last%zu", g));
        if (group->n == 1) continue;
        picture_data(picture, "mean%zu", g);
        picture_row(picture, 3, (const double[]){c->spreads[g].mean, (double)g + 1.22, c->spreads[g].sd});
        picture_data_end(picture);
        picture_curve(picture, &(Curve){"xerrorbars", NULL, solid, 2, 0.4}, picture_text(picture, "$mean%zu", g));
    }
    picture_area(picture, LAST_BEGIN, picture->width - PICTURE_RIGHT, picture->top, picture->height - BOTTOM);
    picture_line(picture,
                 "unset key\nunset ylabel\nunset ytics\nset border 1\nset format x '%%g'\nset xlabel 'last loss'\n"
                 "set xrange [%.9g:%.9g]\nset xtics %.9g\nset yrange [%.6g:0.5]",
                 low, high, picture_tics(high - low), (double)n + 0.5);
    picture_plot(picture);
}

bool compare_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    Comparison c;
    bool has_groups = false;
    if (!measure(&c, source, arena, err)) return false;
    for (size_t g = 0; g < source->n; g++) has_groups |= source->groups[g].n > 1;
    const Layout layout = {
        .title = "Runs compared",
        .x = PICTURE_STEPS,
        .y = c.is_dev ? "dev loss (nats per character)" : "train loss (nats per character)",
        .key_rows = (unsigned)source->n,
        .plot_height = PLOT_HEIGHT,
    };
    const char *note =
        picture_text(picture, "Loss of the %s split while training, and at the end%s.%s", c.is_dev ? "dev" : "train",
                     has_groups ? ": a point for each seed, below the points their mean and standard deviation" : "",
                     is_same_data(source) ? "" : " Not all runs were measured on the same examples.");
    picture_layout(picture, &layout, NULL, note);
    for (size_t g = 0; g < source->n; g++)
        add_group(picture, &c, g, group_title(picture, &source->groups[g], &c.spreads[g]));
    picture_line(picture, "set multiplot");
    picture_area(picture, LEFT, CURVES_END, picture->top, picture->height - BOTTOM);
    picture_steps(picture, c.last_step);
    picture_line(picture, "set xtics %.9g", fmax(1, picture_tics(fmax(c.last_step, 1))));
    picture_plot(picture);
    picture_line(picture, "unset label");
    add_last(picture, &c);
    picture_line(picture, "unset multiplot");
    return true;
}
