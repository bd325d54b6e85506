#include "cmd/train/progress.h"

#include "base/buffer.h"
#include "base/format.h"
#include "cmd/share/terminal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RATE_BYTES = 32, CLOCK_BYTES = 32, PLAIN_LINES = 20, LOSS_COLUMNS = 8 };

static const double REDRAW_SECONDS = 0.1;

Progress progress_start(const Trainer *trainer) {
    return (Progress){
        .trainer = trainer,
        .first = trainer->state.step,
        .first_seconds = trainer->state.seconds,
        .is_live = terminal_is_live(),
        .loss = NAN,
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

static const char *speed_text(double rate, char text[RATE_BYTES]) {
    snprintf(text, RATE_BYTES, rate < 9.95 ? "%.2g steps/s" : "%.0f steps/s", rate);
    return text;
}

// "2.5 days left", "1:02:03 left" or "2:03 left".
static const char *time_left(const Progress *progress, const MetricsRow *row, char text[CLOCK_BYTES]) {
    double seconds = (double)(all_steps(progress) - row->step) / speed(progress, row);
    unsigned s = seconds < 86400 ? (unsigned)(seconds + 0.5) : 0;
    if (!(seconds < 86400))
        snprintf(text, CLOCK_BYTES, "%.3g days left", seconds / 86400);
    else if (s >= 3600)
        snprintf(text, CLOCK_BYTES, "%u:%02u:%02u left", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, CLOCK_BYTES, "%u:%02u left", s / 60, s % 60);
    return text;
}

// Adds a plain line: the step, the losses that were measured, the speed, and the time left.
static void add_row(Buffer *out, const Progress *progress, const MetricsRow *row) {
    const struct {
        const char *name;
        double loss;
    } losses[] = {{"loss", row->loss}, {"train", row->train_loss}, {"dev", row->dev_loss}};
    buffer_print(out, "step %llu/%llu %3.0f%%", (unsigned long long)row->step, all_steps(progress),
                 percent(progress, row));
    char loss[FORMAT_BYTES], rate[RATE_BYTES], left[CLOCK_BYTES];
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (!isnan(losses[i].loss)) buffer_print(out, "  %s %s", losses[i].name, format_loss(losses[i].loss, loss));
    if (!(speed(progress, row) > 0)) return;
    buffer_print(out, "  %s", speed_text(speed(progress, row), rate));
    // With all three losses, the time left would not fit into 80 columns.
    if (isnan(row->train_loss)) buffer_print(out, "  %s", time_left(progress, row, left));
}

// The last dev loss and whether it is the best. After --resume only the best is known at first.
static StatusPart dev_part(const Progress *progress, unsigned rank) {
    StatusPart part = {.rank = rank};
    double dev = progress->row.dev_loss, best = progress->trainer->state.best_dev_loss;
    char now[FORMAT_BYTES], lowest[FORMAT_BYTES];
    format_fitted(dev, 4, LOSS_COLUMNS, now);
    format_fitted(best, 4, LOSS_COLUMNS, lowest);
    if (isnan(dev) && isfinite(best)) {
        snprintf(part.text, sizeof part.text, "best dev %s", lowest);
    } else if (!isnan(dev) && dev <= best) {
        snprintf(part.text, sizeof part.text, "dev %s best", now);
        part.color = STATUS_GREEN;
    } else if (!isnan(dev)) {
        snprintf(part.text, sizeof part.text, "dev %s best %s", now, lowest);
    }
    return part;
}

size_t progress_parts(const Progress *progress, const MetricsRow *latest, StatusPart parts[STATUS_PARTS]) {
    enum { PERCENT, STEP, SPEED, LEFT, DEV, LOSS, CURVE, N };
    char rate[RATE_BYTES], left[CLOCK_BYTES], all[RATE_BYTES], loss[FORMAT_BYTES];
    int digits = snprintf(all, sizeof all, "%llu", all_steps(progress));
    for (size_t i = 0; i < N; i++) parts[i] = (StatusPart){0};
    parts[PERCENT].rank = 1;
    snprintf(parts[PERCENT].text, STATUS_PART_BYTES, "%3.0f%%", percent(progress, latest));
    parts[LOSS].rank = 2;
    if (!isnan(progress->loss))
        snprintf(parts[LOSS].text, STATUS_PART_BYTES, "loss %s", format_fitted(progress->loss, 4, LOSS_COLUMNS, loss));
    parts[LEFT].rank = 3;
    parts[SPEED].rank = 6;
    if (speed(progress, latest) > 0) {
        snprintf(parts[SPEED].text, STATUS_PART_BYTES, "%s", speed_text(speed(progress, latest), rate));
        if (!is_last(latest)) snprintf(parts[LEFT].text, STATUS_PART_BYTES, "%s", time_left(progress, latest, left));
    }
    parts[CURVE] = (StatusPart){.rank = 4, .curve = &progress->losses, .color = STATUS_CYAN};
    parts[DEV] = dev_part(progress, 5);
    parts[STEP].rank = 7;
    if (!is_last(latest))
        snprintf(parts[STEP].text, STATUS_PART_BYTES, "step %*llu/%s", digits, (unsigned long long)latest->step, all);
    return N;
}

static void show_line(Progress *progress, const MetricsRow *latest) {
    StatusPart parts[STATUS_PARTS];
    status_show(&progress->line, parts, progress_parts(progress, latest, parts));
    progress->shown_seconds = latest->seconds;
}

void progress_end(Progress *progress) { status_end(&progress->line); }

void progress_row(void *context, const MetricsRow *row) {
    Progress *progress = context;
    bool evaluated = !isnan(row->train_loss);
    if (evaluated) progress->row = *row;
    if (is_last(row)) {
        if (progress->is_live && progress->losses.n > 0) show_line(progress, row);
        return;
    }
    if (!evaluated && (progress->is_live || row->step < progress->next_line)) return;
    Arena scratch = {0};
    Buffer line = {.arena = &scratch};
    add_row(&line, progress, row);
    Error ignored; // training continues without this line
    const char *text = buffer_text(&line, &ignored);
    status_clear(&progress->line);
    if (text) terminal_line(text, "  ");
    fflush(stdout);
    arena_free(&scratch);
    progress->shown_seconds = -INFINITY; // the next step draws the status line again
    progress->next_line = row->step + (all_steps(progress) + PLAIN_LINES - 1) / PLAIN_LINES;
}

void progress_step(void *context, const MetricsRow *latest) {
    Progress *progress = context;
    progress->loss = latest->loss;
    sparkline_add(&progress->losses, latest->loss);
    if (latest->seconds - progress->shown_seconds >= REDRAW_SECONDS) show_line(progress, latest);
}
