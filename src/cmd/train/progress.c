#include "cmd/train/progress.h"

#include "base/format.h"
#include "cmd/share/terminal.h"

#include <math.h>
#include <stdio.h>

enum { SPEED_BYTES = 32, CLOCK_BYTES = 32, PLAIN_LINES = 20 };

static const double REDRAW_SECONDS = 0.1;

Progress progress_start(const Trainer *trainer) {
    return (Progress){
        .trainer = trainer,
        .first = trainer->state.step,
        .first_seconds = trainer->state.seconds,
        .is_live = terminal_is_live(),
        .shown_seconds = trainer->state.seconds,
        .row = {.train_loss = NAN, .dev_loss = NAN},
    };
}

static unsigned long long all_steps(const Progress *progress) { return progress->trainer->config->train.steps; }

// The last row has no minibatch.
static bool is_last(const MetricsRow *row) { return isnan(row->loss); }

static double percent(const Progress *progress, const MetricsRow *row) {
    return floor(100 * (double)row->step / (double)all_steps(progress));
}

// Steps per second of this command, evaluations and checkpoints included; 0 before the first step.
static double speed(const Progress *progress, const MetricsRow *row) {
    double seconds = row->seconds - progress->first_seconds;
    return seconds > 0 ? (double)(row->step - progress->first) / seconds : 0;
}

static const char *speed_text(double steps_per_s, char text[SPEED_BYTES]) {
    snprintf(text, SPEED_BYTES, steps_per_s < 9.95 ? "%.2g steps/s" : "%.0f steps/s", steps_per_s);
    return text;
}

// "1:02:03 left" or "2:03 left".
static const char *time_left(const Progress *progress, const MetricsRow *row, char text[CLOCK_BYTES]) {
    double seconds = (double)(all_steps(progress) - row->step) / speed(progress, row);
    unsigned long long s = (unsigned long long)(fmin(seconds, 1e12) + 0.5);
    if (s >= 3600)
        snprintf(text, CLOCK_BYTES, "%llu:%02llu:%02llu left", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, CLOCK_BYTES, "%llu:%02llu left", s / 60, s % 60);
    return text;
}

// Prints a plain line: the step, the losses that were measured, the speed, and the time left.
static void print_row(const Progress *progress, const MetricsRow *row) {
    static const char *const names[] = {"loss", "train", "dev"};
    const double losses[] = {row->loss, row->train_loss, row->dev_loss};
    char loss[FORMAT_BYTES], words[SPEED_BYTES];
    printf("step %llu/%llu %3.0f%%", (unsigned long long)row->step, all_steps(progress), percent(progress, row));
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (!isnan(losses[i])) printf("  %s %s", names[i], format_loss(losses[i], loss));
    if (speed(progress, row) > 0) printf("  %s", speed_text(speed(progress, row), words));
    // With all three losses, the time left would not fit into 80 columns.
    if (speed(progress, row) > 0 && isnan(row->train_loss)) printf("  %s", time_left(progress, row, words));
    putchar('\n');
    fflush(stdout);
}

void progress_write(const Progress *progress, const MetricsRow *latest, StatusLine *line) {
    double dev = progress->row.dev_loss, best = progress->trainer->state.best_dev_loss, rate = speed(progress, latest);
    char loss[FORMAT_BYTES], lowest[FORMAT_BYTES], words[SPEED_BYTES];
    status_add(line, "", "%3.0f%%", percent(progress, latest));
    if (progress->n_curve > 0) status_add(line, "", "loss %s", format_loss(progress->loss, loss));
    status_add_curve(line, STATUS_CYAN, progress->n_curve, progress->curve);
    if (dev <= best)
        status_add(line, STATUS_GREEN, "dev %s best", format_loss(dev, loss));
    else if (!isnan(dev))
        status_add(line, "", "dev %s best %s", format_loss(dev, loss), format_loss(best, lowest));
    if (rate > 0 && !is_last(latest)) status_add(line, "", "%s", time_left(progress, latest, words));
    if (rate > 0) status_add(line, "", "%s", speed_text(rate, words));
    if (!is_last(latest)) status_add(line, "", "step %llu/%llu", (unsigned long long)latest->step, all_steps(progress));
}

static void show_line(Progress *progress, const MetricsRow *latest) {
    status_begin(&progress->line);
    progress_write(progress, latest, &progress->line);
    status_show(&progress->line);
    progress->shown_seconds = latest->seconds;
}

void progress_row(void *context, const MetricsRow *row) {
    Progress *progress = context;
    bool evaluated = !isnan(row->train_loss);
    if (evaluated) progress->row = *row;
    if (is_last(row)) {
        if (progress->n_curve > 0) show_line(progress, row);
        return;
    }
    if (!evaluated && (progress->is_live || row->step < progress->next_line)) return;
    status_clear(&progress->line);
    print_row(progress, row);
    progress->shown_seconds = -INFINITY; // the next step draws the status line again
    progress->next_line = row->step + (all_steps(progress) + PLAIN_LINES - 1) / PLAIN_LINES;
}

void progress_step(void *context, const MetricsRow *latest) {
    Progress *progress = context;
    uint64_t share = all_steps(progress) - progress->first;
    size_t last = (size_t)((latest->step - progress->first - 1) * STATUS_CURVE / share);
    progress->loss = latest->loss;
    for (; progress->n_curve <= last; progress->n_last = 0) progress->curve[progress->n_curve++] = latest->loss;
    progress->curve[last] += (latest->loss - progress->curve[last]) / (double)++progress->n_last;
    if (latest->seconds - progress->shown_seconds >= REDRAW_SECONDS) show_line(progress, latest);
}
