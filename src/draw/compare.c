// Several runs, or groups of seeds: their losses while training.
#include "study/compare.h"
#include "base/format.h"
#include "draw/kinds.h"

#include <math.h>
#include <string.h>

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

static const char *group_title(Picture *picture, const PlotGroup *group, const double *last) {
    const char *name = picture_tail(picture, group->path);
    Spread spread = spread_of(group->n, last);
    char mean[FORMAT_BYTES];
    format_loss(spread.mean, mean);
    if (group->n == 1) return picture_text(picture, "%s: %s", name, mean);
    return picture_text(picture, "%s: %s, deviation %.4f over %zu seeds", name, mean, spread.sd, group->n);
}

// Adds the curves of group g. Counts, which have no steps, become a level line.
static bool add_group(Picture *picture, const PlotSource *source, size_t g, bool is_dev, double last_step, Arena *arena,
                      Error *err) {
    const PlotGroup *group = &source->groups[g];
    double *last = arena_alloc(arena, group->n, sizeof *last, err);
    if (!last) return false;
    for (size_t i = 0; i < group->n; i++) last[i] = last_loss(&group->runs[i], is_dev);
    const char *title = group_title(picture, group, last);
    for (size_t i = 0; i < group->n; i++) {
        const PlotRun *run = &group->runs[i];
        picture_data(picture, "curve%zu_%zu", g, i);
        split_losses_add(picture, &run->metrics, is_dev);
        if (run->saved.model.is_ngram) picture_row(picture, 2, (const double[]){last_step, last[i]});
        picture_data_end(picture);
        const Curve curve = {"linespoints", i == 0 ? title : NULL, picture_style(g), group->n > 1 ? 1.2 : 2, 0.6};
        picture_curve(picture, &curve, picture_text(picture, "$curve%zu_%zu", g, i));
    }
    return true;
}

bool compare_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    bool is_dev = all_have(source, true); // otherwise all have train losses
    double last_step = 1;
    const Layout layout = {
        .title = "Runs compared",
        .x = PICTURE_STEPS,
        .y = is_dev ? "dev loss (nats per character)" : "train loss (nats per character)",
        .key_rows = (unsigned)source->n,
        .plot_height = 400,
    };
    const char *note =
        picture_text(picture, "Losses of the %s split; the key has the last ones.%s", is_dev ? "dev" : "train",
                     is_same_data(source) ? "" : " Not all runs were measured on the same examples.");
    picture_layout(picture, &layout, NULL, note);
    for (size_t g = 0; g < source->n; g++)
        for (size_t i = 0; i < source->groups[g].n; i++) {
            const Metrics *metrics = &source->groups[g].runs[i].metrics;
            last_step = fmax(last_step, (double)metrics->rows[metrics->n - 1].step);
        }
    for (size_t g = 0; g < source->n; g++)
        if (!add_group(picture, source, g, is_dev, last_step, arena, err)) return false;
    picture_steps(picture, last_step);
    picture_plot(picture);
    return true;
}
