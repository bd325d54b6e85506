// The losses of minibatches, train and dev split while a run trains, and the learning rate.
#include "draw/kinds.h"

#include <math.h>

// A curve has at most about this many points; more cannot be distinguished. The lectures' curve has 200 means.
enum { MOST_POINTS = 1000, MOST_MEANS = 250 };

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

// Means say nothing more about full batches, which have no noise. Files of older versions have none.
static bool has_means(const PlotRun *run) {
    bool found = false;
    for (size_t i = 0; i < run->metrics.n; i++) found |= isfinite(run->metrics.rows[i].mean_loss);
    return found && run->saved.config.train.batch_size != FIELD_WORD;
}

// Finds the range of the losses that are drawn.
static void find_range(const PlotRun *run, double range[2]) {
    const bool means = has_means(run);
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (const MetricsRow *row = run->metrics.rows; row < run->metrics.rows + run->metrics.n; row++) {
        const double losses[] = {means ? row->mean_loss : row->loss, row->train_loss, row->dev_loss};
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
    find_range(run, range);
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

// Adds the mean losses of the steps between rows, each in the middle of its steps. Neighbours are merged into the mean
// of all their steps if there are too many.
static void add_means(Picture *picture, const Metrics *metrics, const char *l2) {
    const size_t merged = (metrics->n - 1 + MOST_MEANS - 1) / MOST_MEANS;
    double sum = 0, steps = 0, most = 0;
    size_t points = 0;
    picture_data(picture, "steps");
    for (size_t i = 1; i < metrics->n; i++) {
        const MetricsRow *row = &metrics->rows[i];
        const double n = (double)(row->step - row[-1].step);
        if (isfinite(row->mean_loss)) sum += n * row->mean_loss, steps += n;
        if ((i % merged != 0 && i + 1 < metrics->n) || steps == 0) continue;
        picture_row(picture, 2, (const double[]){(double)row->step - steps / 2, sum / steps});
        most = fmax(most, steps);
        points++, sum = 0, steps = 0;
    }
    picture_data_end(picture);
    const char *title = most > 1 ? picture_text(picture, "mean of every %.0f minibatches%s", most, l2)
                                 : picture_text(picture, "minibatches%s", l2);
    const Curve curve = {points == 1 ? "points" : "lines", title, PICTURE_GREY_LINE, 1.5, points == 1};
    picture_curve(picture, &curve, "$steps");
}

// Adds the losses of the steps that have a row.
static void add_single_steps(Picture *picture, const Metrics *metrics, bool is_full_batch, const char *l2) {
    size_t n = 0;
    picture_data(picture, "steps");
    for (const MetricsRow *row = metrics->rows; row < metrics->rows + metrics->n; row++)
        if (isfinite(row->loss)) picture_row(picture, 2, (const double[]){(double)row->step, row->loss}), n++;
    picture_data_end(picture);
    const char *title =
        picture_text(picture, "%s%s", is_full_batch ? "full batches" : "single minibatches, one per row", l2);
    const Curve curve = {n == 1 ? "points" : "lines", title, PICTURE_GREY_LINE, 1, n == 1};
    if (n > 0) picture_curve(picture, &curve, picture_text(picture, "$steps every %zu", n / MOST_POINTS + 1));
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
    (void)arena, (void)err;
    const PlotRun *run = source->run;
    const Metrics *metrics = &run->metrics;
    const TrainConfig *train = &run->saved.config.train;
    double range[2];
    find_range(run, range);
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
    const char *l2 = train->l2_mean > 0 ? ", l2 term included" : "";
    if (has_means(run))
        add_means(picture, metrics, l2);
    else
        add_single_steps(picture, metrics, train->batch_size == FIELD_WORD, l2);
    if (train->lr.n != 1) add_rate(picture, metrics);
    add_split(picture, "train", metrics, false);
    add_split(picture, "dev", metrics, true);
    picture_plot(picture);
    return true;
}
