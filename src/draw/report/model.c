#include "draw/report/report.h"

#include "base/json.h"
#include "base/text.h"
#include "study/describe.h"
#include "study/sampler.h"

#include <stdio.h>
#include <string.h>

enum { MOST_NUMBERS = 1 << 22 }; // 4 bytes each, a third more in base64

static size_t count_numbers(const Model *model) {
    const ContextCounts *counts = &model->ngram.counts;
    size_t n = 0;
    if (model->is_ngram) {
        size_t pairs = counts->first[counts->contexts.n];
        return size_add(size_mul(counts->contexts.n, model->context + 1), size_mul(2, pairs));
    }
    for (size_t i = 0; i < model->network.n_tensors; i++) n = size_add(n, model->network.tensors[i].n);
    return n;
}

// Adds numbers of 2 or 4 bytes in base64, little-endian on every processor.
static bool add_numbers(Buffer *out, const char *key, const void *numbers, size_t n, size_t size, Arena *arena,
                        Error *err) {
    unsigned char *bytes = arena_alloc(arena, n, size, err);
    if (!bytes) return false;
    bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    for (size_t i = 0; i < n * size; i++)
        bytes[i] = ((const unsigned char *)numbers)[is_little ? i : i - i % size + (size - 1 - i % size)];
    json_key(out, key);
    json_word(out, "\"");
    html_base64(out, bytes, n * size);
    buffer_add(out, "\"", 1);
    return true;
}

static void add_symbols(Buffer *out, const Vocab *vocab) {
    char bytes[UTF8_MAX_BYTES + 1], label[DESCRIBE_SYMBOL_BYTES], key[24];
    json_add_open(out, "symbols", '[');
    json_text(out, "");
    for (size_t id = 1; id < vocab->n; id++) json_bytes(out, bytes, vocab_decode(vocab, (uint16_t)id, bytes));
    json_close(out, ']');
    json_add_open(out, "labels", '{'); // of the symbols that would not be visible
    for (size_t id = 0; id < vocab->n; id++) {
        bytes[id == BOUNDARY ? 0 : vocab_decode(vocab, (uint16_t)id, bytes)] = '\0';
        if (strcmp(describe_symbol(vocab->code_points[id], label), bytes) == 0) continue;
        snprintf(key, sizeof key, "%zu", id);
        json_add_text(out, key, label);
    }
    json_close(out, '}');
}

static bool add_network(Buffer *out, const Network *network, Arena *arena, Error *err) {
    json_add_open(out, "tensors", '{');
    for (size_t i = 0; i < network->n_tensors; i++) {
        const Tensor *tensor = &network->tensors[i];
        if (!add_numbers(out, tensor->name, tensor->data, tensor->n, sizeof(float), arena, err)) return false;
    }
    json_close(out, '}');
    return true;
}

static bool add_counts(Buffer *out, const ContextCounts *counts, Arena *arena, Error *err) {
    size_t n = counts->contexts.n, width = counts->contexts.width, pairs = counts->first[n];
    uint16_t *ids = arena_alloc(arena, size_mul(n, width), sizeof *ids, err);
    if (!ids) return false;
    context_counts_ids(counts, 0, n, ids);
    return add_numbers(out, "contexts", ids, n * width, sizeof *ids, arena, err) &&
           add_numbers(out, "first", counts->first, n + 1, sizeof *counts->first, arena, err) &&
           add_numbers(out, "targets", counts->targets, pairs, sizeof *counts->targets, arena, err) &&
           add_numbers(out, "counts", counts->counts, pairs, sizeof *counts->counts, arena, err);
}

bool report_model(Buffer *out, Report *report, Error *err) {
    static const char too_large[] =
        "The model is too large for a page. In a terminal, nomen next and nomen sample do the same.";
    const SavedModel *saved = report->saved;
    const Model *model = &saved->model;
    bool fits = count_numbers(model) <= MOST_NUMBERS;
    Buffer json = {.arena = report->arena};
    json_open(&json, '{');
    if (!fits) json_add_text(&json, "missing", too_large);
    if (fits) {
        add_symbols(&json, &saved->file.vocab);
        json_add_whole(&json, "context", model->context);
        json_add_bool(&json, "reads_names", model_reads_names(model));
        json_add_whole(&json, "longest", sample_max_symbols(model));
        json_key(&json, "config");
        json_word(&json, saved->file.config_text);
        if (!(model->is_ngram ? add_counts(&json, &model->ngram.counts, report->arena, err)
                              : add_network(&json, &model->network, report->arena, err)))
            return false;
    }
    json_close(&json, '}');
    const char *text = buffer_text(&json, err);
    if (text) html_json(out, text);
    return text != NULL;
}
