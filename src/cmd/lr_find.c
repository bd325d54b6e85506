#include "study/lr_find.h"
#include "base/format.h"
#include "base/text.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "study/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_STEPS = 1000, LEAST_STEPS = 20, MOST_STEPS = 10000000 };

typedef struct LrFindOptions {
    const char *from, *to, *data;
    WholeOption steps;
    bool csv;
} LrFindOptions;

static const Option OPTIONS[] = {
    {"from", 0, OPTION_TEXT, offsetof(LrFindOptions, from), "RATE", "the first rate (default: 0.001)"},
    {"to", 0, OPTION_TEXT, offsetof(LrFindOptions, to), "RATE",
     "the last rate (default: 1000 times the first, or more until the loss has risen again)"},
    {"steps", 0, OPTION_WHOLE, offsetof(LrFindOptions, steps), "N", "steps to the last rate (default: 1000)",
     LEAST_STEPS, MOST_STEPS},
    {"data", 0, OPTION_TEXT, offsetof(LrFindOptions, data), "FILE", "names file, relative to the current directory"},
    {"csv", 0, OPTION_FLAG, offsetof(LrFindOptions, csv), NULL, "print the points as step,rate,loss,smoothed_loss"},
};

static const Usage USAGE = {
    .command = "lr-find",
    .brief = "sweep the learning rate and suggest a value",
    .summary = "Trains the network of a config, or of a run's config, in memory while the learning rate rises\n"
               "exponentially, as in part 2 of the lectures; draws the loss over the rate and suggests " LR_RULE ".",
    .operand = "RUN|CONFIG",
    OPTION_TABLE(OPTIONS, LrFindOptions),
    .examples = "  nomen lr-find mlp\n"
                "  nomen lr-find mlp --from 1e-4 --to 10 --steps 2000 --csv\n",
};

static bool read_rate(const char *text, const char *option, double *rate, Error *err) {
    return !text || (text_number(text, rate) && *rate >= 1e-30 && *rate <= 1e30) ||
           error_usage(err, "%s: expected a rate from 1e-30 to 1e30, found \"%s\"", option, text);
}

static bool read_range(const LrFindOptions *o, LrRange *range, Error *err) {
    *range = (LrRange){.from = 0.001, .n = o->steps.given ? (size_t)o->steps.value : DEFAULT_STEPS, .widens = !o->to};
    if (!read_rate(o->from, "--from", &range->from, err)) return false;
    range->to = 1000 * range->from;
    return read_rate(o->to, "--to", &range->to, err) &&
           (range->from < range->to ||
            error_usage(err, "--to: expected a rate above --from, %g, found %g", range->from, range->to));
}

static void print_csv(const LrSweep *sweep) {
    puts("step,rate,loss,smoothed_loss");
    for (size_t i = 0; i < sweep->n; i++)
        printf("%zu,%.9g,%.9g,%.9g\n", i, sweep->points[i].rate, sweep->points[i].loss, sweep->points[i].smooth);
}

enum { RATE_BYTES = 32 };

// Two digits: 0.16, 160, 1e+06.
static const char *rate_text(double rate, char text[RATE_BYTES]) {
    snprintf(text, RATE_BYTES, "%.1e", rate);
    snprintf(text, RATE_BYTES, "%g", strtod(text, NULL));
    return text;
}

static bool print_suggestion(const LrSweep *sweep, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    const LrPoint *best = &sweep->points[sweep->best];
    char rate[RATE_BYTES], first[FORMAT_BYTES], lowest[FORMAT_BYTES];
    format_loss(sweep->points[0].loss, first);
    if (sweep->outcome == LR_FOUND) {
        printf("\nsuggested rate: %s\n", rate_text(best->rate, rate));
        buffer_print(&out, "This is " LR_RULE ", %s. It was %s at the start.", format_loss(best->smooth, lowest),
                     first);
    } else {
        static const char *const why[] = {
            [LR_TOO_LARGE] = "no rate in this range lowers it. Try a smaller --from",
            [LR_TOO_SMALL] = "has fallen by no more than minibatches differ. Try a larger --to or more --steps",
            [LR_FALLING] = "has not risen again by the last rate. Try a larger --to",
        };
        puts("\nno rate is suggested");
        buffer_print(&out, "The loss was %s at the start and %s.", first, why[sweep->outcome]);
    }
    if (sweep->overflows)
        buffer_print(&out, " At %s the loss was no longer finite, and the sweep ended.",
                     rate_text(sweep->points[sweep->n - 1].rate, rate));
    terminal_wrap_tail(&out, 0, 0, 0);
    const char *words = buffer_text(&out, err);
    if (words) fputs(words, stdout);
    return words != NULL;
}

enum { ROWS = 14, AXIS_COLUMNS = 10, MOST_COLUMNS = 110, LEAST_COLUMNS = 40 };

// The mean, over the points that fall into each column, of the smaller of the smoothed loss and the ceiling.
static void average_columns(const LrSweep *sweep, double ceiling, size_t columns, double means[]) {
    for (size_t c = 0; c < columns; c++) {
        size_t begin = c * sweep->n / columns, end = (c + 1) * sweep->n / columns;
        double sum = 0;
        if (end == begin) end = begin + 1;
        for (size_t i = begin; i < end; i++) sum += fmin(sweep->points[i].smooth, ceiling);
        means[c] = sum / (double)(end - begin);
    }
}

// Prints the x axis with the first rate, the middle one and the last.
static void print_axis(const LrSweep *sweep, size_t columns) {
    const size_t left = columns / 2, right = columns - left;
    char last[RATE_BYTES];
    snprintf(last, sizeof last, "%.3g", sweep->points[sweep->n - 1].rate);
    printf("%*s+", AXIS_COLUMNS - 1, "");
    for (size_t c = 0; c < columns; c++) putchar('-');
    printf("\n%*s%-*.3g%-*.3g%s\n", AXIS_COLUMNS, "", (int)left, sweep->points[0].rate, (int)(right - strlen(last)),
           sweep->points[sweep->n / 2].rate, last);
}

// Draws the smoothed loss over the rate, as wide as the terminal, with a vertical line at the best rate.
static void print_curve(const LrSweep *sweep) {
    // An exploding loss would flatten the rest of the curve.
    double ceiling = fmax(sweep->points[0].smooth, sweep->points[sweep->best].smooth) * 1.1;
    double y[MOST_COLUMNS], low = INFINITY, high = -INFINITY;
    size_t wide = terminal_columns(), columns = wide > AXIS_COLUMNS + 1 ? wide - AXIS_COLUMNS - 1 : 0;
    columns = columns > MOST_COLUMNS ? MOST_COLUMNS : columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns;
    average_columns(sweep, ceiling, columns, y);
    for (size_t c = 0; c < columns; c++) {
        low = fmin(low, y[c]);
        high = fmax(high, y[c]);
    }
    if (!(high > low)) high = low + 1;
    size_t best = sweep->best * columns / sweep->n;
    const char *dot = terminal_is_utf8() ? "\u2022" : "*";
    printf("minibatch loss over the rate (%zu steps, smoothed over %zu", sweep->n, sweep->window);
    if (sweep->points[sweep->n - 1].smooth > ceiling) printf("; above %.4g at the top", ceiling);
    printf(")\n\n");
    for (size_t row = 0; row < ROWS; row++) {
        if (row == 0 || row == ROWS - 1 || row == ROWS / 2)
            printf("%*.4g |", AXIS_COLUMNS - 2, high - (high - low) * (double)row / (ROWS - 1));
        else
            printf("%*s |", AXIS_COLUMNS - 2, "");
        size_t end = 0; // column after the last mark on this row
        for (size_t c = 0; c < columns; c++) {
            size_t row_of_y = (size_t)((high - y[c]) / (high - low) * (ROWS - 1) + 0.5);
            if (row_of_y != row && c != best) continue;
            printf("%*s%s", (int)(c - end), "", row_of_y == row ? dot : ":");
            end = c + 1;
        }
        putchar('\n');
    }
    print_axis(sweep, columns);
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const LrFindOptions *o = options;
    const char *path = operands->items[0];
    LrRange range;
    Session session;
    LrSweep sweep;
    if (!read_range(o, &range, err)) return false;
    const ConfigChanges changes = {.data = o->data};
    if (!session_from_config(&session, path, &changes, 0, false, arena, err)) return false;
    command_note_config(path, session.path);
    if (!lr_find(&session.trainer, range, &sweep, arena, err)) return error_context(err, "%s", path);
    if (o->csv)
        print_csv(&sweep);
    else
        print_curve(&sweep);
    return o->csv || print_suggestion(&sweep, arena, err);
}

const Command lr_find_command = {COMMANDS_TEACH, &USAGE, run};
