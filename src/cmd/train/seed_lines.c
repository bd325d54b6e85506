#include "cmd/train/seed_lines.h"

#include "base/buffer.h"
#include "base/format.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "cmd/train/summary.h"
#include "study/welch.h"

#include <math.h>

void seed_lines_progress(StatusLine *line, const SeedRuns *all) {
    const SeedsPlan *plan = all->plan;
    StatusPart share = {.rank = 1}, runs = {.rank = 2}, steps = {.rank = 3};
    uint64_t most = plan->config->train.steps;
    double made = 0, steps_of_all = (double)most * (double)plan->n;
    // One that is finished may have made more than are asked for now.
    for (size_t i = 0; i < plan->n; i++) made += (double)(all->runs[i].step < most ? all->runs[i].step : most);
    snprintf(share.text, sizeof share.text, "%3.0f%%", floor(100 * made / steps_of_all));
    snprintf(runs.text, sizeof runs.text, "%zu of %zu runs done",
             seed_runs_count(all, SEED_DONE) + seed_runs_count(all, SEED_WAS_FINISHED), plan->n);
    snprintf(steps.text, sizeof steps.text, "step %.0f/%.0f", made, steps_of_all);
    const StatusPart parts[] = {share, steps, runs};
    status_show(line, parts, sizeof parts / sizeof *parts);
}

static void add_run(Buffer *out, const SeedRun *run) {
    const MetricsRow *row = &run->row;
    char loss[FORMAT_BYTES];
    buffer_print(out, "seed %llu", (unsigned long long)run->config.seed);
    switch (run->state) {
    case SEED_DONE:
        buffer_print(out, "  train %s", format_loss(row->train_loss, loss));
        if (!isnan(row->dev_loss)) buffer_print(out, "  dev %s", format_loss(row->dev_loss, loss));
        buffer_print(out, "  after %.1f s", row->seconds);
        return;
    case SEED_FAILED: buffer_print(out, " failed"); return;
    default:
        buffer_print(out, " %s at step %llu", run->state == SEED_WAS_FINISHED ? "is finished" : "stopped",
                     (unsigned long long)run->step);
        // A run of more steps than are asked for now is finished, too.
        if (run->step <= run->config.train.steps)
            buffer_print(out, " of %llu", (unsigned long long)run->config.train.steps);
        if (run->state == SEED_WAS_FINISHED && run->step < run->config.train.steps)
            buffer_print(out, ", by early stop");
    }
}

void seed_lines_run(StatusLine *shown, const SeedRun *run, const char *reason) {
    Arena scratch = {0};
    Buffer line = {.arena = &scratch};
    add_run(&line, run);
    Error out_of_memory; // the runs go on all the same
    const char *text = buffer_text(&line, &out_of_memory);
    status_clear(shown);
    if (text) terminal_line(text, run->state == SEED_DONE ? "  " : " ");
    if (run->state == SEED_FAILED) terminal_wrap(reason, 2, 2);
    fflush(stdout);
    arena_free(&scratch);
}

bool seed_lines_summary(const SeedRuns *all, Arena *arena, Error *err) {
    size_t n = all->plan->n;
    const SeedRun *runs = all->runs;
    const char *group = command_quote(all->plan->group, arena, err);
    double *losses = arena_alloc(arena, n, sizeof *losses, err);
    if (!group || !losses) return false;
    bool has_dev = all->first.dev.total > 0, are_alike = true;
    for (size_t i = 0; i < n; i++) {
        losses[i] = has_dev ? runs[i].row.dev_loss : runs[i].row.train_loss;
        are_alike = are_alike && isfinite(losses[i]) && runs[i].step <= runs[i].config.train.steps;
    }
    Spread spread = spread_of(n, losses);
    if (n > 1 && are_alike) {
        char mean[FORMAT_BYTES], sd[FORMAT_BYTES];
        const char *words =
            arena_format(arena, err, "%s %s, standard deviation %s, over %zu seeds, in %s", has_dev ? "dev" : "train",
                         format_loss(spread.mean, mean), format_loss(spread.sd, sd), n, group);
        if (!words) return false;
        terminal_line(words, " ");
    }
    if (n == 1) return summary_print_next(&runs[0].dir, runs[0].row.dev_loss, runs[0].best_dev_loss, arena, err);
    printf("next: nomen compare %s\n", group);
    return true;
}
