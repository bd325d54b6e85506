#include "draw/report/report.h"

#include "base/text.h"
#include "study/describe.h"

#include <string.h>

enum { MOST_SYMBOLS = 200 };

static void add_layers(Buffer *out, const Network *network) {
    buffer_print(out, "<div class=\"scroll\" role=\"region\" aria-label=\"Layers\" tabindex=\"0\"><table>\n"
                      "<caption>The layers, with what one example is on its way through them.</caption>\n"
                      "<thead><tr><th scope=\"col\">Layer</th><th scope=\"col\">Input</th><th scope=\"col\">Output</th>"
                      "<th scope=\"col\">Parameters</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        char in[DESCRIBE_SHAPE_BYTES], shape[DESCRIBE_SHAPE_BYTES];
        buffer_print(out, "<tr><th scope=\"row\">%zu %s</th><td>%s</td><td>%s</td><td>", i, layer->type->record.name,
                     describe_example(layer->plan.in, layer->type->takes_ids, in),
                     describe_example(layer->plan.out, false, shape));
        html_whole(out, network_layer_parameters(network, i));
        buffer_print(out, "</td></tr>\n");
    }
    buffer_print(out, "</tbody></table></div>\n");
}

static void open_fact(Buffer *out, const char *what) { buffer_print(out, "<dt>%s</dt><dd>", what); }

static void close_fact(Buffer *out) { buffer_print(out, "</dd>\n"); }

static void add_model(Buffer *out, const Model *model) {
    open_fact(out, "Model");
    if (model->is_ngram) {
        buffer_print(out, "counts of %zu characters in a row, %g added to each (smoothing); ", model->context + 1,
                     model->ngram.smoothing);
        html_whole(out, model->ngram.counts.contexts.n);
        buffer_print(out, " contexts");
    } else {
        buffer_print(out, "a network of context %zu", model->context);
    }
    close_fact(out);
}

static void add_rate(Buffer *out, const Schedule *lr) {
    const RateCurve *curve = &lr->curve;
    buffer_print(out, "rate ");
    for (size_t i = 0; i < lr->n; i++) {
        if (i > 0) buffer_print(out, ", from step ");
        if (i > 0) html_whole(out, lr->steps[i].from);
        buffer_print(out, i > 0 ? " on %g" : "%g", lr->steps[i].rate);
    }
    if (lr->n > 0) return;
    buffer_print(out, "%g to %g along a %s curve to step ", curve->from, curve->to, curve->shape);
    html_whole(out, curve->steps);
    if (curve->warmup > 0) buffer_print(out, ", after a warm-up of %llu", (unsigned long long)curve->warmup);
}

static void add_training(Buffer *out, const TrainConfig *train) {
    open_fact(out, "Training");
    html_whole(out, train->steps);
    if (train->batch_size == FIELD_WORD) {
        buffer_print(out, " steps with the whole train split");
    } else {
        buffer_print(out, " steps with ");
        html_whole(out, train->batch_size);
        buffer_print(out, " examples each");
    }
    buffer_print(out, ", by %s; ", train->optimizer.record->name);
    add_rate(out, &train->lr);
    close_fact(out);
}

static void add_data(Buffer *out, const SavedModel *saved) {
    char text[DESCRIBE_SPLIT_BYTES];
    open_fact(out, "Names");
    html_name(out, saved->config.data.path, strlen(saved->config.data.path));
    buffer_print(out, "<br>%s<br><span class=\"quiet\">SHA-256 %.12s&hellip;</span>",
                 describe_split(&saved->config.data, text), saved->file.data_sha256);
    close_fact(out);
}

static void add_symbols(Buffer *out, const Vocab *vocab) {
    char text[DESCRIBE_SYMBOL_BYTES];
    open_fact(out, "Symbols");
    html_whole(out, vocab->n);
    buffer_print(out, ", the boundary of names and ");
    for (size_t id = 1; id < vocab->n && id <= MOST_SYMBOLS; id++) {
        const char *symbol = describe_symbol(vocab->code_points[id], text);
        html_name(out, symbol, strlen(symbol));
        buffer_print(out, " ");
    }
    if (vocab->n > MOST_SYMBOLS + 1) buffer_print(out, "and %zu more", vocab->n - 1 - MOST_SYMBOLS);
    close_fact(out);
}

bool report_config(Buffer *out, const Report *report, Error *err) {
    const SavedModel *saved = report->saved;
    const char *config = config_print(&saved->config, report->arena, err);
    if (!config) return false;
    buffer_print(out, "<dl class=\"facts\">\n");
    add_model(out, &saved->model);
    if (!saved->model.is_ngram) add_training(out, &saved->config.train);
    add_data(out, saved);
    add_symbols(out, &saved->file.vocab);
    open_fact(out, "Seed");
    buffer_print(out, "%llu", (unsigned long long)saved->config.seed);
    close_fact(out);
    buffer_print(out, "</dl>\n");
    if (!saved->model.is_ngram) add_layers(out, &saved->model.network);
    buffer_print(out, "<details><summary>The whole config</summary>\n<pre tabindex=\"0\">");
    html_text(out, config);
    buffer_print(out, "</pre></details>\n");
    return buffer_text(out, err) != NULL;
}
