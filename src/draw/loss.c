// The losses of minibatches, train and dev split while a run trains, and the learning rate.
#include "draw/kinds.h"
#include "study/smooth.h"

#include <math.h>

// The minibatch curve has at most MOST_POINTS points; more cannot be told apart. A window of 1 / WINDOWS of them
// smooths it, unless there are fewer than three windows of five points.
enum { MOST_POINTS = 400, WINDOWS = 12, LEAST_SMOOTHED = 15, LEAST_HALF = 2, MOST_MARKS = 8 };

double split_loss(const MetricsRow *row, bool is_dev) { return is_dev ? row->dev_loss : row->train_loss; }

size_t split_losses_add(Picture *picture, const Metrics *metrics, bool is_dev) {
    size_t n = 0, found = 0;
    for (size_t i = 0; i < metrics->n; i++) n += isfinite(split_loss(&metrics->rows[i], is_dev)) ? 1 : 0;
    size_t stride = n / MOST_POINTS + 1;
    for (size_t i = 0; i < metrics->n; i++) {
        const double point[] = {(double)metrics->rows[i].step, split_loss(&metrics->rows[i], is_dev)};
        if (!isfinite(point[1])) continue;
        if (found % stride == 0 || found + 1 == n) picture_row(picture, 2, point);
        found++;
    }
    return n;
}

typedef struct Points {
    size_t n;
    bool is_smoothed;
    double (*at)[3]; // step, loss, smoothed loss
} Points;

// Collects the minibatch losses: means of neighbours if there are more than MOST_POINTS.
static bool find_points(Points *points, const Metrics *metrics, bool is_noisy, Arena *arena, Error *err) {
    size_t n = 0, found = 0;
    for (size_t i = 0; i < metrics->n; i++) n += isfinite(metrics->rows[i].loss) ? 1 : 0;
    size_t most = n < MOST_POINTS ? n : MOST_POINTS;
    *points = (Points){.n = most, .at = arena_alloc(arena, most, sizeof *points->at, err)};
    if (!points->at || n == 0) return points->at != NULL;
    for (size_t i = 0; i < metrics->n; i++) {
        const MetricsRow *row = &metrics->rows[i];
        if (!isfinite(row->loss)) continue;
        size_t p = found * most / n, begin = (p * n + most - 1) / most, end = ((p + 1) * n + most - 1) / most;
        points->at[p][0] += (double)row->step / (double)(end - begin);
        points->at[p][1] += row->loss / (double)(end - begin);
        found++;
    }
    points->is_smoothed = most >= LEAST_SMOOTHED && is_noisy;
    if (!points->is_smoothed) return true;
    size_t half = most / WINDOWS / 2 < LEAST_HALF ? LEAST_HALF : most / WINDOWS / 2;
    smooth(most, 3, half, &points->at[0][1], &points->at[0][2]);
    for (size_t i = 0; i < half; i++) points->at[i][2] = points->at[most - 1 - i][2] = NAN;
    return true;
}

// Finds the range of all losses.
static void find_range(const Metrics *metrics, double range[2]) {
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t i = 0; i < metrics->n; i++) {
        const double losses[] = {metrics->rows[i].loss, metrics->rows[i].train_loss, metrics->rows[i].dev_loss};
        for (size_t k = 0; k < 3; k++) {
            if (!isfinite(losses[k])) continue;
            range[0] = fmin(range[0], picture_limit(losses[k]));
            range[1] = fmax(range[1], picture_limit(losses[k]));
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

// Sets a logarithmic axis with tics at 1, 2 and 5 times the powers of ten or, if there are many, at some of the powers.
static void set_logarithmic(Picture *picture, const double range[2]) {
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

// Marks where each rate begins. Names that would meet go one below the other.
static void mark_rates(Picture *picture, const Schedule *lr, double last_step) {
    static const double name_share = 0.1; // of the axis, for one name
    size_t level = 0;
    double before = -1;
    for (size_t i = 0; i < lr->n && (double)lr->steps[i].from < last_step; i++) {
        double x = (double)lr->steps[i].from, share = x / last_step;
        level = share - before < name_share || share > 1 - name_share ? level + 1 : 0;
        before = share;
        picture_mark(picture, picture_text(picture, "rate %g", lr->steps[i].rate), x, share, level, i > 0);
    }
}

// Adds the rate as a curve with an axis of its own.
static void add_rate(Picture *picture, const Metrics *metrics) {
    size_t stride = metrics->n / MOST_POINTS + 1;
    picture_data(picture, "rate");
    for (size_t i = 0; i < metrics->n; i += stride)
        picture_row(picture, 2, (const double[]){(double)metrics->rows[i].step, metrics->rows[i].lr});
    picture_data_end(picture);
    picture_line(picture, "set y2label 'learning rate' textcolor rgb '" PICTURE_GREY
                          "'\nset y2tics nomirror\nset y2range [0:*]\nset border 11\nset rmargin at screen 0.91");
    picture_curve(picture, &(Curve){"lines", "learning rate (right)", picture_style(3), 1.5, 0}, "$rate axes x1y2");
}

static void add_minibatches(Picture *picture, const Points *points, const char *name) {
    picture_data(picture, "minibatch");
    for (size_t i = 0; i < points->n; i++) picture_row(picture, 3, points->at[i]);
    picture_data_end(picture);
    Curve curve = {"lines", name, points->is_smoothed ? PICTURE_FAINT_LINE : PICTURE_GREY_LINE, 1, 0};
    if (points->n == 1) curve.with = "points", curve.point_size = 1;
    if (points->n > 0) picture_curve(picture, &curve, "$minibatch using 1:2");
    if (points->is_smoothed)
        picture_curve(picture, &(Curve){"lines", "minibatches, smoothed", PICTURE_GREY_LINE, 2, 0},
                      "$minibatch using 1:3");
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
    bool is_full_batch = train->batch_size == FIELD_WORD; // its loss has no noise
    double range[2], last_step = (double)metrics->rows[metrics->n - 1].step;
    Points points;
    if (!find_points(&points, metrics, !is_full_batch, arena, err)) return false;
    find_range(metrics, range);
    bool is_log = range[0] > 0 && range[1] > 4 * range[0]; // otherwise the low losses would look equal
    const Layout layout = {
        .title = "Loss while training",
        .x = PICTURE_STEPS,
        .y = is_log ? "loss (nats per character, logarithmic axis)" : "loss (nats per character)",
        .key_rows = 2,
    };
    picture_layout(picture, &layout, run->name, "");
    if (is_log) set_logarithmic(picture, range);
    picture_steps(picture, last_step);
    add_minibatches(picture, &points, is_full_batch ? "full batches" : "minibatches");
    if (train->lr.n > 0 && train->lr.n <= MOST_MARKS)
        mark_rates(picture, &train->lr, last_step);
    else
        add_rate(picture, metrics);
    add_split(picture, "train", metrics, false);
    add_split(picture, "dev", metrics, true);
    picture_plot(picture);
    return true;
}
