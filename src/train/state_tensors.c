#include "train/state_tensors.h"

#include <math.h>
#include <stdio.h>

enum { NAME_BYTES = 2 * TENSOR_NAME_BYTES };

typedef struct StateNumbers {
    int64_t rng_words[RNG_WORDS];
    int64_t rng_next[2]; // next word, has a spare
    double rng_spare, best_dev_loss, seconds;
    int64_t stop_counts[2]; // counted at, without gain
    double stop_dev_loss;
} StateNumbers;

enum { STOP_COUNTS = STATE_TENSORS - 2 }; // the first of those of early stopping

static const struct {
    FileTensor tensor;
    size_t offset;
} TENSORS[STATE_TENSORS] = {
    {{"state.rng.words", NUMBER_I64, 1, {RNG_WORDS}, NULL}, offsetof(StateNumbers, rng_words)},
    {{"state.rng.next", NUMBER_I64, 1, {2}, NULL}, offsetof(StateNumbers, rng_next)},
    {{"state.rng.spare", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, rng_spare)},
    {{"state.best_dev_loss", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, best_dev_loss)},
    {{"state.seconds", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, seconds)},
    // The last two only once early stopping has counted an evaluation.
    {{"state.early_stop.counts", NUMBER_I64, 1, {2}, NULL}, offsetof(StateNumbers, stop_counts)},
    {{"state.early_stop.dev_loss", NUMBER_F64, 1, {1}, NULL}, offsetof(StateNumbers, stop_dev_loss)},
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
    };
    for (size_t i = 0; i < RNG_WORDS; i++) numbers->rng_words[i] = state->rng.words[i];
    size_t n = state->early_stop.counted_at > 0 ? STATE_TENSORS : STOP_COUNTS;
    for (size_t i = 0; i < n; i++) {
        FileTensor *out = &content->tensors[content->n_tensors++];
        *out = TENSORS[i].tensor;
        out->data = (const char *)numbers + TENSORS[i].offset;
    }
    return true;
}

bool state_tensors_restore(const SafeTensors *content, uint64_t step, TrainState *state, Error *err) {
    StateNumbers x;
    size_t n = safetensors_find(content, TENSORS[STOP_COUNTS].tensor.name) ? STATE_TENSORS : STOP_COUNTS;
    x.stop_counts[0] = x.stop_counts[1] = 0;
    x.stop_dev_loss = INFINITY;
    for (size_t i = 0; i < n; i++)
        if (!safetensors_copy(content, &TENSORS[i].tensor, (char *)&x + TENSORS[i].offset, err)) return false;
    // A cross-entropy is never below 0, and infinity means none yet: with any other number no model would be the best.
    const bool in_range[STATE_TENSORS] = {
        true,
        x.rng_next[0] >= 0 && x.rng_next[0] <= RNG_WORDS,
        isfinite(x.rng_spare),
        x.best_dev_loss >= 0,
        x.seconds >= 0 && !isinf(x.seconds),
        x.stop_counts[0] >= 0 && x.stop_counts[1] >= 0,
        x.stop_dev_loss >= 0,
    };
    for (size_t i = 0; i < STATE_TENSORS; i++)
        if (!in_range[i]) return error_set(err, "tensor %s is out of range", TENSORS[i].tensor.name);
    *state = (TrainState){
        .step = step,
        .rng = {.next = (uint32_t)x.rng_next[0], .has_spare = x.rng_next[1] != 0, .spare = x.rng_spare},
        .best_dev_loss = x.best_dev_loss,
        .seconds = x.seconds,
        .early_stop = {(uint64_t)x.stop_counts[0], (uint64_t)x.stop_counts[1], x.stop_dev_loss},
    };
    for (size_t i = 0; i < RNG_WORDS; i++) state->rng.words[i] = (uint32_t)x.rng_words[i];
    return true;
}

FileTensor file_tensor_of(const Tensor *tensor) {
    FileTensor out = {tensor->name, NUMBER_F32, tensor->plan->n_dims, {0}, tensor->data};
    for (size_t d = 0; d < out.n_dims; d++) out.dims[d] = tensor->plan->dims[d];
    return out;
}

// The part of a slab that belongs to a parameter; NULL for a buffer, which is not trained.
static float *slab_part(const Optimizer *optimizer, size_t slab, const Network *network, const Tensor *tensor) {
    if (tensor->plan->role == TENSOR_BUFFER) return NULL;
    return optimizer->slabs[slab] + (tensor->data - network->params);
}

static void name_part(char name[NAME_BYTES], const Optimizer *optimizer, size_t slab, const Tensor *tensor) {
    snprintf(name, NAME_BYTES, "state.optimizer.%s.%s", optimizer->plan.slabs[slab], tensor->name);
}

bool optimizer_tensors_add(SafeTensors *content, const Optimizer *optimizer, const Network *network, Arena *arena,
                           Error *err) {
    if (optimizer->plan.n_slabs == 0) return true;
    int64_t *updates = arena_alloc(arena, 1, sizeof *updates, err);
    if (!updates) return false;
    *updates = (int64_t)optimizer->updates;
    content->tensors[content->n_tensors] = UPDATES;
    content->tensors[content->n_tensors++].data = updates;
    for (size_t slab = 0; slab < optimizer->plan.n_slabs; slab++) {
        for (size_t i = 0; i < network->n_tensors; i++) {
            FileTensor part = file_tensor_of(&network->tensors[i]);
            char *name = arena_alloc(arena, NAME_BYTES, 1, err);
            if (!name) return false;
            name_part(name, optimizer, slab, &network->tensors[i]);
            part.name = name;
            part.data = slab_part(optimizer, slab, network, &network->tensors[i]);
            if (part.data) content->tensors[content->n_tensors++] = part;
        }
    }
    return true;
}

bool optimizer_tensors_exist(const SafeTensors *content) { return safetensors_find(content, UPDATES.name) != NULL; }

bool optimizer_tensors_restore(const SafeTensors *content, const Network *network, Optimizer *optimizer, Error *err) {
    int64_t updates;
    if (optimizer->plan.n_slabs == 0) return true;
    if (!safetensors_copy(content, &UPDATES, &updates, err)) return false;
    if (updates < 0) return error_set(err, "tensor %s is out of range", UPDATES.name);
    for (size_t slab = 0; slab < optimizer->plan.n_slabs; slab++) {
        for (size_t i = 0; i < network->n_tensors; i++) {
            FileTensor part = file_tensor_of(&network->tensors[i]);
            float *numbers = slab_part(optimizer, slab, network, &network->tensors[i]);
            char name[NAME_BYTES];
            if (!numbers) continue;
            name_part(name, optimizer, slab, &network->tensors[i]);
            part.name = name;
            part.data = numbers;
            if (!safetensors_copy(content, &part, numbers, err) ||
                !safetensors_check(&part, optimizer->plan.at_least_0[slab], err))
                return false;
        }
    }
    optimizer->updates = (uint64_t)updates;
    return true;
}
