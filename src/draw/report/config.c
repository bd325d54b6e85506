#include "draw/report/report.h"

#include "study/describe.h"

#include <string.h>

static void add_layers(Buffer *out, const Network *network) {
    static const char *const columns[] = {"Layer", "Input", "Output", "Parameters", NULL};
    html_open_table(out, "Layers", "The shape of one example on its way through the layers.", columns);
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        char name[DESCRIBE_SHAPE_BYTES], in[DESCRIBE_SHAPE_BYTES], shape[DESCRIBE_SHAPE_BYTES];
        buffer_print(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                     describe_layer(layer, name), describe_example(layer->plan.in, layer->type->takes_ids, in),
                     describe_example(layer->plan.out, false, shape), HTML_WHOLE(network_layer_parameters(network, i)));
    }
    html_close_table(out);
}

static void add_model(Buffer *out, const Model *model) {
    if (model->is_ngram)
        html_fact(out, "Model", "counts of %zu characters in a row, %g added to each (smoothing); %s contexts",
                  model->context + 1, model->ngram.smoothing, HTML_WHOLE(model->ngram.counts.contexts.n));
    else if (model_reads_names(model))
        html_fact(out, "Model", "a network that reads names of up to %zu characters", model->context);
    else
        html_fact(out, "Model", "a network with a context of %zu", model->context);
}

static void add_training(Buffer *out, const TrainConfig *train, bool reads_names) {
    const Schedule *lr = &train->lr;
    html_open_fact(out, "Training");
    buffer_print(out, "%s steps with ", HTML_WHOLE(train->steps));
    if (train->batch_size == FIELD_WORD)
        buffer_print(out, "the whole train split");
    else
        buffer_print(out, "%s %s each", HTML_WHOLE(train->batch_size), reads_names ? "names" : "examples");
    buffer_print(out, ", by %s; rate %g%s", train->optimizer.record->name,
                 lr->n > 0 ? lr->steps[0].rate : lr->curve.from, lr->n == 1 ? "" : " at first");
    html_close_fact(out);
}

static void add_data(Buffer *out, const SavedModel *saved) {
    char text[DESCRIBE_SPLIT_BYTES];
    html_open_fact(out, "Names");
    html_name(out, saved->config.data.path, strlen(saved->config.data.path));
    buffer_print(out, "<br>%s<br><span class=\"quiet\">SHA-256 %.12s&hellip;</span>",
                 describe_split(&saved->config.data, text), saved->file.data_sha256);
    html_close_fact(out);
}

static void add_symbols(Buffer *out, const Vocab *vocab) {
    char text[DESCRIBE_SYMBOL_BYTES];
    html_open_fact(out, "Symbols");
    buffer_print(out, "%s: the boundary of names and ", HTML_WHOLE(vocab->n));
    for (size_t id = 1; id < vocab->n; id++) {
        const char *symbol = describe_symbol(vocab->code_points[id], text);
        html_name(out, symbol, strlen(symbol));
        buffer_print(out, " ");
    }
    html_close_fact(out);
}

bool report_config(Buffer *out, Report *report, Error *err) {
    const SavedModel *saved = report->saved;
    const char *config = config_print(&saved->config, report->arena, err);
    if (!config) return false;
    buffer_print(out, "<dl class=\"facts\">\n");
    add_model(out, &saved->model);
    if (!saved->model.is_ngram) add_training(out, &saved->config.train, model_reads_names(&saved->model));
    add_data(out, saved);
    add_symbols(out, &saved->file.vocab);
    html_fact(out, "Seed", "%llu", (unsigned long long)saved->config.seed);
    buffer_print(out, "</dl>\n");
    if (!saved->model.is_ngram) add_layers(out, &saved->model.network);
    buffer_print(out, "<details><summary>The whole config</summary>\n<pre tabindex=\"0\">");
    html_text(out, config);
    buffer_print(out, "</pre></details>\n");
    return true;
}
