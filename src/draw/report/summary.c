#include "draw/report/report.h"

#include "base/real.h"
#include "study/describe.h"

#include <math.h>
#include <string.h>

static size_t count_names(const Dataset *dataset, Span span) {
    size_t n = 0;
    for (size_t i = span.begin; i < span.end; i++) n += dataset->stream[i] == BOUNDARY;
    return n;
}

static void add_sentence(Buffer *out, const Report *report) {
    const SavedModel *saved = report->saved;
    const Dataset *dataset = &report->source.dataset;
    size_t context = saved->model.context;
    const char *path = saved->config.data.path, *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    buffer_print(out, "<p class=\"lead\">");
    if (saved->model.is_ngram)
        buffer_print(out, "Counts of %zu characters in a row, in ", context + 1);
    else if (model_reads_names(&saved->model))
        buffer_print(out,
                     "A network that predicts each character from all characters before it, at most %zu, trained on ",
                     context);
    else
        buffer_print(out, "A network that sees %zu character%s and predicts the next, trained on ", context,
                     context == 1 ? "" : "s");
    bool has_data = !report->source.no_data;
    buffer_print(out, "%s names of ", has_data ? HTML_WHOLE(count_names(dataset, dataset->parts[PART_TRAIN])) : "the");
    html_name(out, file, strlen(file));
    buffer_print(out, ".</p>\n");
}

// Adds the dev loss, or the train loss if there is no dev split, and the perplexity.
static void add_main_loss(Buffer *out, const Report *report) {
    bool has_dev = !isnan(report->losses[PART_DEV]);
    double loss = report->losses[has_dev ? PART_DEV : PART_TRAIN];
    if (isnan(loss)) return;
    html_fact(out, has_dev ? "dev loss" : "train loss", "%s", HTML_LOSS(loss));
    html_fact(out, "perplexity", "%s", HTML_LOSS(real_exp(loss)));
}

bool report_summary(Buffer *out, Report *report, Error *err) {
    const Model *model = &report->saved->model;
    const ContextCounts *counts = &model->ngram.counts;
    double seconds = report->saved->file.state.seconds;
    (void)err;
    buffer_print(out, "<h1>");
    html_name(out, report->run->name, strlen(report->run->name));
    buffer_print(out, "</h1>\n");
    add_sentence(out, report);
    if (report->source.no_data) {
        buffer_print(out, "<p class=\"note\">The page has no parts that need the names: ");
        html_text(out, report->source.no_data);
        buffer_print(out, ".</p>\n");
    }
    buffer_print(out, "<dl class=\"figures\">\n");
    add_main_loss(out, report);
    if (model->is_ngram) {
        html_fact(out, "counts", "%s", HTML_WHOLE(counts->first[counts->contexts.n]));
    } else {
        html_fact(out, "parameters", "%s", HTML_WHOLE(model->network.n_parameters));
        html_fact(out, "steps", "%s", HTML_WHOLE(report->saved->file.state.step));
        html_fact(out, "of training", seconds < 120 ? "%.1f s" : "%.0f min", seconds < 120 ? seconds : seconds / 60);
    }
    buffer_print(out, "</dl>\n");
    return true;
}

static void add_losses(Buffer *out, const Report *report) {
    static const char *const columns[] = {"Split", "Names", "Characters", "Loss", "Perplexity", NULL};
    const Dataset *dataset = &report->source.dataset;
    html_open_table(out, "Losses", "Exact, over every character and every name&rsquo;s end of a split.", columns);
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = dataset->parts[p];
        if (isnan(report->losses[p])) continue;
        buffer_print(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                     PART_NAMES[p], HTML_WHOLE(count_names(dataset, span)), HTML_WHOLE(span.end - span.begin),
                     HTML_LOSS(report->losses[p]), HTML_LOSS(real_exp(report->losses[p])));
    }
    html_close_table(out);
}

// Adds whose weights these are, and which file has the best.
static void add_weights(Buffer *out, const Report *report) {
    const TrainState *state = &report->saved->file.state;
    const TrainConfig *train = &report->saved->config.train;
    bool is_dir = report->run->saved.is_dir;
    if (report->saved->model.is_ngram) return;
    buffer_print(out, "<p>The weights of this page are %s, after %s of %s steps%s.",
                 is_dir ? "the run&rsquo;s latest" : "those of one model file", HTML_WHOLE(state->step),
                 HTML_WHOLE(train->steps), train_state_ended_early(state, &train->early_stop) ? " (early stop)" : "");
    if (isfinite(state->best_dev_loss) && is_dir)
        buffer_print(out, " best.safetensors has the weights with the lowest dev loss measured, %s.",
                     HTML_LOSS(state->best_dev_loss));
    buffer_print(out, "</p>\n");
}

bool report_losses(Buffer *out, Report *report, Error *err) {
    size_t n = report->saved->file.vocab.n;
    (void)err;
    buffer_print(out,
                 "<p>The loss is the mean of &minus;log p of the true next characters; lower is better. "
                 "Uniform guessing among the %zu symbols scores %.4f.</p>\n",
                 n, real_log((double)n));
    if (!report->source.no_data) add_losses(out, report);
    char noise[DESCRIBE_NOISE_BYTES];
    if (describe_noise(report->losses[PART_TRAIN], n, noise))
        buffer_print(out, "<p class=\"note\">The %s.</p>\n", noise);
    add_weights(out, report);
    return true;
}
