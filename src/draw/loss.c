// The loss while training: that of the minibatches, smoothed, those of the train and dev split, and the rate.
#include "draw/kinds.h"
#include "draw/measured.h"
#include "study/smooth.h"

#include <math.h>
#include <stdio.h>

// Points of the minibatch curve at the most: more are not told apart, and make a large file. A window of a twelfth of
// them smooths it, where there is a whole one; so few that three windows of five are more stay as they are.
enum { MOST_POINTS = 400, WINDOWS = 12, LEAST_SMOOTHED = 15, LEAST_HALF = 2, MOST_MARKS = 8 };

typedef struct Points {
    const char *name;
    size_t n;
    bool is_smoothed;
    double (*at)[3]; // step, loss, smoothed
} Points;

// The measured minibatch losses, means of neighbours where there are more than can be seen.
static bool minibatch_points(Points *points, const PlotRun *run, Arena *arena, Error *err) {
    const Metrics *metrics = &run->metrics;
    bool is_full_batch = run->saved.config.train.batch_size == FIELD_WORD;
    size_t n = 0, met = 0;
    for (size_t i = 0; i < metrics->n; i++) n += isfinite(metrics->rows[i].loss) ? 1 : 0;
    size_t most = n < MOST_POINTS ? n : MOST_POINTS;
    *points = (Points){.name = is_full_batch ? "full batches" : "minibatches",
                       .n = most,
                       .at = arena_alloc(arena, most, sizeof *points->at, err)};
    if (!points->at || n == 0) return points->at != NULL;
    for (size_t i = 0; i < metrics->n; i++) {
        const MetricsRow *row = &metrics->rows[i];
        if (!isfinite(row->loss)) continue;
        size_t p = met * most / n, begin = (p * n + most - 1) / most, end = ((p + 1) * n + most - 1) / most;
        points->at[p][0] += (double)row->step / (double)(end - begin);
        points->at[p][1] += row->loss / (double)(end - begin);
        met++;
    }
    size_t half = most / WINDOWS / 2 < LEAST_HALF ? LEAST_HALF : most / WINDOWS / 2;
    points->is_smoothed = most >= LEAST_SMOOTHED && !is_full_batch; // which have no noise
    if (!points->is_smoothed) return true;
    smooth(most, 3, half, &points->at[0][1], &points->at[0][2]);
    for (size_t i = 0; i < half; i++) points->at[i][2] = points->at[most - 1 - i][2] = NAN;
    return true;
}

// The range of all losses.
static void find_range(const Metrics *metrics, double range[2]) {
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t i = 0; i < metrics->n; i++) {
        const double losses[] = {metrics->rows[i].loss, metrics->rows[i].train_loss, metrics->rows[i].dev_loss};
        for (size_t k = 0; k < 3; k++)
            if (isfinite(losses[k])) {
                range[0] = fmin(range[0], picture_limit(losses[k]));
                range[1] = fmax(range[1], picture_limit(losses[k]));
            }
    }
}

static const char *why_not(const PlotSource *source) {
    const PlotRun *run = source->run;
    double range[2];
    if (run->saved.model.is_ngram) return "counts are not trained step by step";
    if (run->no_metrics) return run->no_metrics;
    find_range(&run->metrics, range);
    return range[0] <= range[1] ? NULL : "no row of metrics.csv has a loss";
}

// A logarithmic axis with tics at 1, 2 and 5 times the powers of ten or, over many of them, at some of the powers.
static void add_logarithmic(Picture *picture, const double range[2]) {
    static const double digits[] = {1, 2, 5};
    enum { FEW = 4, MOST_TICS = 8 };
    double power = 1;
    size_t n = 0;
    while (power > range[0]) power /= 10;
    for (double at = power; at <= range[1]; at *= 10) n++;
    size_t every = n <= FEW ? 1 : (n + MOST_TICS - 1) / MOST_TICS, n_digits = n <= FEW ? 3 : 1;
    picture_line(picture, "set logscale y\nset yrange [%.9g:%.9g]", range[0] * 0.9, range[1] * 1.1);
    picture_add(picture, "set ytics (%g", power);
    for (size_t k = 0; k < n; k++, power *= 10)
        for (size_t i = 0; k % every == 0 && i < n_digits; i++) picture_add(picture, ", %g", power * digits[i]);
    picture_line(picture, ")");
}

// Splits were measured in few rows. Returns whether in any.
static bool add_split(Picture *picture, const char *name, const Metrics *metrics, bool is_dev) {
    picture_data(picture, name);
    size_t n = measured_add(picture, metrics, is_dev);
    picture_data_end(picture);
    return n > 0;
}

// A line where a new rate begins, named at its top; names that would meet stand one above the other.
static void mark_rates(Picture *picture, const Schedule *lr, double last_step) {
    static const double name_share = 0.1; // of the axis, that a name takes
    size_t level = 0;
    double before = -1;
    for (size_t i = 0; i < lr->n && (double)lr->steps[i].from < last_step; i++) {
        double x = (double)lr->steps[i].from, share = x / last_step;
        char text[64];
        level = share - before < name_share || share > 1 - name_share ? level + 1 : 0;
        before = share;
        snprintf(text, sizeof text, "rate %g", lr->steps[i].rate);
        picture_mark(picture, &(Mark){text, x, share, level, i > 0});
    }
}

static void add_rate(Picture *picture, const Metrics *metrics) {
    size_t stride = metrics->n / MOST_POINTS + 1;
    picture_data(picture, "rate");
    for (size_t i = 0; i < metrics->n; i += stride)
        picture_row(picture, 2, (const double[]){(double)metrics->rows[i].step, metrics->rows[i].lr});
    picture_data_end(picture);
    picture_line(picture, "set y2label 'learning rate' textcolor rgb '" PICTURE_GREY
                          "'\nset y2tics nomirror\nset y2range [0:*]\nset border 11\n"
                          "set rmargin at screen 0.91");
}

static void add_axes(Picture *picture, const Metrics *metrics) {
    double last_step = (double)metrics->rows[metrics->n - 1].step;
    double range[2];
    find_range(metrics, range);
    // Where some losses are so far above others, only such an axis shows both.
    bool is_log = range[0] > 0 && range[1] > 4 * range[0];
    picture_axes(picture, "step (updates made)",
                 is_log ? "loss (nats a character, logarithmic axis)" : "loss (nats a character)");
    if (is_log) add_logarithmic(picture, range);
    picture_steps(picture, last_step);
}

static bool draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    const PlotRun *run = source->run;
    const Metrics *metrics = &run->metrics;
    const Schedule *lr = &run->saved.config.train.lr;
    static const Style grey = {PICTURE_GREY, "solid", 7}, faint = {PICTURE_FAINT, "solid", 0};
    bool has_marks = lr->n > 0 && lr->n <= MOST_MARKS;
    Points points;
    if (!minibatch_points(&points, run, arena, err)) return false;
    picture->key_rows = 2;
    picture_title(picture, "Loss while training", run->name, NULL);
    add_axes(picture, metrics);
    picture_data(picture, "minibatch");
    for (size_t i = 0; i < points.n; i++) picture_row(picture, 3, points.at[i]);
    picture_data_end(picture);
    bool has_train = add_split(picture, "train", metrics, false), has_dev = add_split(picture, "dev", metrics, true);
    if (has_marks)
        mark_rates(picture, lr, (double)metrics->rows[metrics->n - 1].step);
    else
        add_rate(picture, metrics);
    if (points.n > 1)
        picture_curve(picture,
                      &(Curve){"$minibatch using 1:2", "lines", points.name, points.is_smoothed ? faint : grey, 1, 0});
    if (points.n == 1) picture_curve(picture, &(Curve){"$minibatch using 1:2", "points", points.name, grey, 1, 1});
    if (points.is_smoothed)
        picture_curve(picture, &(Curve){"$minibatch using 1:3", "lines", "minibatches, smoothed", grey, 2, 0});
    if (!has_marks)
        picture_curve(picture, &(Curve){"$rate axes x1y2", "lines", "learning rate (right)", picture_style(3), 1.5, 0});
    if (has_train) picture_curve(picture, &(Curve){"$train", "linespoints", "train split", picture_style(0), 2, 0.6});
    if (has_dev) picture_curve(picture, &(Curve){"$dev", "linespoints", "dev split", picture_style(1), 2, 0.7});
    picture_plot(picture);
    return true;
}

const PlotKind loss_plot = {"loss", "loss of minibatches, train and dev split over the steps, and the rate", false,
                            why_not, draw};
