// What the page shows of a model: names, the next symbol, attention, the embedding.
#include "base/json.h"
#include "base/nfc.h"
#include "draw/numbers.h"
#include "nn/layers/layers.h"
#include "nn/softmax.h"
#include "study/attention.h"
#include "study/describe.h"
#include "study/sampler.h"
#include "web/answer.h"

#include <math.h>
#include <string.h>

static DrawMethod method_of(const Config *config) {
    size_t method = 0;
    while (strcmp(config->sample.method, SAMPLE_METHODS[method]) != 0) method++;
    return (DrawMethod)method;
}

static bool add_names(Page *page, size_t count, double temperature) {
    Sampler sampler;
    SampledName name;
    char text[SAMPLE_MAX_BYTES];
    const SampleSettings settings = {.temperature = temperature, .method = method_of(&page->config), .group = count};
    Rng rng = train_state_sample_rng(&page->trainer.state, &page->config, (MaybeWhole){0});
    if (!sampler_create(&sampler, &page->trainer.model, &settings, &rng, &page->scratch, &page->err)) return false;
    json_add_open(&page->out, "names", '[');
    for (size_t i = 0; i < count; i++) {
        if (!sampler_next(&sampler, &name, &page->err)) return false;
        json_bytes(&page->out, text, sampled_name_trim(&name, &page->dataset.vocab, text));
    }
    json_close(&page->out, ']');
    return true;
}

EXPORT(page_sample) const char *page_sample(Page *page, double count, double temperature) {
    answer_open(page);
    return answer_close(page, answer_needs_model(page) && add_names(page, (size_t)count, temperature));
}

static void add_floats(Buffer *out, size_t n, const float *x) {
    json_open(out, '[');
    for (size_t i = 0; i < n; i++) json_number(out, (double)x[i]);
    json_close(out, ']');
}

static bool add_attention(Page *page, const uint16_t *ids, size_t n) {
    AttentionMaps maps;
    Buffer *out = &page->out;
    char name[DESCRIBE_SHAPE_BYTES];
    if (!attention_maps(&maps, &page->trainer.model, ids, n, &page->scratch, &page->err)) return false;
    json_add_open(out, "read", '[');
    for (size_t i = 0; i < maps.view.n; i++) json_whole(out, maps.view.ids[i]);
    json_close(out, ']');
    json_add_open(out, "maps", '[');
    for (const AttentionMap *map = maps.items, *end = map + maps.n; map < end; map++) {
        json_open(out, '{');
        json_add_text(out, "layer", describe_layer(map->layer, name));
        json_add_whole(out, "head", map->head + 1);
        json_add_open(out, "shares", '[');
        for (size_t t = 0; t < maps.view.n; t++) add_floats(out, t + 1, map->p + t * maps.view.n);
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, ']');
    return true;
}

// Writes the ids of a prefix, normalized as the names are.
static bool encode(Page *page, const char *prefix, uint16_t **ids, size_t *n) {
    Bytes text = {(char *)prefix, strlen(prefix)};
    NfcChanges changes;
    if (page->config.data.format.normalize && !nfc_compose_lines(&text, &changes, &page->scratch, &page->err))
        return false;
    *ids = arena_alloc(&page->scratch, text.n + 1, sizeof **ids, &page->err);
    return *ids && vocab_encode(&page->dataset.vocab, text.at, text.n, *ids, n, &page->err);
}

static bool add_next(Page *page, const char *prefix, double temperature) {
    Model *model = &page->trainer.model;
    uint16_t *ids;
    size_t n;
    ModelView view;
    float *p = arena_alloc(&page->scratch, model->vocab, sizeof *p, &page->err);
    if (!p || !encode(page, prefix, &ids, &n) || !model_view(&view, model, ids, n, &page->scratch, &page->err))
        return false;
    softmax(model->vocab, model_logits(model, view.context, 1), (float)temperature, p);
    if (isnan(p[0]) && !model->is_ngram) return model_logits_overflow(model, &page->err);
    if (isnan(p[0])) return error_set(&page->err, "the model never saw this context");
    json_key(&page->out, "probabilities");
    add_floats(&page->out, model->vocab, p);
    return attention_count(model) == 0 || add_attention(page, ids, n);
}

EXPORT(page_next) const char *page_next(Page *page, const char *prefix, double temperature) {
    answer_open(page);
    return answer_close(page, answer_needs_model(page) && add_next(page, prefix, temperature));
}

enum { MOST_POINTS = 80 };

static bool add_points(Page *page) {
    const Network *network = &page->trainer.model.network;
    if (page->trainer.model.is_ngram || network->layers[0].type != &embedding_layer) return true;
    const Tensor *table = &network->tensors[network->layers[0].first_tensor];
    const size_t dim = table->plan->dims[1], n = network->vocab < MOST_POINTS ? network->vocab : MOST_POINTS;
    double *x = arena_alloc(&page->scratch, n * dim, sizeof *x, &page->err);
    if (!x || dim < 2) return x != NULL;
    for (size_t i = 0; i < n * dim; i++) x[i] = (double)table->data[i];
    Pca found = {.at = (double(*)[2])(void *)x};
    if (dim > 2 && !pca(&found, n, dim, x, &page->scratch, &page->err)) return false;
    json_add_whole(&page->out, "dim", dim);
    json_add_numbers(&page->out, "shares", 2, found.share);
    json_add_numbers(&page->out, "at", 2 * n, &found.at[0][0]);
    return true;
}

EXPORT(page_embedding) const char *page_embedding(Page *page) {
    answer_open(page);
    return answer_close(page, answer_needs_model(page) && add_points(page));
}
