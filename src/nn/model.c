#include "nn/model.h"

#include <string.h>

static bool create_network(Model *model, const ModelConfig *config, NetworkUse use, Arena *arena, Error *err) {
    Network *network = &model->network;
    if (!network_create(network, &config->layers, model->vocab, (size_t)config->context, use, arena, err)) return false;
    model->context = network->context;
    model->rows = arena_alloc(arena, use.max_rows, sizeof *model->rows, err);
    for (size_t i = 0; model->rows && i < use.max_rows; i++) model->rows[i] = (uint32_t)i;
    if (!model->rows || !network->reads_names) return model->rows != NULL;
    model->context--;
    return prefixes_create(&model->prefixes, network->max_rows, arena, err);
}

bool model_create(Model *model, const ModelConfig *config, size_t vocab, NetworkUse use, Arena *arena, Error *err) {
    *model = (Model){.vocab = vocab, .max_rows = use.max_rows, .is_ngram = config->is_ngram};
    if (config->is_ngram) {
        model->context = (size_t)config->ngram - 1;
        model->ngram = (Ngram){.vocab = vocab, .smoothing = config->smoothing};
    } else if (!create_network(model, config, use, arena, err)) {
        return false;
    }
    model->ids = arena_alloc(arena, size_mul(use.max_rows, model->context), sizeof *model->ids, err);
    if (!model->ids || !(config->is_ngram || model->network.reads_names)) return model->ids != NULL;
    model->logits = arena_alloc(arena, size_mul(use.max_rows, vocab), sizeof *model->logits, err);
    return model->logits != NULL;
}

bool model_check_length(const Model *model, size_t n, Error *err) {
    if (!model_reads_names(model) || n <= model->context) return true;
    return error_set(err, "expected at most %zu characters, the longest name that the model reads whole, found %zu",
                     model->context, n);
}

bool model_view(ModelView *view, const Model *model, const uint16_t *prefix, size_t n, Arena *arena, Error *err) {
    size_t width = model->context;
    uint16_t *ids = arena_alloc(arena, 1 + width, sizeof *ids, err); // a boundary first
    if (!ids || !model_check_length(model, n, err)) return false;
    for (size_t k = 0; k < width && k < n; k++) ids[width - k] = prefix[n - 1 - k];
    view->n = model_reads_names(model) ? 1 + n : width;
    view->context = ids + 1;
    view->ids = ids + 1 + width - view->n;
    return true;
}

void model_forget(Model *model) { prefixes_clear(&model->prefixes); }

ModelPass model_pass(Model *model, const uint16_t *ids, size_t b) {
    if (!model->network.reads_names) return (ModelPass){b, {.ids = ids, .n = b}};
    Prefixes *prefixes = &model->prefixes;
    size_t i = 0, first = prefixes->n, end = first + model->network.pass_rows;
    if (end > prefixes->capacity) end = prefixes->capacity;
    for (; i < b && prefixes->n + model->context < end; i++)
        model->rows[i] = prefixes_add_context(prefixes, ids + i * model->context, model->context);
    return (ModelPass){i, {.prefixes = prefixes, .first = first, .n = prefixes->n - first}};
}

static const float *prefix_logits(Model *model, const uint16_t *ids, size_t b) {
    const Prefixes *prefixes = &model->prefixes;
    Network *network = &model->network;
    const float *all = network->layers[network->n_layers - 1].evaluated;
    if (network->has_trained) model_forget(model);
    network->has_trained = false;
    ModelPass pass;
    for (size_t i = 0; i < b; i += pass.n) {
        if (prefixes->n + model->context >= prefixes->capacity) model_forget(model);
        pass = model_pass(model, ids + i * model->context, b - i);
        if (pass.input.n > 0) network_predict(network, pass.input);
        for (size_t k = 0; k < pass.n; k++)
            memcpy(model->logits + (i + k) * model->vocab, all + model->rows[k] * model->vocab,
                   model->vocab * sizeof *all);
    }
    return model->logits;
}

const float *model_logits(Model *model, const uint16_t *ids, size_t b) {
    if (model_reads_names(model)) return prefix_logits(model, ids, b);
    if (!model->is_ngram) return network_predict(&model->network, (NetworkInput){.ids = ids, .n = b});
    for (size_t i = 0; i < b; i++)
        ngram_logits(&model->ngram, ids + i * model->context, model->logits + i * model->vocab);
    return model->logits;
}

bool model_logits_overflow(const Model *model, Error *err) {
    return error_set(err,
                     "%s%sthe model gives no distribution: its logits are not finite, though its weights are; "
                     "train again, with a lower train.lr",
                     model->file ? model->file : "", model->file ? ": " : "");
}
