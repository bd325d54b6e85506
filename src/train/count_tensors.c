#include "train/count_tensors.h"

#include <string.h>

static const char TUPLES[] = "ngram.tuples", COUNTS[] = "ngram.counts";

bool count_tensors_add(SafeTensors *content, const ContextCounts *counts, Arena *arena, Error *err) {
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
    content->tensors[content->n_tensors++] = (FileTensor){TUPLES, NUMBER_I64, 2, {n, width + 1}, tuples};
    content->tensors[content->n_tensors++] = (FileTensor){COUNTS, NUMBER_I64, 1, {n}, numbers};
    return true;
}

static int64_t number_at(const FileTensor *tensor, size_t i) {
    int64_t value; // which need not be aligned in the file
    memcpy(&value, (const char *)tensor->data + i * sizeof value, sizeof value);
    return value;
}

// Appends a boundary, the tuple's context without its padding, and its target to a stream of *n ids.
static bool append_tuple(const FileTensor *tuples, size_t row, size_t vocab, uint16_t *stream, size_t *n, Error *err) {
    size_t width = tuples->dims[1];
    bool padded = true;
    stream[(*n)++] = 0;
    for (size_t k = 0; k < width; k++) {
        int64_t id = number_at(tuples, row * width + k);
        if (id < 0 || id >= (int64_t)vocab) return error_set(err, "tensor %s: row %zu is out of range", TUPLES, row);
        if (id == 0 && !padded && k + 1 < width)
            return error_set(err, "tensor %s: row %zu has a boundary behind a symbol of its context", TUPLES, row);
        padded = padded && id == 0;
        if (!padded || k + 1 == width) stream[(*n)++] = (uint16_t)id;
    }
    return true;
}

// Makes a stream of the tuples, in which only the targets count.
static bool count_tuples(const FileTensor *tuples, const FileTensor *numbers, Model *model, Arena *arena,
                         Arena *scratch, Error *err) {
    size_t n = 0, n_tuples = tuples->dims[0], most = size_mul(n_tuples, tuples->dims[1] + 1);
    if (most > UINT32_MAX) return error_set(err, "tensor %s holds more than can be counted", TUPLES);
    uint16_t *stream = arena_alloc(arena, most, sizeof *stream, err);
    uint32_t *weights = arena_alloc(scratch, most, sizeof *weights, err);
    ContextCounts counts;
    bool ok = stream && weights;
    for (size_t i = 0; ok && i < n_tuples; i++) {
        int64_t count = number_at(numbers, i);
        ok = append_tuple(tuples, i, model->vocab, stream, &n, err);
        if (ok && (count <= 0 || count > UINT32_MAX))
            ok = error_set(err, "tensor %s: row %zu is out of range", COUNTS, i);
        if (ok) weights[n - 1] = (uint32_t)count;
    }
    return ok &&
           context_counts_create(&counts, stream, (Span){0, n}, weights, model->context, model->vocab, arena, err) &&
           ngram_set_counts(&model->ngram, &counts, arena, err);
}

bool count_tensors_restore(const SafeTensors *content, Model *model, Arena *arena, Error *err) {
    const FileTensor *tuples = safetensors_find(content, TUPLES), *numbers = safetensors_find(content, COUNTS);
    bool fit = tuples && numbers && tuples->type == NUMBER_I64 && numbers->type == NUMBER_I64 && tuples->n_dims == 2 &&
               numbers->n_dims == 1 && tuples->dims[1] == model->context + 1 && tuples->dims[0] == numbers->dims[0];
    if (!fit) return error_set(err, "tensors %s and %s are missing or have another shape", TUPLES, COUNTS);
    Arena scratch = {0};
    bool ok = count_tuples(tuples, numbers, model, arena, &scratch, err);
    arena_free(&scratch);
    return ok;
}
