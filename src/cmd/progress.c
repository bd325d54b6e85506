#include "cmd/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE_BYTES = 128, PLAIN_LINES = 20 };

static const double REDRAW_SECONDS = 0.1;

Progress progress_start(const Trainer *trainer) {
    return (Progress){
        .first = trainer->state.step,
        .steps = trainer->config->train.steps,
        .first_seconds = trainer->state.seconds,
        .is_terminal = isatty(STDOUT_FILENO) == 1,
    };
}

static size_t terminal_columns(void) {
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
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

static void line_text(const Progress *progress, const MetricsRow *row, char text[LINE_BYTES]) {
    double seconds = row->seconds - progress->first_seconds, made = (double)(row->step - progress->first);
    double rate = seconds > 0 ? made / seconds : 0, left = (double)(progress->steps - row->step);
    char loss[32] = "", speed[64] = "", time_left[32];
    if (!isnan(row->loss)) snprintf(loss, sizeof loss, "  loss %.4f", row->loss);
    if (rate > 0) snprintf(speed, sizeof speed, "  %.0f steps/s  %s left", rate, clock_text(left / rate, time_left));
    snprintf(text, LINE_BYTES, "step %llu/%llu  %3.0f%%%s%s", (unsigned long long)row->step,
             (unsigned long long)progress->steps, 100 * (double)row->step / (double)progress->steps, loss, speed);
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
    printf("%s%s", progress->has_line ? "\r\033[K" : "", text);
    if (evaluated) printf("  train %.4f", row->train_loss);
    if (!isnan(row->dev_loss)) printf("  dev %.4f", row->dev_loss);
    fputc('\n', stdout);
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
