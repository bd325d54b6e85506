#include "train/checkpoint.h"

#include "base/text.h"
#include "train/optimizer_state.h"
#include "train/run_dir.h"

#include <cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char FORMAT[] = "nomen 1";

enum { NGRAM_TENSORS = 2 };

static const char TUPLES_NAME[] = "ngram.tuples", COUNTS_NAME[] = "ngram.counts";

// The symbols by id as a JSON list of strings; the boundary, id 0, is "".
static const char *vocab_json(const Vocab *vocab, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    json_open(&out, '[');
    json_text(&out, "");
    for (size_t id = 1; id < vocab->n; id++) {
        char bytes[UTF8_MAX_BYTES];
        json_bytes(&out, bytes, vocab_decode(vocab, (uint16_t)id, bytes));
    }
    json_close(&out, ']');
    return buffer_text(&out, err);
}

static bool read_vocab(const char *text, Vocab *vocab, Arena *arena, Error *err) {
    errno = 0;
    cJSON *list = cJSON_Parse(text);
    size_t n = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0, id = 0;
    uint32_t *code_points = arena_alloc(arena, n, sizeof *code_points, err);
    bool ok = n >= 2 && n <= VOCAB_MAX_SYMBOLS;
    if (!ok) error_set(err, "vocabulary: expected a list of 2 to %d symbols", VOCAB_MAX_SYMBOLS);
    for (const cJSON *item = list ? list->child : NULL; ok && code_points && item; item = item->next, id++) {
        const char *symbol = cJSON_IsString(item) ? item->valuestring : "";
        bool is_one = strlen(symbol) > 0 && utf8_decode(symbol, strlen(symbol), &code_points[id]) == strlen(symbol);
        ok = id == 0 ? cJSON_IsString(item) && symbol[0] == '\0'
                     : is_one && code_points[id] > code_points[id - 1] && !utf8_is_control(code_points[id]);
        if (!ok) error_set(err, "vocabulary: symbol %zu is none, or out of order", id);
    }
    *vocab = (Vocab){.n = n, .code_points = code_points};
    cJSON_Delete(list);
    if (!ok) error_if_memory_ran_out(err);
    return ok && code_points;
}

// Every tuple that occurs, context ids and target, beside its count.
static bool add_counts(SafeTensors *content, const ContextCounts *counts, Arena *arena, Error *err) {
    size_t width = counts->contexts.width, n = counts->first[counts->contexts.n];
    int64_t *tuples = arena_alloc(arena, size_mul(n, width + 1), sizeof *tuples, err);
    int64_t *numbers = arena_alloc(arena, n, sizeof *numbers, err);
    uint16_t *ids = arena_alloc(arena, width, sizeof *ids, err);
    if (!tuples || !numbers || !ids) return false;
    for (size_t row = 0; row < counts->contexts.n; row++) {
        context_counts_ids(counts, row, 1, ids);
        for (size_t k = counts->first[row]; k < counts->first[row + 1]; k++) {
            int64_t *tuple = tuples + k * (width + 1);
            for (size_t i = 0; i < width; i++) tuple[i] = ids[i];
            tuple[width] = counts->targets[k];
            numbers[k] = counts->counts[k];
        }
    }
    content->tensors[content->n_tensors++] = (FileTensor){TUPLES_NAME, NUMBER_I64, 2, {n, width + 1}, tuples};
    content->tensors[content->n_tensors++] = (FileTensor){COUNTS_NAME, NUMBER_I64, 1, {n}, numbers};
    return true;
}

static int64_t whole_at(const FileTensor *tensor, size_t i) {
    int64_t value;
    memcpy(&value, (const char *)tensor->data + i * sizeof value, sizeof value);
    return value;
}

// Appends a tuple's ids to a stream of *n, without the padding and behind a boundary; its target comes last.
static bool append_tuple(const FileTensor *tuples, size_t row, size_t vocab, uint16_t *stream, size_t *n, Error *err) {
    size_t width = tuples->dims[1];
    bool padded = true;
    stream[(*n)++] = 0;
    for (size_t k = 0; k < width; k++) {
        int64_t id = whole_at(tuples, row * width + k);
        if (id < 0 || id >= (int64_t)vocab)
            return error_set(err, "tensor %s: row %zu is out of range", TUPLES_NAME, row);
        if (id == 0 && !padded && k + 1 < width)
            return error_set(err, "tensor %s: row %zu has a boundary behind a symbol of its context", TUPLES_NAME, row);
        padded = padded && id == 0;
        if (!padded || k + 1 == width) stream[(*n)++] = (uint16_t)id;
    }
    return true;
}

// The file's tuples become a stream of their own, which the counts then stand on.
static bool count_tuples(const FileTensor *tuples, const FileTensor *numbers, Model *model, Arena *arena,
                         Arena *scratch, Error *err) {
    size_t n = 0, n_tuples = tuples->dims[0], most = size_mul(n_tuples, tuples->dims[1] + 1);
    if (most > UINT32_MAX) return error_set(err, "tensor %s holds more than can be counted", TUPLES_NAME);
    uint16_t *stream = arena_alloc(arena, most, sizeof *stream, err);
    ContextCounter counter;
    ContextCounts counts;
    bool ok = stream && context_counter_create(&counter, stream, model->context, n_tuples, scratch, err);
    for (size_t i = 0; ok && i < n_tuples; i++) {
        int64_t count = whole_at(numbers, i);
        ok = append_tuple(tuples, i, model->vocab, stream, &n, err);
        if (ok && (count <= 0 || count > UINT32_MAX))
            ok = error_set(err, "tensor %s: row %zu is out of range", COUNTS_NAME, i);
        ok = ok && context_counter_add(&counter, 1, &(uint32_t){(uint32_t)n - 1}, &(uint32_t){(uint32_t)count}, err);
    }
    ok = ok && context_counts_create(&counts, &counter, arena, err);
    if (stream) context_counter_free(&counter);
    return ok && ngram_set_counts(&model->ngram, &counts, arena, err);
}

static bool restore_counts(const SafeTensors *content, Model *model, Arena *arena, Error *err) {
    const FileTensor *tuples = safetensors_find(content, TUPLES_NAME),
                     *numbers = safetensors_find(content, COUNTS_NAME);
    bool fit = tuples && numbers && tuples->type == NUMBER_I64 && numbers->type == NUMBER_I64 && tuples->n_dims == 2 &&
               numbers->n_dims == 1 && tuples->dims[1] == model->context + 1 && tuples->dims[0] == numbers->dims[0];
    if (!fit) return error_set(err, "tensors %s and %s are missing or have another shape", TUPLES_NAME, COUNTS_NAME);
    Arena scratch = {0};
    bool ok = count_tuples(tuples, numbers, model, arena, &scratch, err);
    arena_free(&scratch);
    return ok;
}

// Writes the tensors with the texts that every model file has.
static bool write_tensors(const char *path, const Config *config, const Dataset *dataset, uint64_t step,
                          const SafeTensors *tensors, Arena *arena, Error *err) {
    Buffer config_text = {.arena = arena};
    config_write(config, &config_text);
    char *step_text = arena_format(arena, err, "%llu", (unsigned long long)step);
    FileText texts[] = {{"format", FORMAT},
                        {"config", buffer_text(&config_text, err)},
                        {"vocabulary", vocab_json(&dataset->vocab, arena, err)},
                        {"step", step_text},
                        {"data_sha256", dataset->sha256}};
    if (!step_text || !texts[1].value || !texts[2].value) return false;
    SafeTensors content = *tensors;
    content.texts = texts;
    content.n_texts = sizeof texts / sizeof *texts;
    return safetensors_write(path, &content, err);
}

static bool write_content(const char *path, const Config *config, const Dataset *dataset, const Model *model,
                          const Optimizer *optimizer, const TrainState *state, Arena *arena, Error *err) {
    SafeTensors content = {0};
    const Network *network = &model->network;
    size_t n = TRAIN_STATE_TENSORS + network->n_tensors + NGRAM_TENSORS + state->before_end.content.n_tensors;
    n += optimizer_state_tensors(optimizer, network);
    content.tensors = arena_alloc(arena, n, sizeof *content.tensors, err);
    if (!content.tensors || !train_state_add(&content, state, arena, err) ||
        !optimizer_state_add(&content, optimizer, arena, err))
        return false;
    if (model->is_ngram && !add_counts(&content, &model->ngram.counts, arena, err)) return false;
    for (size_t i = 0; i < network->n_tensors; i++)
        content.tensors[content.n_tensors++] = tensor_in_file(&network->tensors[i]);
    return optimizer_state_add_floats(&content, optimizer, network, arena, err) &&
           train_state_add_floats(&content, state, arena, err) &&
           write_tensors(path, config, dataset, state->step, &content, arena, err);
}

bool checkpoint_write_displaced(const char *path, const Config *config, const Dataset *dataset,
                                const DisplacedBest *best, Error *err) {
    Arena arena = {0};
    SafeTensors content = best->content;
    bool ok = write_tensors(path, config, dataset, best->step, &content, &arena, err);
    arena_free(&arena);
    return ok;
}

bool checkpoint_write(const char *path, const Config *config, const Dataset *dataset, const Model *model,
                      const Optimizer *optimizer, const TrainState *state, Error *err) {
    Arena arena = {0};
    bool ok = write_content(path, config, dataset, model, optimizer, state, &arena, err);
    arena_free(&arena);
    return ok;
}

static bool read_texts(Checkpoint *checkpoint, Arena *arena, Error *err) {
    const SafeTensors *content = &checkpoint->content;
    const char *format = safetensors_text(content, "format", err);
    if (!format) return false;
    if (strcmp(format, FORMAT) != 0)
        return error_set(err, "expected format \"%s\", found \"%s\"; it was written by another version of nomen",
                         FORMAT, format);
    const char *vocab = safetensors_text(content, "vocabulary", err), *step = safetensors_text(content, "step", err);
    checkpoint->config_text = safetensors_text(content, "config", err);
    checkpoint->data_sha256 = safetensors_text(content, "data_sha256", err);
    if (!vocab || !step || !checkpoint->config_text || !checkpoint->data_sha256) return false;
    if (!text_whole(step, 0, (uint64_t)STEPS_MAX, &checkpoint->step))
        return error_set(err, "step is no number of steps");
    const char *digest = checkpoint->data_sha256;
    if (strlen(digest) != SHA256_HEX_BYTES - 1 || strspn(digest, "0123456789abcdef") != SHA256_HEX_BYTES - 1)
        return error_set(err, "data_sha256 is no SHA-256");
    return read_vocab(vocab, &checkpoint->vocab, arena, err);
}

bool checkpoint_read(Checkpoint *checkpoint, const char *path, Arena *arena, Error *err) {
    *checkpoint = (Checkpoint){.path = path};
    if (!safetensors_read(path, &checkpoint->content, arena, err)) return false;
    return read_texts(checkpoint, arena, err) || error_context(err, "%s", path);
}

static bool restore_model(const SafeTensors *content, Model *model, Arena *arena, Error *err) {
    if (model->is_ngram) return restore_counts(content, model, arena, err);
    for (size_t i = 0; i < model->network.n_tensors; i++) {
        Tensor *tensor = &model->network.tensors[i];
        FileTensor wanted = tensor_in_file(tensor);
        if (!safetensors_copy(content, &wanted, tensor->data, err) ||
            !safetensors_check(&wanted, tensor->plan->at_least_0, err))
            return false;
    }
    return true;
}

bool checkpoint_restore(const Checkpoint *checkpoint, Model *model, TrainState *state, Arena *arena, Error *err) {
    if (checkpoint->vocab.n != model->vocab)
        return error_set(err, "%s: its vocabulary has %zu symbols, the model %zu", checkpoint->path,
                         checkpoint->vocab.n, model->vocab);
    bool ok = restore_model(&checkpoint->content, model, arena, err) &&
              (!state || train_state_restore(&checkpoint->content, checkpoint->step, state, arena, err));
    return ok || error_context(err, "%s", checkpoint->path);
}

bool checkpoint_restore_optimizer(const Checkpoint *checkpoint, const Network *network, Optimizer *optimizer,
                                  Error *err) {
    return optimizer_state_restore(&checkpoint->content, network, optimizer, err) ||
           error_context(err, "%s", checkpoint->path);
}

bool checkpoint_read_state(const Checkpoint *checkpoint, TrainState *state, Arena *arena, Error *err) {
    return train_state_restore(&checkpoint->content, checkpoint->step, state, arena, err) ||
           error_context(err, "%s", checkpoint->path);
}

bool checkpoint_replace_model(const char *path, const Checkpoint *checkpoint, const Model *model, Error *err) {
    Arena arena = {0};
    SafeTensors content = checkpoint->content;
    content.tensors = arena_alloc(&arena, content.n_tensors, sizeof *content.tensors, err);
    bool ok = content.tensors != NULL;
    for (size_t i = 0; ok && i < content.n_tensors; i++) {
        content.tensors[i] = checkpoint->content.tensors[i];
        for (size_t t = 0; t < model->network.n_tensors; t++)
            if (strcmp(model->network.tensors[t].name, content.tensors[i].name) == 0)
                content.tensors[i].data = model->network.tensors[t].data;
    }
    ok = ok && safetensors_write(path, &content, err);
    arena_free(&arena);
    return ok;
}

bool checkpoint_find_names(const char *path, const char *if_gone, Error *err) {
    if (if_gone && path_kind(path) == PATH_NOTHING)
        return error_set(err, "%s: no such file or directory; %s", path, if_gone);
    // A file says what it is read with: where a pipe stands there, nobody knows who is to write into it.
    return path_check(path, PATH_FILE, err);
}

bool checkpoint_load_data(const Checkpoint *checkpoint, const DataConfig *config, const char *if_gone, Dataset *dataset,
                          Arena *arena, Error *err) {
    if (!checkpoint_find_names(config->path, if_gone, err) ||
        !dataset_load(dataset, config, &checkpoint->vocab, arena, err))
        return false;
    return strcmp(dataset->sha256, checkpoint->data_sha256) == 0 ||
           error_set(err, "%s: it has changed since the run was trained on it; put it back, or see nomen eval --data",
                     config->path);
}

bool checkpoint_load_model(SavedModel *saved, const char *run, Arena *arena, Error *err) {
    const char *path = run_model_path(run, arena, err);
    if (!path || !checkpoint_load_file(saved, path, arena, err)) return false;
    saved->is_dir = strcmp(path, run) != 0;
    return true;
}

bool checkpoint_load_file(SavedModel *saved, const char *path, Arena *arena, Error *err) {
    if (!checkpoint_read(&saved->file, path, arena, err)) return false;
    saved->is_dir = false;
    const Checkpoint *file = &saved->file;
    const NetworkUse use = {.max_rows = MODEL_EVALUATION_ROWS};
    if (!config_parse(&saved->config, file->config_text, strlen(file->config_text), path, arena, err)) return false;
    if (!model_create(&saved->model, &saved->config.model, file->vocab.n, use, arena, err))
        return error_context(err, "%s", path);
    saved->model.file = path;
    return checkpoint_restore(file, &saved->model, NULL, arena, err);
}
