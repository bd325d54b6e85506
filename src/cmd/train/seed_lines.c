#include "cmd/train/seed_lines.h"

#include "base/buffer.h"
#include "base/format.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "cmd/train/summary.h"
#include "study/welch.h"

#include <math.h>

size_t seed_lines_count(const Worker *runs, size_t n, WorkerState state) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += runs[i].report->state == state;
    return count;
}

void seed_lines_progress(StatusLine *line, const Worker *runs, size_t n) {
    StatusPart share = {.rank = 1}, done = {.rank = 2}, steps = {.rank = 3};
    uint64_t most = runs[0].config.train.steps;
    double made = 0, all = (double)most * (double)n;
    // A finished run may have made more steps than are asked for now.
    for (size_t i = 0; i < n; i++) made += (double)(runs[i].report->step < most ? runs[i].report->step : most);
    snprintf(share.text, sizeof share.text, "%3.0f%%", floor(100 * made / all));
    snprintf(done.text, sizeof done.text, "%zu of %zu runs done",
             seed_lines_count(runs, n, WORKER_DONE) + seed_lines_count(runs, n, WORKER_WAS_FINISHED), n);
    snprintf(steps.text, sizeof steps.text, "step %.0f/%.0f", made, all);
    const StatusPart parts[] = {share, steps, done};
    status_show(line, parts, sizeof parts / sizeof *parts);
}

static void add_run(Buffer *out, const Worker *run) {
    const Report *report = run->report;
    unsigned long long step = report->step, steps = run->config.train.steps;
    bool was_finished = report->state == WORKER_WAS_FINISHED;
    char loss[FORMAT_BYTES];
    buffer_print(out, "seed %llu", (unsigned long long)run->config.seed);
    if (report->state == WORKER_DONE) {
        buffer_print(out, "  train %s", format_loss(report->row.train_loss, loss));
        if (!isnan(report->row.dev_loss)) buffer_print(out, "  dev %s", format_loss(report->row.dev_loss, loss));
        buffer_print(out, "  after %.1f s", report->row.seconds);
    } else if (report->state == WORKER_FAILED) {
        buffer_print(out, " failed");
    } else {
        buffer_print(out, " %s at step %llu", was_finished ? "is finished" : "stopped", step);
        if (step <= steps) buffer_print(out, " of %llu", steps);
        if (was_finished && step < steps) buffer_print(out, ", by early stop");
    }
}

void seed_lines_run(StatusLine *line, const Worker *run) {
    Arena scratch = {0};
    Buffer out = {.arena = &scratch};
    Error ignored; // the runs continue without this line
    add_run(&out, run);
    const char *text = buffer_text(&out, &ignored);
    status_clear(line);
    if (text) terminal_line(text, run->report->state == WORKER_DONE ? "  " : " ");
    if (run->report->state == WORKER_FAILED) terminal_wrap(run->report->failure.text, 2, 2);
    fflush(stdout);
    arena_free(&scratch);
}

bool seed_lines_summary(const char *group, const Worker *runs, size_t n, bool has_dev, Arena *arena, Error *err) {
    const char *quoted = command_quote(group, arena, err);
    double *losses = arena_alloc(arena, n, sizeof *losses, err);
    if (!quoted || !losses) return false;
    bool are_alike = true;
    for (size_t i = 0; i < n; i++) {
        losses[i] = has_dev ? runs[i].report->row.dev_loss : runs[i].report->row.train_loss;
        are_alike = are_alike && isfinite(losses[i]) && runs[i].report->step <= runs[i].config.train.steps;
    }
    if (n == 1)
        return summary_print_next(&runs[0].dir, runs[0].report->row.dev_loss, runs[0].report->best_dev_loss, arena,
                                  err);
    Spread spread = spread_of(n, losses);
    char mean[FORMAT_BYTES], sd[FORMAT_BYTES];
    const char *words =
        arena_format(arena, err, "%s %s, standard deviation %s, over %zu seeds, in %s", has_dev ? "dev" : "train",
                     format_loss(spread.mean, mean), format_loss(spread.sd, sd), n, quoted);
    if (!words) return false;
    if (are_alike) terminal_line(words, " ");
    printf("next: nomen compare %s\n", quoted);
    return true;
}
