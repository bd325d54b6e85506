// The losses of minibatches, train and dev split while a run trains, and the learning rate.
#include "draw/kinds.h"

#include <math.h>

// A curve of rows has about MOST_POINTS points; more cannot be told apart. A window of 1 / WINDOWS of the rows smooths
// the minibatch losses, unless there are fewer than three windows of five rows.
enum { MOST_POINTS = 1000, WINDOWS = 12, LEAST_SMOOTHED = 15, LEAST_HALF = 2 };

double split_loss(const MetricsRow *row, bool is_dev) { return is_dev ? row->dev_loss : row->train_loss; }

size_t split_losses_add(Picture *picture, const Metrics *metrics, bool is_dev) {
    size_t n = 0, found = 0;
    for (size_t i = 0; i < metrics->n; i++) n += isfinite(split_loss(&metrics->rows[i], is_dev)) ? 1 : 0;
    for (size_t i = 0; i < metrics->n; i++) {
        const double point[] = {(double)metrics->rows[i].step, split_loss(&metrics->rows[i], is_dev)};
        if (!isfinite(point[1])) continue;
        if (found++ % (n / MOST_POINTS + 1) == 0 || found == n) picture_row(picture, 2, point);
    }
    return n;
}

// Finds the range of all losses.
static void find_range(const Metrics *metrics, double range[2]) {
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t i = 0; i < metrics->n; i++) {
        const double losses[] = {metrics->rows[i].loss, metrics->rows[i].train_loss, metrics->rows[i].dev_loss};
        for (size_t k = 0; k < 3; k++) {
            if (!isfinite(losses[k])) continue;
            range[0] = fmin(range[0], losses[k]);
            range[1] = fmax(range[1], losses[k]);
        }
    }
}

const char *loss_why_not(const PlotSource *source) {
    const PlotRun *run = source->run;
    double range[2];
    if (run->saved.model.is_ngram) return "counts are not trained step by step";
    if (run->no_metrics) return run->no_metrics;
    find_range(&run->metrics, range);
    return range[0] <= range[1] ? NULL : "no row of metrics.csv has a loss";
}

// Adds the learning rate as a curve with an axis of its own.
static void add_rate(Picture *picture, const Metrics *metrics) {
    picture_data(picture, "rate");
    for (size_t i = 0; i < metrics->n; i++)
        picture_row(picture, 2, (const double[]){(double)metrics->rows[i].step, metrics->rows[i].lr});
    picture_data_end(picture);
    picture_line(picture, "set y2label 'learning rate' textcolor rgb '" PICTURE_GREY
                          "'\nset y2tics nomirror\nset y2range [0:*]\nset border 11\nset rmargin at screen 0.91");
    picture_curve(picture, &(Curve){"lines", "learning rate (right)", picture_style(3), 1.5, 0},
                  picture_text(picture, "$rate every %zu axes x1y2", metrics->n / MOST_POINTS + 1));
}

// Returns the mean loss of 2 half + 1 points, or NAN at the ends.
static double mean_around(double (*points)[3], size_t n, size_t at, size_t half) {
    double sum = 0;
    if (at < half || at + half >= n) return (double)NAN;
    for (size_t i = at - half; i <= at + half; i++) sum += points[i][1];
    return sum / (double)(2 * half + 1);
}

// Adds the losses of the steps, smoothed too unless they are of full batches, which have no noise.
static bool add_steps(Picture *picture, const Metrics *metrics, bool is_full_batch, Arena *arena, Error *err) {
    size_t n = 0;
    double(*points)[3] = arena_alloc(arena, metrics->n, sizeof *points, err); // step, loss, smoothed loss
    if (!points) return false;
    for (size_t i = 0; i < metrics->n; i++) {
        if (!isfinite(metrics->rows[i].loss)) continue;
        points[n][0] = (double)metrics->rows[i].step;
        points[n++][1] = metrics->rows[i].loss;
    }
    bool is_smoothed = n >= LEAST_SMOOTHED && !is_full_batch;
    size_t half = n / WINDOWS / 2 < LEAST_HALF ? LEAST_HALF : n / WINDOWS / 2, every = n / MOST_POINTS + 1;
    for (size_t i = 0; is_smoothed && i < n; i += every) points[i][2] = mean_around(points, n, i, half);
    picture_data(picture, "steps");
    for (size_t i = 0; i < n; i++) picture_row(picture, 3, points[i]);
    picture_data_end(picture);
    Curve curve = {.with = n == 1 ? "points" : "lines",
                   .title = is_full_batch ? "full batches" : "minibatches",
                   .style = is_smoothed ? PICTURE_FAINT_LINE : PICTURE_GREY_LINE,
                   .width = 1,
                   .point_size = n == 1};
    if (n > 0) picture_curve(picture, &curve, picture_text(picture, "$steps every %zu using 1:2", every));
    if (is_smoothed)
        picture_curve(picture, &(Curve){"lines", "minibatches, smoothed", PICTURE_GREY_LINE, 2, 0},
                      picture_text(picture, "$steps every %zu using 1:3", every));
    return true;
}

static void add_split(Picture *picture, const char *name, const Metrics *metrics, bool is_dev) {
    picture_data(picture, "%s", name);
    size_t n = split_losses_add(picture, metrics, is_dev);
    picture_data_end(picture);
    const char *title = picture_text(picture, "%s split", name);
    if (n > 0)
        picture_curve(picture, &(Curve){"linespoints", title, picture_style(is_dev), 2, is_dev ? 0.7 : 0.6},
                      picture_text(picture, "$%s", name));
}

bool loss_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    const PlotRun *run = source->run;
    const Metrics *metrics = &run->metrics;
    const TrainConfig *train = &run->saved.config.train;
    double range[2];
    find_range(metrics, range);
    bool is_log = range[0] > 0 && range[1] > 4 * range[0]; // otherwise the low losses would look equal
    const Layout layout = {
        .title = "Loss while training",
        .x = PICTURE_STEPS,
        .y = is_log ? "loss (nats per character, logarithmic axis)" : "loss (nats per character)",
        .key_rows = 2,
    };
    picture_layout(picture, &layout, run->name, "");
    if (is_log) // gnuplot sets tics at the powers of ten alone
        picture_line(picture,
                     "set logscale y\nset yrange [%.9g:%.9g]\nset ytics add (0.02, 0.05, 0.2, 0.5, 2, 5, 20, 50)",
                     range[0] * 0.9, range[1] * 1.1);
    picture_steps(picture, (double)metrics->rows[metrics->n - 1].step);
    if (!add_steps(picture, metrics, train->batch_size == FIELD_WORD, arena, err)) return false;
    if (train->lr.n != 1) add_rate(picture, metrics);
    add_split(picture, "train", metrics, false);
    add_split(picture, "dev", metrics, true);
    picture_plot(picture);
    return true;
}
