#include "train/safetensors.h"

#include "base/field.h"
#include "base/json.h"
#include "base/sha256.h"

#include <cJSON.h>
#include <errno.h>
#include <math.h>
#include <string.h>

enum { LENGTH_BYTES = 8, SUM_DIGITS = 64 };

static const char SUM_KEY[] = "\"sha256\":\""; // inside a JSON string its quotes would be escaped
static const char METADATA[] = "__metadata__";

static const struct {
    const char *name;
    size_t size;
} TYPES[] = {[NUMBER_F32] = {"F32", 4}, [NUMBER_F64] = {"F64", 8}, [NUMBER_I64] = {"I64", 8}};

size_t file_tensor_count(const FileTensor *tensor) {
    size_t n = 1;
    for (size_t d = 0; d < tensor->n_dims; d++) n = size_mul(n, tensor->dims[d]);
    return n;
}

static size_t tensor_bytes(const FileTensor *tensor) {
    return size_mul(file_tensor_count(tensor), TYPES[tensor->type].size);
}

// Converts numbers of `size` bytes between this machine's byte order and the file's.
static void swap_order(char *bytes, size_t n, size_t size) {
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) return;
    for (char *number = bytes; number < bytes + n; number += size)
        for (size_t i = 0; i < size / 2; i++) {
            char kept = number[i];
            number[i] = number[size - 1 - i];
            number[size - 1 - i] = kept;
        }
}

static void add_numbers(Buffer *out, const void *numbers, size_t n, size_t size) {
    buffer_add(out, numbers, n);
    if (!out->failed) swap_order(out->bytes + out->n - n, n, size);
}

// Returns the place of the checksum's digits in the header, or NULL.
static char *find_sum(const char *header, size_t n) {
    size_t key = sizeof SUM_KEY - 1;
    for (const char *at = header; n >= key + SUM_DIGITS && at + key + SUM_DIGITS <= header + n; at++)
        if (memcmp(at, SUM_KEY, key) == 0) return (char *)at + key;
    return NULL;
}

static void write_header(Buffer *out, const SafeTensors *content) {
    size_t offset = 0;
    json_open(out, '{');
    json_add_open(out, METADATA, '{');
    for (size_t i = 0; i < content->n_texts; i++) json_add_text(out, content->texts[i].key, content->texts[i].value);
    char zeros[SUM_DIGITS + 1] = {0};
    memset(zeros, '0', SUM_DIGITS);
    json_add_text(out, "sha256", zeros);
    json_close(out, '}');
    for (size_t i = 0; i < content->n_tensors; i++) {
        const FileTensor *tensor = &content->tensors[i];
        json_add_open(out, tensor->name, '{');
        json_add_text(out, "dtype", TYPES[tensor->type].name);
        json_add_open(out, "shape", '[');
        for (size_t d = 0; d < tensor->n_dims; d++) json_whole(out, tensor->dims[d]);
        json_close(out, ']');
        json_add_open(out, "data_offsets", '[');
        json_whole(out, offset);
        json_whole(out, offset += tensor_bytes(tensor));
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, '}');
    while (out->n % 8 != 0 && !out->failed) buffer_add(out, " ", 1);
}

static bool write_bytes(const SafeTensors *content, Bytes *bytes, Arena *arena, Error *err) {
    Buffer header = {.arena = arena}, file = {.arena = arena};
    // The wide numbers come first, so that all are aligned.
    SafeTensors sorted = {.n_texts = content->n_texts, .texts = content->texts};
    sorted.tensors = arena_alloc(arena, content->n_tensors, sizeof *sorted.tensors, err);
    if (!sorted.tensors) return false;
    for (size_t size = LENGTH_BYTES; size > 0; size /= 2)
        for (size_t i = 0; i < content->n_tensors; i++)
            if (TYPES[content->tensors[i].type].size == size) sorted.tensors[sorted.n_tensors++] = content->tensors[i];
    write_header(&header, &sorted);
    uint64_t length = header.n;
    add_numbers(&file, &length, LENGTH_BYTES, LENGTH_BYTES);
    buffer_join(&file, &header);
    for (size_t i = 0; i < sorted.n_tensors; i++) {
        const FileTensor *tensor = &sorted.tensors[i];
        add_numbers(&file, tensor->data, tensor_bytes(tensor), TYPES[tensor->type].size);
    }
    if (!buffer_text(&file, err)) return false;
    char sum[SHA256_HEX_BYTES];
    sha256_hex(file.bytes, file.n, sum);
    memcpy(find_sum(file.bytes + LENGTH_BYTES, header.n), sum, SUM_DIGITS);
    *bytes = (Bytes){file.bytes, file.n};
    return true;
}

bool safetensors_write(const char *path, const SafeTensors *content, Error *err) {
    Arena arena = {0};
    Bytes bytes = {0};
    bool ok = write_bytes(content, &bytes, &arena, err) || error_context(err, "%s", path);
    ok = ok && file_replace(path, bytes.at, bytes.n, err);
    arena_free(&arena);
    return ok;
}

// Compares the checksum of the file, whose bytes are the same afterwards.
static bool check_sum(char *bytes, size_t n, size_t header_n, Error *err) {
    char *digits = find_sum(bytes + LENGTH_BYTES, header_n), kept[SUM_DIGITS], sum[SHA256_HEX_BYTES];
    if (!digits) return error_set(err, "it has no checksum; nomen did not write it, or it was altered");
    memcpy(kept, digits, SUM_DIGITS);
    memset(digits, '0', SUM_DIGITS);
    sha256_hex(bytes, n, sum);
    memcpy(digits, kept, SUM_DIGITS);
    if (memcmp(kept, sum, SUM_DIGITS) == 0) return true;
    return error_set(err, "its checksum does not match; the file is damaged: restore it or train again");
}

static bool read_size(const cJSON *item, size_t *out) {
    bool ok = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= WHOLE_MAX &&
              !(item->valuedouble > floor(item->valuedouble));
    if (ok) *out = (size_t)item->valuedouble;
    return ok;
}

// Reads a tensor. Its numbers must begin at *at, the end of the tensor before, which moves to their end.
static bool read_tensor(const cJSON *item, Bytes data, size_t *at, FileTensor *out) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(item, "shape");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    size_t begin, end, n_types = sizeof TYPES / sizeof *TYPES, t = 0;
    if (!cJSON_IsString(type) || !cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > FILE_TENSOR_DIMS) return false;
    while (t < n_types && strcmp(TYPES[t].name, type->valuestring) != 0) t++;
    if (t == n_types) return false;
    *out = (FileTensor){.name = item->string, .type = (NumberType)t, .n_dims = (size_t)cJSON_GetArraySize(shape)};
    for (size_t d = 0; d < out->n_dims; d++)
        if (!read_size(cJSON_GetArrayItem(shape, (int)d), &out->dims[d])) return false;
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2) return false;
    if (!read_size(cJSON_GetArrayItem(offsets, 0), &begin) || !read_size(cJSON_GetArrayItem(offsets, 1), &end))
        return false;
    if (begin != *at || begin > end || end > data.n || end - begin != tensor_bytes(out)) return false;
    out->data = data.at + begin;
    swap_order(data.at + begin, end - begin, TYPES[t].size);
    *at = end;
    return true;
}

static const char *keep(Arena *arena, const char *text, Error *err) {
    return arena_copy(arena, text, strlen(text), err);
}

static bool read_header(const cJSON *tree, Bytes data, SafeTensors *out, Arena *arena, Error *err) {
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(tree, METADATA);
    if (!cJSON_IsObject(tree) || !cJSON_IsObject(metadata)) return error_set(err, "its header has no %s", METADATA);
    out->texts = arena_alloc(arena, (size_t)cJSON_GetArraySize(metadata), sizeof *out->texts, err);
    out->tensors = arena_alloc(arena, (size_t)cJSON_GetArraySize(tree), sizeof *out->tensors, err);
    if (!out->texts || !out->tensors) return false;
    for (const cJSON *item = metadata->child; item; item = item->next) {
        if (!cJSON_IsString(item)) return error_set(err, "__metadata__ %s: expected a string", item->string);
        if (strcmp(item->string, "sha256") == 0) continue; // of the file, not part of its content
        FileText *text = &out->texts[out->n_texts++];
        *text = (FileText){keep(arena, item->string, err), keep(arena, item->valuestring, err)};
        if (!text->key || !text->value) return false;
    }
    size_t at = 0;
    for (const cJSON *item = tree->child; item; item = item->next) {
        if (item == metadata) continue;
        FileTensor *tensor = &out->tensors[out->n_tensors++];
        if (!read_tensor(item, data, &at, tensor))
            return error_set(err, "tensor %s: its type, shape and place in the file do not match", item->string);
        tensor->name = keep(arena, item->string, err);
        if (!tensor->name) return false;
    }
    return at == data.n || error_set(err, "%zu bytes after its last tensor belong to no tensor", data.n - at);
}

static bool read_bytes(Bytes file, SafeTensors *content, Arena *arena, Error *err) {
    uint64_t header_n = 0;
    if (file.n >= LENGTH_BYTES) memcpy(&header_n, file.at, LENGTH_BYTES);
    swap_order((char *)&header_n, LENGTH_BYTES, LENGTH_BYTES);
    if (file.n < LENGTH_BYTES + 2 || header_n > file.n - LENGTH_BYTES)
        return error_set(err, "truncated, or not a model file");
    const size_t n = (size_t)header_n;
    if (!check_sum(file.at, file.n, n, err)) return false;
    const char *header = arena_copy(arena, file.at + LENGTH_BYTES, n, err);
    if (!header) return false;
    errno = 0;
    cJSON *tree = cJSON_ParseWithLengthOpts(header, n + 1, NULL, 1);
    Bytes data = {file.at + LENGTH_BYTES + n, file.n - LENGTH_BYTES - n};
    bool ok = tree ? read_header(tree, data, content, arena, err) : error_set(err, "its header is not JSON");
    cJSON_Delete(tree);
    return ok || error_if_memory_ran_out(err);
}

bool safetensors_read(const char *path, SafeTensors *content, Arena *arena, Error *err) {
    Bytes file;
    *content = (SafeTensors){0};
    if (!file_read(path, arena, &file, err)) return false;
    return read_bytes(file, content, arena, err) || error_context(err, "%s", path);
}

const char *safetensors_text(const SafeTensors *content, const char *key, Error *err) {
    for (size_t i = 0; i < content->n_texts; i++)
        if (strcmp(content->texts[i].key, key) == 0) return content->texts[i].value;
    error_set(err, "__metadata__ has no \"%s\"", key);
    return NULL;
}

const FileTensor *safetensors_find(const SafeTensors *content, const char *name) {
    for (size_t i = 0; i < content->n_tensors; i++)
        if (strcmp(content->tensors[i].name, name) == 0) return &content->tensors[i];
    return NULL;
}

bool safetensors_copy(const SafeTensors *content, const FileTensor *wanted, void *out, Error *err) {
    const FileTensor *found = safetensors_find(content, wanted->name);
    if (!found) return error_set(err, "tensor %s is missing", wanted->name);
    bool same = found->type == wanted->type && found->n_dims == wanted->n_dims;
    for (size_t d = 0; same && d < wanted->n_dims; d++) same = found->dims[d] == wanted->dims[d];
    if (!same) return error_set(err, "tensor %s has another type or shape than the config gives it", wanted->name);
    size_t n = tensor_bytes(found);
    if (n > 0) memcpy(out, found->data, n);
    return true;
}

bool safetensors_copy_floats(const SafeTensors *content, const FileTensor *wanted, bool at_least_0, Error *err) {
    float *numbers = (float *)wanted->data;
    size_t n = file_tensor_count(wanted);
    if (!safetensors_copy(content, wanted, numbers, err)) return false;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(numbers[i]) || (at_least_0 && numbers[i] < 0))
            return error_set(err, "tensor %s: expected finite numbers%s, found %g; restore the file or train again",
                             wanted->name, at_least_0 ? " of 0 or more" : "",
                             isnan(numbers[i]) ? (double)NAN : (double)numbers[i]);
    return true;
}
