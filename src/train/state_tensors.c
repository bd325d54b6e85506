#include "train/state_tensors.h"

#include <math.h>
#include <string.h>

typedef struct StateNumbers {
    int64_t rng_words[RNG_WORDS];
    int64_t rng_next[2]; // next word, has a spare
    double rng_spare, best_dev_loss, seconds;
    int64_t stop_counts[2]; // counted at, without gain
    double stop_dev_loss;
    int64_t batch_words[RNG_WORDS], batch_next;
    double since_row[2]; // sum, count
} StateNumbers;

// Tensors that only some states have.
typedef enum Group { ALWAYS, EARLY_STOP, BATCH_RNG, SINCE_ROW, N_GROUPS } Group;

static const struct {
    FileTensor tensor;
    size_t offset;
    Group group;
} TENSORS[STATE_TENSORS] = {
    {{"state.rng.words", NUMBER_I64, 1, {RNG_WORDS}, NULL}, offsetof(StateNumbers, rng_words), ALWAYS},
    {{"state.rng.next", NUMBER_I64, 1, {2}, NULL}, offsetof(StateNumbers, rng_next), ALWAYS},
    {{"state.rng.spare", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, rng_spare), ALWAYS},
    {{"state.best_dev_loss", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, best_dev_loss), ALWAYS},
    {{"state.seconds", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, seconds), ALWAYS},
    {{"state.early_stop.counts", NUMBER_I64, 1, {2}, NULL}, offsetof(StateNumbers, stop_counts), EARLY_STOP},
    {{"state.early_stop.dev_loss", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, stop_dev_loss), EARLY_STOP},
    {{"state.batch_rng.words", NUMBER_I64, 1, {RNG_WORDS}, NULL}, offsetof(StateNumbers, batch_words), BATCH_RNG},
    {{"state.batch_rng.next", NUMBER_I64, 1, {1}, NULL}, offsetof(StateNumbers, batch_next), BATCH_RNG},
    {{"state.loss_since_row", NUMBER_F64, 1, {2}, NULL}, offsetof(StateNumbers, since_row), SINCE_ROW},
};

static const FileTensor UPDATES = {"state.optimizer.updates", NUMBER_I64, 1, {1}, NULL};

bool state_tensors_add(SafeTensors *content, const TrainState *state, Arena *arena, Error *err) {
    StateNumbers *numbers = arena_alloc(arena, 1, sizeof *numbers, err);
    if (!numbers) return false;
    *numbers = (StateNumbers){
        .rng_next = {state->rng.next, state->rng.has_spare},
        .rng_spare = state->rng.spare,
        .best_dev_loss = state->best_dev_loss,
        .seconds = state->seconds,
        .stop_counts = {(int64_t)state->early_stop.counted_at, (int64_t)state->early_stop.without_gain},
        .stop_dev_loss = state->early_stop.dev_loss,
        .batch_next = state->batch_rng.next,
        .since_row = {state->since_row.sum, state->since_row.count},
    };
    for (size_t i = 0; i < RNG_WORDS; i++) {
        numbers->rng_words[i] = state->rng.words[i];
        numbers->batch_words[i] = state->batch_rng.words[i];
    }
    const bool has[N_GROUPS] = {true, state->early_stop.counted_at > 0, state->has_batch_rng, true};
    for (size_t i = 0; i < STATE_TENSORS; i++) {
        if (!has[TENSORS[i].group]) continue;
        FileTensor *out = &content->tensors[content->n_tensors++];
        *out = TENSORS[i].tensor;
        out->data = (const char *)numbers + TENSORS[i].offset;
    }
    return true;
}

// Reads the numbers of the groups that the file has.
static bool read_numbers(const SafeTensors *content, StateNumbers *x, bool has[N_GROUPS], Error *err) {
    for (size_t i = 0; i < STATE_TENSORS; i++) {
        Group group = TENSORS[i].group;
        if (i == 0 || group != TENSORS[i - 1].group)
            has[group] = group == ALWAYS || safetensors_find(content, TENSORS[i].tensor.name);
        if (has[group] && !safetensors_copy(content, &TENSORS[i].tensor, (char *)x + TENSORS[i].offset, err))
            return false;
    }
    return true;
}

static bool is_next_word(int64_t next) { return next >= 0 && next <= RNG_WORDS; }

bool state_tensors_restore(const SafeTensors *content, uint64_t step, TrainState *state, Error *err) {
    StateNumbers x = {.stop_dev_loss = INFINITY, .since_row = {NAN, 0}};
    bool has[N_GROUPS] = {false};
    if (!read_numbers(content, &x, has, err)) return false;
    // A cross-entropy is never below 0, and infinity means none yet: with any other number no model would be the best.
    const bool in_range[STATE_TENSORS] = {
        true,
        is_next_word(x.rng_next[0]),
        isfinite(x.rng_spare),
        x.best_dev_loss >= 0,
        x.seconds >= 0 && !isinf(x.seconds),
        x.stop_counts[0] >= 0 && x.stop_counts[1] >= 0,
        x.stop_dev_loss >= 0,
        true,
        is_next_word(x.batch_next),
        !isinf(x.since_row[0]) && x.since_row[1] >= 0,
    };
    for (size_t i = 0; i < STATE_TENSORS; i++)
        if (!in_range[i]) return error_set(err, "tensor %s is out of range", TENSORS[i].tensor.name);
    *state = (TrainState){
        .step = step,
        .rng = {.next = (uint32_t)x.rng_next[0], .has_spare = x.rng_next[1] != 0, .spare = x.rng_spare},
        .has_batch_rng = has[BATCH_RNG],
        .batch_rng.next = (uint32_t)x.batch_next,
        .best_dev_loss = x.best_dev_loss,
        .seconds = x.seconds,
        .early_stop = {(uint64_t)x.stop_counts[0], (uint64_t)x.stop_counts[1], x.stop_dev_loss},
        .since_row = {x.since_row[0], x.since_row[1]},
    };
    for (size_t i = 0; i < RNG_WORDS; i++) {
        state->rng.words[i] = (uint32_t)x.rng_words[i];
        state->batch_rng.words[i] = (uint32_t)x.batch_words[i];
    }
    return true;
}

FileTensor file_tensor_of(const Tensor *tensor) {
    FileTensor out = {tensor->name, NUMBER_F32, tensor->plan->n_dims, {0}, tensor->data};
    for (size_t d = 0; d < out.n_dims; d++) out.dims[d] = tensor->plan->dims[d];
    return out;
}

// Appends the optimizer's part for each slab and parameter to *n tensors, slab by slab.
static bool list_slabs(FileTensor *tensors, size_t *n, const Optimizer *optimizer, const Network *network, Arena *arena,
                       Error *err) {
    for (size_t slab = 0; slab < optimizer->plan.n_slabs; slab++) {
        for (const Tensor *tensor = network->tensors; tensor < network->tensors + network->n_tensors; tensor++) {
            if (tensor->plan->role == TENSOR_BUFFER) continue; // not trained
            FileTensor *part = &tensors[(*n)++];
            *part = file_tensor_of(tensor);
            part->name = arena_format(arena, err, "state.optimizer.%s.%s", optimizer->plan.slabs[slab], tensor->name);
            part->data = optimizer->slabs[slab] + (tensor->data - network->params);
            if (!part->name) return false;
        }
    }
    return true;
}

bool optimizer_tensors_add(SafeTensors *content, const Optimizer *optimizer, const Network *network, Arena *arena,
                           Error *err) {
    if (optimizer->plan.n_slabs == 0) return true;
    int64_t *updates = arena_alloc(arena, 1, sizeof *updates, err);
    if (!updates) return false;
    *updates = (int64_t)optimizer->updates;
    content->tensors[content->n_tensors] = UPDATES;
    content->tensors[content->n_tensors++].data = updates;
    return list_slabs(content->tensors, &content->n_tensors, optimizer, network, arena, err);
}

bool optimizer_tensors_restore(const SafeTensors *content, const Network *network, Optimizer *optimizer, Error *err) {
    Arena scratch = {0};
    int64_t updates;
    size_t n_slabs = optimizer->plan.n_slabs, n = 0;
    if (n_slabs == 0) return true;
    FileTensor *parts = arena_alloc(&scratch, n_slabs * network->n_tensors, sizeof *parts, err);
    bool ok = parts && list_slabs(parts, &n, optimizer, network, &scratch, err) &&
              safetensors_copy(content, &UPDATES, &updates, err);
    if (ok && updates < 0) ok = error_set(err, "tensor %s is out of range", UPDATES.name);
    for (size_t i = 0; ok && i < n; i++)
        ok = safetensors_copy_floats(content, &parts[i], optimizer->plan.at_least_0[i * n_slabs / n], err);
    if (ok) optimizer->updates = (uint64_t)updates;
    arena_free(&scratch);
    return ok;
}

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

// Counts a stream that is made of the tuples, a boundary before each. Only their targets have a weight.
static bool count_tuples(const FileTensor *tuples, const FileTensor *numbers, Model *model, Arena *arena,
                         Arena *scratch, Error *err) {
    size_t n = 0, width = tuples->dims[1], length = size_mul(tuples->dims[0], width + 1);
    if (length > UINT32_MAX) return error_set(err, "tensor %s holds more than can be counted", TUPLES);
    uint16_t *stream = arena_alloc(arena, length, sizeof *stream, err);
    uint32_t *weights = arena_alloc(scratch, length, sizeof *weights, err);
    ContextCounts counts;
    if (!stream || !weights) return false;
    for (size_t row = 0; row < tuples->dims[0]; row++) {
        n++;
        for (size_t k = 0; k < width; k++) {
            int64_t id = number_at(tuples, row * width + k);
            if (id < 0 || id >= (int64_t)model->vocab)
                return error_set(err, "tensor %s: row %zu is out of range", TUPLES, row);
            stream[n++] = (uint16_t)id;
        }
        int64_t count = number_at(numbers, row);
        if (count <= 0 || count > UINT32_MAX) return error_set(err, "tensor %s: row %zu is out of range", COUNTS, row);
        weights[n - 1] = (uint32_t)count;
    }
    return context_counts_create(&counts, stream, (Span){0, n}, weights, model->context, model->vocab, arena, err) &&
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
