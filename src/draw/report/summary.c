#include "base/format.h"
#include "base/real.h"
#include "draw/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_file_name(Buffer *out, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    html_name(out, name, strlen(name));
}

static void add_seconds(Buffer *out, double seconds) {
    if (seconds < 120)
        buffer_print(out, "%.1f s", seconds);
    else
        buffer_print(out, "%.0f min", seconds / 60);
}

static size_t names_in(const Dataset *dataset, Span span) {
    size_t n = 0;
    for (size_t i = span.begin; i < span.end; i++) n += dataset->stream[i] == BOUNDARY;
    return n;
}

static void add_sentence(Buffer *out, const Report *report) {
    const SavedModel *saved = report->saved;
    const Model *model = &saved->model;
    buffer_print(out, "<p class=\"lead\">");
    if (model->is_ngram)
        buffer_print(out, "Counts of %zu characters in a row, in ", model->context + 1);
    else
        buffer_print(out, "A network that sees %zu character%s and says which comes next, trained on ", model->context,
                     model->context == 1 ? "" : "s");
    if (report->source.no_data) {
        buffer_print(out, "the names of ");
    } else {
        html_whole(out, names_in(&report->source.dataset, report->source.dataset.parts[PART_TRAIN]));
        buffer_print(out, " names of ");
    }
    add_file_name(out, saved->config.data.path);
    buffer_print(out, ".");
    if (strcmp(saved->config.name, report->name) != 0) {
        buffer_print(out, " Its config is called ");
        html_name(out, saved->config.name, strlen(saved->config.name));
        buffer_print(out, ".");
    }
    buffer_print(out, "</p>\n");
}

static void open_figure(Buffer *out, const char *what) { buffer_print(out, "<div><dt>%s</dt><dd>", what); }

static void close_figure(Buffer *out) { buffer_print(out, "</dd></div>\n"); }

// The part whose loss tells most: dev where there is one.
static bool main_loss(const Report *report, const char **what, double *loss) {
    static const char *const words[] = {"train loss", "dev loss"};
    const MetricsRow *row = report->measured;
    Span dev = report->source.dataset.parts[PART_DEV];
    if (report->source.no_data && !row) return false;
    bool has_dev = report->source.no_data ? isfinite(row->dev_loss) : dev.end > dev.begin;
    *what = words[has_dev];
    if (report->source.no_data)
        *loss = has_dev ? row->dev_loss : row->train_loss;
    else
        *loss = report->losses[has_dev ? PART_DEV : PART_TRAIN];
    return true;
}

bool report_summary(Buffer *out, const Report *report, Error *err) {
    const SavedModel *saved = report->saved;
    const char *what;
    double loss;
    buffer_print(out, "<h1>");
    html_name(out, report->name, strlen(report->name));
    buffer_print(out, "</h1>\n");
    add_sentence(out, report);
    if (report->source.no_data) {
        buffer_print(out, "<p class=\"note\">What needs the names is left out: ");
        html_text(out, report->source.no_data);
        buffer_print(out, ".</p>\n");
    }
    buffer_print(out, "<dl class=\"figures\">\n");
    if (main_loss(report, &what, &loss)) {
        open_figure(out, what);
        html_loss(out, loss);
        close_figure(out);
        open_figure(out, "perplexity");
        html_loss(out, real_exp(loss));
        close_figure(out);
    }
    open_figure(out, saved->model.is_ngram ? "counts" : "parameters");
    html_whole(out, report->n_parameters);
    close_figure(out);
    if (!saved->model.is_ngram) {
        open_figure(out, "steps");
        html_whole(out, report->state.step);
        close_figure(out);
        open_figure(out, "of training");
        add_seconds(out, report->state.seconds);
        close_figure(out);
    }
    buffer_print(out, "</dl>\n");
    return buffer_text(out, err) != NULL;
}

static void add_loss(Buffer *out, double loss) {
    buffer_print(out, "<td>");
    html_loss(out, loss);
    buffer_print(out, "</td><td>");
    html_loss(out, real_exp(loss));
    buffer_print(out, "</td></tr>\n");
}

static void open_losses(Buffer *out, const char *caption, const char *more) {
    buffer_print(out,
                 "<div class=\"scroll\" role=\"region\" aria-label=\"Losses\" tabindex=\"0\"><table>\n"
                 "<caption>%s</caption>\n<thead><tr><th scope=\"col\">Split</th>%s<th scope=\"col\">Loss</th>"
                 "<th scope=\"col\">Perplexity</th></tr></thead>\n<tbody>\n",
                 caption, more);
}

static void add_exact(Buffer *out, const Report *report) {
    open_losses(out, "Exact, over every character and every name&rsquo;s end of a split.",
                "<th scope=\"col\">Names</th><th scope=\"col\">Characters</th>");
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = report->source.dataset.parts[p];
        if (span.end == span.begin) continue;
        buffer_print(out, "<tr><th scope=\"row\">%s</th><td>", PART_NAMES[p]);
        html_whole(out, names_in(&report->source.dataset, span));
        buffer_print(out, "</td><td>");
        html_whole(out, span.end - span.begin);
        buffer_print(out, "</td>");
        add_loss(out, report->losses[p]);
    }
    buffer_print(out, "</tbody></table></div>\n");
}

static void add_measured(Buffer *out, const MetricsRow *row) {
    const double losses[] = {row->train_loss, row->dev_loss};
    char caption[64];
    snprintf(caption, sizeof caption, "As measured while it trained, at step %llu.", (unsigned long long)row->step);
    open_losses(out, caption, "");
    for (size_t p = 0; p < 2; p++) {
        if (isnan(losses[p])) continue;
        buffer_print(out, "<tr><th scope=\"row\">%s</th>", PART_NAMES[p]);
        add_loss(out, losses[p]);
    }
    buffer_print(out, "</tbody></table></div>\n");
}

static void add_early_stop(Buffer *out, const TrainState *state, const EarlyStop *rule) {
    buffer_print(out, " (early stop: ");
    html_whole(out, state->early_stop.without_gain);
    buffer_print(out, " evaluation%s without a gain in dev loss",
                 state->early_stop.without_gain == 1 ? "" : "s in a row");
    if (rule->least_gain > 0) buffer_print(out, " above %g", rule->least_gain);
    buffer_print(out, ")");
}

// Whose weights these are, and where better ones may be.
static void add_weights(Buffer *out, const Report *report) {
    const TrainState *state = &report->state;
    const TrainConfig *train = &report->saved->config.train;
    char best[FORMAT_BYTES];
    if (report->saved->model.is_ngram) return;
    buffer_print(out, "<p>The weights of this page are %s, after ",
                 report->source.run->is_dir ? "the run&rsquo;s latest" : "those of one model file");
    html_whole(out, state->step);
    buffer_print(out, " of ");
    html_whole(out, train->steps);
    buffer_print(out, " steps");
    if (train_state_ended_early(state, &train->early_stop)) add_early_stop(out, state, &train->early_stop);
    buffer_print(out, ".");
    const MetricsRow *row = report->measured;
    bool is_best = row && row->step == state->step && row->dev_loss <= metrics_round(state->best_dev_loss);
    if (isfinite(state->best_dev_loss) && report->source.run->is_dir && is_best)
        buffer_print(out, " They are also the best that were measured, by dev loss.");
    else if (isfinite(state->best_dev_loss) && report->source.run->is_dir)
        buffer_print(out, " The lowest dev loss measured, %s, belongs to the weights in best.safetensors.",
                     format_loss(state->best_dev_loss, best));
    buffer_print(out, "</p>\n");
}

bool report_losses(Buffer *out, const Report *report, Error *err) {
    size_t n = report->saved->file.vocab.n;
    buffer_print(out,
                 "<p>The loss is the mean of &minus;log p over the characters that really came next; less is better. "
                 "A guess among all %zu symbols alike would have %.4f.</p>\n",
                 n, real_log((double)n));
    if (!report->source.no_data)
        add_exact(out, report);
    else if (report->measured)
        add_measured(out, report->measured);
    else
        buffer_print(out, "<p class=\"note\">No losses: the run has none measured, and its names are not here.</p>\n");
    add_weights(out, report);
    return buffer_text(out, err) != NULL;
}
