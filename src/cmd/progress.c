#include "cmd/progress.h"

#include "cmd/terminal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 192, PLAIN_LINES = 20 };

static const double REDRAW_SECONDS = 0.1;

Progress progress_start(const Trainer *trainer) {
    return (Progress){
        .first = trainer->state.step,
        .steps = trainer->config->train.steps,
        .first_seconds = trainer->state.seconds,
        .is_terminal = isatty(STDOUT_FILENO) == 1,
    };
}

// "1:02:03" or "2:03".
static const char *clock_text(double seconds, char text[32]) {
    unsigned long s = seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 1000000000ul;
    if (s >= 3600)
        snprintf(text, 32, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, 32, "%lu:%02lu", s / 60, s % 60);
    return text;
}

// A step with its losses, as far as they were measured (the step callback leaves the split losses at NaN), the speed
// and the time that is left.
static void line_text(const Progress *progress, const MetricsRow *row, char text[LINE_BYTES]) {
    const struct {
        const char *name;
        double loss;
    } losses[] = {{"loss", row->loss}, {"train", row->train_loss}, {"dev", row->dev_loss}};
    double seconds = row->seconds - progress->first_seconds, made = (double)(row->step - progress->first);
    double rate = seconds > 0 ? made / seconds : 0, left = (double)(progress->steps - row->step);
    int n = snprintf(text, LINE_BYTES, "step %llu/%llu %3.0f%%", (unsigned long long)row->step,
                     (unsigned long long)progress->steps, floor(100 * (double)row->step / (double)progress->steps));
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (!isnan(losses[i].loss))
            n += snprintf(text + n, LINE_BYTES - (size_t)n, "  %s %.4f", losses[i].name, losses[i].loss);
    char time_left[32];
    if (rate > 0) n += snprintf(text + n, LINE_BYTES - (size_t)n, "  %.0f steps/s", rate);
    // With all three losses, the time left would not fit into 80 columns.
    if (rate > 0 && isnan(row->train_loss))
        snprintf(text + n, LINE_BYTES - (size_t)n, "  %s left", clock_text(left / rate, time_left));
}

void progress_end(Progress *progress) {
    if (progress->has_line) fputc('\n', stdout);
    progress->has_line = false;
    fflush(stdout);
}

void progress_row(void *context, const MetricsRow *row) {
    Progress *progress = context;
    bool evaluated = !isnan(row->train_loss), is_last = row->step >= progress->steps;
    if (is_last || (!evaluated && (progress->is_terminal || row->step < progress->next_line))) return;
    char text[LINE_BYTES];
    line_text(progress, row, text);
    printf("%s%s\n", progress->has_line ? "\r\033[K" : "", text);
    fflush(stdout);
    progress->has_line = false;
    progress->next_line = row->step + (progress->steps + PLAIN_LINES - 1) / PLAIN_LINES;
}

void progress_step(void *context, const MetricsRow *latest) {
    Progress *progress = context;
    if (!progress->is_terminal || latest->seconds - progress->drawn_seconds < REDRAW_SECONDS) return;
    char text[LINE_BYTES];
    size_t columns = terminal_columns();
    line_text(progress, latest, text);
    if (strlen(text) >= columns) text[columns - 1] = '\0';
    printf("\r\033[K%s", text);
    fflush(stdout);
    progress->has_line = true;
    progress->drawn_seconds = latest->seconds;
}
