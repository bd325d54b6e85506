#include "run/lr_find.h"
#include "base/text.h"
#include "cmd/command.h"
#include "cmd/curve.h"
#include "cmd/setup.h"

#include <math.h>

enum { DEFAULT_STEPS = 1000, LEAST_STEPS = 20, MOST_STEPS = 10000000 };

typedef struct LrFindOptions {
    const char *from, *to, *data;
    WholeOption steps;
    bool csv;
} LrFindOptions;

static bool parse(LrFindOptions *o, const char **config, size_t argc, char **argv, int *status, Error *err) {
    const Option options[] = {
        {"from", 0, OPTION_TEXT, &o->from, "RATE", "the first rate (default: 0.001)", 0, 0, NULL},
        {"to", 0, OPTION_TEXT, &o->to, "RATE", "the last rate (default: 1)", 0, 0, NULL},
        {"steps", 0, OPTION_WHOLE, &o->steps, "N", "steps, each at a rate of its own (default: 1000)", LEAST_STEPS,
         MOST_STEPS, NULL},
        {"data", 0, OPTION_TEXT, &o->data, "FILE", "the names file, from the current folder", 0, 0, NULL},
        {"csv", 0, OPTION_FLAG, &o->csv, NULL, "the points as step,rate,loss,smoothed_loss", 0, 0, NULL},
    };
    const Usage usage = {
        .command = "lr-find",
        .summary = "Trains CONFIG's network in memory while the learning rate rises, its exponent evenly, as\n"
                   "part 2 of the lectures does; draws the loss over the rate and suggests a rate.",
        .operand = "CONFIG",
        .min_operands = 1,
        .max_operands = 1,
        .options = options,
        .n_options = sizeof options / sizeof *options,
        .examples = "  nomen lr-find configs/mlp.json\n"
                    "  nomen lr-find configs/mlp.json --from 1e-4 --to 10 --steps 2000 --csv\n",
    };
    size_t n;
    return command_options(&usage, argc, argv, config, &n, status, err);
}

static bool read_rate(const char *text, const char *option, double *rate, Error *err) {
    if (!text || (text_number(text, rate) && *rate >= 1e-30 && *rate <= 1e30)) return true;
    error_set(err, "%s: expected a rate from 1e-30 to 1e30, found \"%s\"", option, text);
    return options_wrong("lr-find", err);
}

static bool read_rates(const LrFindOptions *o, double *from, double *to, Error *err) {
    *from = 0.001;
    *to = 1;
    if (!read_rate(o->from, "--from", from, err) || !read_rate(o->to, "--to", to, err)) return false;
    if (*from < *to) return true;
    error_set(err, "--to: expected a rate above --from, %g, found %g", *from, *to);
    return options_wrong("lr-find", err);
}

static void print_csv(const LrSweep *sweep) {
    puts("step,rate,loss,smoothed_loss");
    for (size_t i = 0; i < sweep->n; i++)
        printf("%zu,%.9g,%.9g,%.9g\n", i, sweep->points[i].rate, sweep->points[i].loss, sweep->points[i].smooth);
}

// The first point behind the valley whose smoothed loss is a twentieth of the whole fall above it; n where none is.
static size_t rise_after(const LrSweep *sweep) {
    double low = sweep->points[sweep->best].smooth, fall = sweep->points[0].smooth - low;
    size_t i = sweep->best;
    while (i < sweep->n && sweep->points[i].smooth <= low + 0.05 * fabs(fall)) i++;
    return i;
}

static void print_suggestion(const LrSweep *sweep) {
    const LrPoint *best = &sweep->points[sweep->best];
    size_t rise = rise_after(sweep);
    printf("\nsuggested rate: %.2g\n", best->rate);
    printf("There the smoothed loss is lowest, %.4f; it was %.4f at the start.\n", best->smooth, sweep->points[0].loss);
    if (rise < sweep->n)
        printf("Below it steps are smaller than need be; from about %.2g on the loss rises.\n",
               sweep->points[rise].rate);
    else if (sweep->n == sweep->n_planned)
        puts("Beyond it the loss hardly rises yet: a larger --to shows where it does.");
    if (sweep->n < sweep->n_planned)
        printf("At %.2g the loss was no longer finite, and the sweep ended.\n", sweep->points[sweep->n].rate);
}

static bool print_curve(const LrSweep *sweep, Arena *arena, Error *err) {
    double *y = arena_alloc(arena, sweep->n, sizeof *y, err);
    if (!y) return false;
    for (size_t i = 0; i < sweep->n; i++) y[i] = sweep->points[i].smooth;
    const LrPoint *last = &sweep->points[sweep->n - 1];
    char labels[3][32];
    double first = sweep->points[0].rate, middle = sweep->points[sweep->n / 2].rate;
    snprintf(labels[0], sizeof labels[0], "%.2g", first);
    snprintf(labels[1], sizeof labels[1], "%.2g", middle);
    snprintf(labels[2], sizeof labels[2], "%.2g", last->rate);
    // A loss that explodes would flatten all that is worth seeing.
    double ceiling = fmax(sweep->points[0].smooth, y[sweep->best]) * 1.1;
    printf("minibatch loss over the rate (%zu steps, smoothed over %zu)\n\n", sweep->n, sweep->window);
    curve_print(&(Curve){sweep->n, y, sweep->best, ceiling, labels[0], labels[1], labels[2]});
    return true;
}

static int run(size_t argc, char **argv, Arena *arena, Error *err) {
    LrFindOptions o = {0};
    const char *path;
    int status;
    double from, to;
    NetworkSetup setup;
    LrSweep sweep;
    if (!parse(&o, &path, argc, argv, &status, err)) return status;
    if (!read_rates(&o, &from, &to, err)) return command_failed(err);
    const SetupOptions options = {.data = o.data};
    if (!setup_network(&setup, path, &options, arena, err)) return command_failed(err);
    size_t steps = o.steps.given ? (size_t)o.steps.value : DEFAULT_STEPS;
    if (!lr_find(&setup.trainer, from, to, steps, &sweep, arena, err)) {
        error_context(err, "%s", path);
        return command_failed(err);
    }
    if (o.csv) print_csv(&sweep);
    if (!o.csv && !print_curve(&sweep, arena, err)) return command_failed(err);
    if (!o.csv) print_suggestion(&sweep);
    return command_done(err);
}

const Command lr_find_command = {"lr-find", "sweep the learning rate and suggest one", run};
