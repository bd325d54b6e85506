// Runs side by side: their losses while training, and those of the last weights.
#include "study/compare.h"
#include "draw/kinds.h"
#include "draw/measured.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_COLUMNS = 44, PLOT_HEIGHT = 340, LEFT = 86, BOTTOM = 66 };
static const double CURVES_END = 0.6, LAST_BEGIN = 0.665; // of the picture's width

// Where all runs have been measured on a dev split it is that; else the train split.
typedef struct Comparison {
    const PlotSource *source;
    bool is_dev;
    double last_step; // of all runs
    double range[2];  // of the last losses
    Spread *spreads;  // (source->n)
} Comparison;

// NaN where there is none.
static double last_loss(const PlotRun *run, bool is_dev) {
    for (size_t i = run->metrics.n; i > 0; i--)
        if (isfinite(measured_loss(&run->metrics.rows[i - 1], is_dev)))
            return measured_loss(&run->metrics.rows[i - 1], is_dev);
    return (double)NAN;
}

static bool all_have(const PlotSource *source, bool is_dev) {
    for (size_t g = 0; g < source->n; g++)
        for (size_t i = 0; i < source->groups[g].n; i++)
            if (isnan(last_loss(&source->groups[g].runs[i], is_dev))) return false;
    return true;
}

static const char *why_not(const PlotSource *source) {
    for (size_t g = 0; g < source->n; g++)
        for (size_t i = 0; i < source->groups[g].n; i++)
            if (source->groups[g].runs[i].no_metrics) return source->groups[g].runs[i].no_metrics;
    bool any = all_have(source, true) || all_have(source, false);
    return any ? NULL : "not all of the runs have measured a split yet (train.eval_every)";
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
    c->spreads = arena_alloc(arena, source->n, sizeof *c->spreads, err);
    if (!c->spreads) return false;
    for (size_t g = 0; g < source->n; g++) {
        const PlotGroup *group = &source->groups[g];
        double *last = arena_alloc(arena, group->n, sizeof *last, err);
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

// A run's curve; that of counts, which are not trained step by step, is a level line.
static void add_run(Picture *picture, const Comparison *c, size_t g, size_t i) {
    const PlotRun *run = &c->source->groups[g].runs[i];
    char name[48];
    snprintf(name, sizeof name, "curve%zu_%zu", g, i);
    picture_data(picture, name);
    measured_add(picture, &run->metrics, c->is_dev);
    if (run->saved.model.is_ngram)
        picture_row(picture, 2, (const double[]){fmax(c->last_step, 1), last_loss(run, c->is_dev)});
    picture_data_end(picture);
}

static const char *group_title(const Comparison *c, size_t g, Arena *arena, Error *err) {
    const PlotGroup *group = &c->source->groups[g];
    const Spread *spread = &c->spreads[g];
    const char *name = picture_shorten(group->path, LABEL_COLUMNS, arena, err);
    if (!name) return NULL;
    if (group->n == 1)
        return arena_format(arena, err, fabs(spread->mean) < 1e6 ? "%s: %.4f" : "%s: %.4e", name, spread->mean);
    return arena_format(arena, err, "%s: %.4f, deviation %.4f over %zu seeds", name, spread->mean, spread->sd,
                        group->n);
}

static bool add_curves(Picture *picture, const Comparison *c, Arena *arena, Error *err) {
    for (size_t g = 0; g < c->source->n; g++) {
        const PlotGroup *group = &c->source->groups[g];
        const char *title = group_title(c, g, arena, err);
        if (!title) return false;
        for (size_t i = 0; i < group->n; i++) {
            const char *data = arena_format(arena, err, "$curve%zu_%zu", g, i);
            if (!data) return false;
            Curve curve = {data, "linespoints", i == 0 ? title : NULL, picture_style(g), group->n > 1 ? 1.2 : 2, 0.6};
            picture_curve(picture, &curve);
        }
    }
    picture_plot(picture);
    return true;
}

// A row a group: its runs' last losses and, of several, their mean and deviation.
static bool add_last(Picture *picture, const Comparison *c, Arena *arena, Error *err) {
    size_t n = c->source->n;
    double margin = c->range[1] > c->range[0] ? (c->range[1] - c->range[0]) * 0.12 : 0.01;
    double low = c->range[0] - margin, high = c->range[1] + margin;
    picture_line(picture,
                 "set lmargin at screen %.6g\nset rmargin at screen %.6g\nunset key\nunset ylabel\nunset ytics\n"
                 "set border 1\nset format x '%%g'",
                 LAST_BEGIN, 1 - 30.0 / picture->width);
    picture_line(picture, "set xlabel 'last loss'\nset xrange [%.9g:%.9g]\nset xtics %.9g\nset yrange [%.6g:0.5]", low,
                 high, picture_tics(high - low), (double)n + 0.5);
    for (size_t g = 0; g < n; g++) {
        const PlotGroup *group = &c->source->groups[g];
        char name[32];
        snprintf(name, sizeof name, "last%zu", g);
        picture_data(picture, name);
        for (size_t i = 0; i < group->n; i++)
            picture_row(picture, 2, (const double[]){last_loss(&group->runs[i], c->is_dev), (double)g + 1});
        picture_data_end(picture);
        snprintf(name, sizeof name, "mean%zu", g);
        picture_data(picture, name);
        picture_row(picture, 3,
                    (const double[]){c->spreads[g].mean, (double)g + 1.22, group->n > 1 ? c->spreads[g].sd : 0});
        picture_data_end(picture);
    }
    for (size_t g = 0; g < n; g++) {
        const char *last = arena_format(arena, err, "$last%zu", g), *mean = arena_format(arena, err, "$mean%zu", g);
        Style style = picture_style(g), solid = {style.colour, "solid", style.point};
        if (!last || !mean) return false;
        picture_curve(picture, &(Curve){last, "points", NULL, solid, 1, 1.0});
        if (c->source->groups[g].n > 1) picture_curve(picture, &(Curve){mean, "xerrorbars", NULL, solid, 2, 0.4});
    }
    picture_plot(picture);
    return true;
}

static bool draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    Comparison c;
    if (!measure(&c, source, arena, err)) return false;
    bool has_groups = false;
    for (size_t g = 0; g < source->n; g++) has_groups |= source->groups[g].n > 1;
    const char *note =
        arena_format(arena, err, "Loss of the %s split while training, and at its end%s.%s", c.is_dev ? "dev" : "train",
                     has_groups ? "; a point a seed, below them their mean and standard deviation" : "",
                     is_same_data(source) ? "" : " Not all were measured on the same examples.");
    if (!note) return false;
    picture->key_rows = (unsigned)source->n;
    picture->plot_height = PLOT_HEIGHT;
    picture_title(picture, "Runs compared", NULL, note);
    picture_axes(picture, "step (updates made)",
                 c.is_dev ? "dev loss (nats a character)" : "train loss (nats a character)");
    for (size_t g = 0; g < source->n; g++)
        for (size_t i = 0; i < source->groups[g].n; i++) add_run(picture, &c, g, i);
    picture_line(picture,
                 "set multiplot\nset lmargin at screen %.6g\nset rmargin at screen %.6g\nset bmargin at screen %.6g",
                 (double)LEFT / picture->width, CURVES_END, (double)BOTTOM / picture->height);
    picture_steps(picture, c.last_step);
    picture_line(picture, "set xtics %.9g", fmax(1, picture_tics(fmax(c.last_step, 1))));
    if (!add_curves(picture, &c, arena, err)) return false;
    picture_line(picture, "unset label");
    if (!add_last(picture, &c, arena, err)) return false;
    picture_line(picture, "unset multiplot");
    return true;
}

const PlotKind compare_plot = {"compare", "several runs, or groups of seeds, in one picture", true, why_not, draw};
