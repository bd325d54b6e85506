#include "web/page.h"

#include "base/json.h"
#include "kernels/kernels.h"
#include "study/describe.h"
#include "train/evaluate.h"
#include "web/answer.h"
#include "web/memory_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMES "names.txt"
#define MODEL "model.safetensors"

EXPORT(page_create) Page *page_create(void) {
    Error err;
    return kernels_select(NULL, &err) ? calloc(1, sizeof(Page)) : NULL;
}

EXPORT(page_memory) void *page_memory(size_t n) { return malloc(n); }
EXPORT(page_free) void page_free(void *bytes) { free(bytes); }

EXPORT(page_put) const char *page_put(Page *page, const char *name, char *bytes, size_t n) {
    answer_open(page);
    bool ok = file_replace(name, bytes, n, &page->err);
    free(bytes);
    return answer_close(page, ok);
}

EXPORT(page_file) const char *page_file(const char *name, size_t *n) { return memory_file(name, n); }

static void add_model(Page *page) {
    Buffer *out = &page->out;
    const Model *model = &page->trainer.model;
    const Dataset *dataset = &page->dataset;
    char label[DESCRIBE_SYMBOL_BYTES];
    json_add_text(out, "name", page->config.name);
    json_add_whole(out, "names", dataset->n_names);
    json_add_open(out, "examples", '[');
    for (size_t p = 0; p < N_PARTS; p++) json_whole(out, count_targets(model, dataset, (Part)p));
    json_close(out, ']');
    json_add_open(out, "symbols", '[');
    for (size_t id = 0; id < dataset->vocab.n; id++)
        json_text(out, id == BOUNDARY ? "." : describe_symbol(dataset->vocab.code_points[id], label));
    json_close(out, ']');
    json_add_whole(out, "parameters", model->network.n_parameters);
    json_add_whole(out, "steps", page->config.train.steps);
    json_add_whole(out, "step", page->trainer.state.step);
    json_add_bool(out, "is_counts", model->is_ngram);
    json_add_bool(out, "seems_table", dataset->seems_table);
}

static bool open_config(Page *page, const char *path, const char *text) {
    const ConfigChanges changes = {.data = NAMES};
    return config_parse(&page->config, text, path, &changes, &page->arena, &page->err);
}

static bool start(Page *page) {
    return dataset_load(&page->dataset, &page->config.data, WORLD_ALONE, NULL, &page->arena, &page->err) &&
           trainer_create(&page->trainer, &page->config, &page->dataset, false, &page->arena, &page->err);
}

// The names may be others than those of the model if their symbols are the same.
static bool continue_model(Page *page) {
    Checkpoint file;
    return checkpoint_read(&file, MODEL, &page->arena, &page->err) && open_config(page, MODEL, file.config_text) &&
           start(page) && trainer_resume(&page->trainer, &file, true, &page->arena, &page->err);
}

EXPORT(page_open) const char *page_open(Page *page, const char *path, const char *config) {
    answer_open(page);
    page->is_ready = false;
    arena_free(&page->arena);
    page->is_ready = config ? open_config(page, path, config) && start(page) : continue_model(page);
    if (!page->is_ready) arena_free(&page->arena);
    page->row_from = page->is_ready ? page->trainer.state.step : 0;
    page->row_sum = 0;
    if (page->is_ready) add_model(page);
    return answer_close(page, page->is_ready);
}

EXPORT(page_save) const char *page_save(Page *page) {
    answer_open(page);
    const Trainer *t = &page->trainer;
    if (!answer_needs_model(page) || !trainer_check_finite(t, &page->err)) return answer_close(page, false);
    const char *config = config_print(&page->config, &page->scratch, &page->err);
    bool ok = config && checkpoint_write(MODEL, t->config, t->dataset, &t->model, &t->optimizer, &t->state, &page->err);
    if (ok) json_add_text(&page->out, "config", config);
    return answer_close(page, ok);
}
