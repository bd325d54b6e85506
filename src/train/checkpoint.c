#include "train/checkpoint.h"

#include "base/json.h"
#include "base/text.h"

#include <cJSON.h>
#include <errno.h>
#include <string.h>

static const char FORMAT[] = "nomen 1";

// The symbols by id as a JSON list of strings. The boundary, id 0, is "".
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
        if (!ok) error_set(err, "vocabulary: symbol %zu is invalid or out of order", id);
    }
    cJSON_Delete(list);
    if (!ok) error_if_memory_ran_out(err);
    return ok && code_points && vocab_from_code_points(vocab, n, code_points, arena, err);
}

static bool add_tensors(SafeTensors *content, const Model *model, const Optimizer *optimizer, const TrainState *state,
                        Arena *arena, Error *err) {
    const Network *network = &model->network;
    size_t most = STATE_TENSORS + COUNT_TENSORS + 1 + network->n_tensors * (1 + OPTIMIZER_SLABS);
    content->tensors = arena_alloc(arena, most, sizeof *content->tensors, err);
    if (!content->tensors || !state_tensors_add(content, state, arena, err)) return false;
    if (model->is_ngram && !count_tensors_add(content, &model->ngram.counts, arena, err)) return false;
    for (size_t i = 0; i < network->n_tensors; i++)
        content->tensors[content->n_tensors++] = file_tensor_of(&network->tensors[i]);
    return optimizer_tensors_add(content, optimizer, network, arena, err);
}

bool checkpoint_write(const char *path, const Config *config, const Dataset *dataset, const Model *model,
                      const Optimizer *optimizer, const TrainState *state, Error *err) {
    Arena arena = {0};
    Buffer config_text = {.arena = &arena};
    config_write(config, &config_text);
    FileText texts[] = {{"format", FORMAT},
                        {"config", buffer_text(&config_text, err)},
                        {"vocabulary", vocab_json(&dataset->vocab, &arena, err)},
                        {"step", arena_format(&arena, err, "%llu", (unsigned long long)state->step)},
                        {"data_sha256", dataset->sha256}};
    SafeTensors content = {.n_texts = sizeof texts / sizeof *texts, .texts = texts};
    bool ok = texts[1].value && texts[2].value && texts[3].value &&
              add_tensors(&content, model, optimizer, state, &arena, err) && safetensors_write(path, &content, err);
    arena_free(&arena);
    return ok;
}

static bool read_texts(Checkpoint *checkpoint, Arena *arena, Error *err) {
    const SafeTensors *content = &checkpoint->content;
    const char *format = safetensors_text(content, "format", err);
    if (!format) return false;
    if (strcmp(format, FORMAT) != 0)
        return error_set(err, "expected format \"%s\", found \"%s\"; another version of nomen wrote it", FORMAT,
                         format);
    const char *vocab = safetensors_text(content, "vocabulary", err), *step = safetensors_text(content, "step", err);
    const char *config = safetensors_text(content, "config", err);
    const char *digest = safetensors_text(content, "data_sha256", err);
    if (!vocab || !step || !config || !digest) return false;
    checkpoint->config_text = config;
    checkpoint->data_sha256 = digest;
    if (!text_whole(step, 0, (uint64_t)STEPS_MAX, &checkpoint->state.step))
        return error_set(err, "step is not a number of steps");
    if (strlen(digest) != SHA256_HEX_BYTES - 1 || strspn(digest, "0123456789abcdef") != SHA256_HEX_BYTES - 1)
        return error_set(err, "data_sha256 is not a SHA-256");
    return read_vocab(vocab, &checkpoint->vocab, arena, err) &&
           state_tensors_restore(content, checkpoint->state.step, &checkpoint->state, err);
}

bool checkpoint_read(Checkpoint *checkpoint, const char *path, Arena *arena, Error *err) {
    *checkpoint = (Checkpoint){.path = path};
    if (!safetensors_read(path, &checkpoint->content, arena, err)) return false;
    return read_texts(checkpoint, arena, err) || error_context(err, "%s", path);
}

static bool restore_model(const SafeTensors *content, Model *model, Arena *arena, Error *err) {
    if (model->is_ngram) return count_tensors_restore(content, model, arena, err);
    for (size_t i = 0; i < model->network.n_tensors; i++) {
        Tensor *tensor = &model->network.tensors[i];
        FileTensor wanted = file_tensor_of(tensor);
        if (!safetensors_copy_floats(content, &wanted, tensor->plan->at_least_0, err)) return false;
    }
    return true;
}

bool checkpoint_restore(const Checkpoint *checkpoint, Model *model, Arena *arena, Error *err) {
    if (checkpoint->vocab.n != model->vocab)
        return error_set(err, "%s: its vocabulary has %zu symbols, the model's %zu", checkpoint->path,
                         checkpoint->vocab.n, model->vocab);
    return restore_model(&checkpoint->content, model, arena, err) || error_context(err, "%s", checkpoint->path);
}

bool checkpoint_replace_network(const char *path, Checkpoint *checkpoint, const Network *network, Error *err) {
    for (FileTensor *part = checkpoint->content.tensors, *end = part + checkpoint->content.n_tensors; part < end;
         part++)
        for (const Tensor *tensor = network->tensors; tensor < network->tensors + network->n_tensors; tensor++)
            if (strcmp(tensor->name, part->name) == 0) part->data = tensor->data;
    return safetensors_write(path, &checkpoint->content, err);
}
