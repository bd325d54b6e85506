#include "cmd/train/outcome.h"

#include "base/format.h"
#include "cmd/share/comparison.h"
#include "cmd/share/terminal.h"
#include "kernels/threads.h"
#include "study/describe.h"
#include "study/statistics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void outcome_show_progress(Group *group) {
    double made = 0, all = 0;
    if (group->quiet || !terminal_is_live()) return;
    for (size_t i = 0; i < group->n; i++) {
        double steps = (double)group->jobs[i].config.train.steps; // 0 for counts
        // A finished run may have made more steps than are asked for now.
        made += fmin((double)group->jobs[i].report.step, steps);
        all += steps;
    }
    status_begin(&group->line);
    if (all > 0) status_add(&group->line, "", "%3.0f%%", floor(100 * made / all));
    status_add(&group->line, "", "%zu of %zu runs done", group_count(group, JOB_DONE), group->n);
    if (all > 0) status_add(&group->line, "", "step %.0f/%.0f", made, all);
    status_show(&group->line);
}

void outcome_show_end(Group *group, Job *job) {
    const char *path = job->dir.path;
    Report *report = &job->report;
    char loss[FORMAT_BYTES], noise[DESCRIBE_NOISE_BYTES];
    if (report->state == JOB_FAILED && strncmp(report->failure.text, path, strlen(path)) != 0)
        error_context(&report->failure, "%s", path);
    if (group->quiet) return;
    status_clear(&group->line);
    if (report->state == JOB_FAILED) {
        printf("%s failed: %s\n", job->label, report->failure.text);
    } else if (report->state == JOB_STOPPED) {
        printf("%s stopped at step %llu of %llu\n", job->label, (unsigned long long)report->step,
               (unsigned long long)job->config.train.steps);
    } else {
        printf("%s  train %s", job->label, format_loss(report->row.train_loss, loss));
        if (!isnan(report->row.dev_loss)) printf("  dev %s", format_loss(report->row.dev_loss, loss));
        if (describe_noise(report->row.train_loss, job->dataset->vocab.n, noise))
            printf(" (noise: above uniform guessing)");
        printf("  after %.1f s\n", report->row.seconds);
    }
    fflush(stdout);
}

// Prints mean and standard deviation of the losses, if the runs are comparable, and a command to try next.
static bool print_spread(const Group *group, Arena *arena, Error *err) {
    const Job *jobs = group->jobs;
    const Dataset *dataset = jobs[0].dataset;
    bool has_dev = dataset->parts[PART_DEV].end > dataset->parts[PART_DEV].begin, are_alike = true;
    const char *path = path_quote(group->path, arena, err);
    double *losses = arena_alloc(arena, group->n, sizeof *losses, err);
    char mean[FORMAT_BYTES], sd[FORMAT_BYTES];
    if (!path || !losses) return false;
    for (size_t i = 0; i < group->n; i++) {
        losses[i] = has_dev ? jobs[i].report.row.dev_loss : jobs[i].report.row.train_loss;
        are_alike = are_alike && isfinite(losses[i]) && jobs[i].report.step <= jobs[i].config.train.steps;
    }
    Spread spread = spread_of(group->n, losses);
    if (are_alike && group->n > 1)
        printf("%s %s, standard deviation %s, over %zu seeds, in %s\n", has_dev ? "dev" : "train",
               format_loss(spread.mean, mean), format_loss(spread.sd, sd), group->n, path);
    printf("next: nomen compare %s\n", path);
    return true;
}

static bool is_done(const Group *group, size_t v) {
    size_t seeds = group->n / group->n_variants;
    for (size_t i = 0; i < seeds; i++)
        if (group->jobs[v * seeds + i].report.state != JOB_DONE) return false;
    return true;
}

// Prints the run with the lowest loss, and a command to try next.
static bool print_lowest(const Group *group, Arena *arena, Error *err) {
    const Job *end = group->jobs + group->n, *lowest = NULL;
    double least = INFINITY;
    bool has_dev = true;
    for (const Job *job = group->jobs; job < end; job++)
        has_dev = has_dev && (job->report.state != JOB_DONE || !isnan(job->report.row.dev_loss));
    for (const Job *job = group->jobs; job < end; job++) {
        double loss = has_dev ? job->report.row.dev_loss : job->report.row.train_loss;
        if (job->report.state != JOB_DONE || !(loss < least)) continue;
        least = loss;
        lowest = job;
    }
    const char *path = lowest ? path_quote(lowest->dir.path, arena, err) : "";
    if (!path) return false;
    if (!lowest) return true;
    char noise[DESCRIBE_NOISE_BYTES];
    printf("\nlowest %s loss: %s", has_dev ? "dev" : "train", lowest->label);
    if (describe_noise(lowest->report.row.train_loss, lowest->dataset->vocab.n, noise))
        puts("; its names are noise; try other values");
    else
        printf("; next: nomen sample %s\n", path);
    return true;
}

// Prints the table of nomen compare for the variants without a failure.
static bool print_comparison(const Group *group, Arena *arena, Error *err) {
    const char **paths = arena_alloc(arena, group->n_variants, sizeof *paths, err);
    size_t n = 0;
    if (!paths) return false;
    for (size_t v = 0; v < group->n_variants; v++)
        if (is_done(group, v)) paths[n++] = group->variants[v].path;
    if (n == 0) return true;
    putchar('\n');
    kernels_use_threads(group->threads);
    return comparison_print(n, paths, NULL, false, false, arena, err) && print_lowest(group, arena, err);
}

// Sets err to the command that continues the unfinished runs. The config of a run holds every option of this call but
// --sweep and --seeds.
static bool set_unfinished(const Group *group, size_t n, Arena *arena, Error *err) {
    Buffer options = {.arena = arena};
    for (size_t i = 0; i < group->sweeps->n; i++) {
        const char *sweep = path_quote(group->sweeps->items[i], arena, err);
        if (!sweep) return false;
        buffer_print(&options, " --sweep %s", sweep);
    }
    if (group->n_seeds > 0) buffer_print(&options, " --seeds %zu", group->n_seeds);
    const char *words = buffer_text(&options, err), *path = path_quote(group->path, arena, err);
    const char *config = path_quote(group->jobs[0].dir.config, arena, err);
    if (words && path && config)
        error_set(err, "%zu of %zu runs are not finished; continue with: nomen train %s --run %s%s --resume", n,
                  group->n, config, path, words);
    return *group->stop ? error_stopped(err, *group->stop) : false;
}

bool outcome_print(Group *group, Arena *arena, Error *err) {
    const size_t n_failed = group_count(group, JOB_FAILED), n_left = group->n - n_failed - group_count(group, JOB_DONE);
    const bool is_sweep = group->sweeps->n > 0;
    status_clear(&group->line);
    if (n_left > 0 && (*group->stop || n_failed == 0)) return set_unfinished(group, n_left, arena, err);
    if (is_sweep && !group->quiet && !print_comparison(group, arena, err)) return false;
    if (n_failed == 0) return group->quiet || is_sweep || print_spread(group, arena, err);
    if (!group->quiet) return error_set(err, "%zu of %zu runs failed", n_failed, group->n);
    const Job *job = group->jobs;
    while (job->report.state != JOB_FAILED) job++;
    *err = job->report.failure; // not printed yet
    return error_context(err, "%zu of %zu runs failed", n_failed, group->n);
}
