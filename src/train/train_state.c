#include "train/train_state.h"

#include <math.h>
#include <string.h>

static const FileTensor RNG_WORDS_TENSOR = {"state.rng.words", NUMBER_I64, 1, {RNG_WORDS}, NULL};
static const FileTensor RNG_NEXT_TENSOR = {"state.rng.next", NUMBER_I64, 1, {2}, NULL}; // next word, has a spare
static const FileTensor RNG_SPARE_TENSOR = {"state.rng.spare", NUMBER_F64, 1, {1}, NULL};
static const FileTensor BEST_TENSOR = {"state.best_dev_loss", NUMBER_F64, 1, {1}, NULL};
static const FileTensor SECONDS_TENSOR = {"state.seconds", NUMBER_F64, 1, {1}, NULL};
static const FileTensor WAITING_TENSOR = {
    "state.early_stop.counts", NUMBER_I64, 1, {2}, NULL}; // EarlyStopState's first two
static const FileTensor GAIN_TENSOR = {"state.early_stop.dev_loss", NUMBER_F64, 1, {1}, NULL};
static const FileTensor BEFORE_END_TENSOR = {"state.before_end.dev_loss", NUMBER_F64, 1, {1}, NULL};
static const FileTensor BEFORE_END_STEP_TENSOR = {"state.before_end.step", NUMBER_I64, 1, {1}, NULL};
static const char BEFORE_END[] = "state.before_end.best."; // and the displaced tensor's own name

TrainState train_state_begin(void) { return (TrainState){.best_dev_loss = INFINITY, .waiting.dev_loss = INFINITY}; }

void train_state_count_evaluation(TrainState *state, const EarlyStop *rule, double dev_loss) {
    EarlyStopState *waiting = &state->waiting;
    // A run that goes on from a checkpoint of this step measures it once more.
    if (rule->patience == 0 || waiting->counted_at == state->step) return;
    bool gains = dev_loss < waiting->dev_loss - rule->least_gain;
    waiting->counted_at = state->step;
    waiting->without_gain = gains ? 0 : waiting->without_gain + 1;
    if (gains) waiting->dev_loss = dev_loss;
}

bool train_state_ended_early(const TrainState *state, const EarlyStop *rule) {
    return rule->patience > 0 && state->waiting.without_gain >= rule->patience;
}

bool train_state_can_end_early(const TrainState *state, const TrainConfig *train) {
    const EarlyStopState *waiting = &state->waiting;
    // One at this very step is still to be made, unless it is the last that counted.
    uint64_t behind = waiting->counted_at >= state->step ? state->step : state->step - 1;
    uint64_t left = train->steps > behind ? (train->steps - 1) / train->eval_every - behind / train->eval_every : 0;
    uint64_t gains = waiting->counted_at == 0 ? 1 : 0; // the first of all is one
    return waiting->without_gain + left >= train->early_stop.patience + gains;
}

bool train_state_is_finished(const TrainState *state, const TrainConfig *train) {
    return state->step >= train->steps || train_state_ended_early(state, &train->early_stop);
}

// The generator's and the trainer's state as the file's numbers.
typedef struct StateNumbers {
    int64_t words[RNG_WORDS], next[2], waiting[2];
    double spare, best, seconds, gain, before_end;
    int64_t before_end_step;
} StateNumbers;

static void add_tensor(SafeTensors *content, FileTensor tensor, const void *data) {
    tensor.data = data;
    content->tensors[content->n_tensors++] = tensor;
}

// The displaced model's tensors of one size, under longer names.
static bool add_displaced(SafeTensors *content, const DisplacedBest *best, bool wide, Arena *arena, Error *err) {
    for (size_t i = 0; i < best->content.n_tensors; i++) {
        FileTensor tensor = best->content.tensors[i];
        if ((tensor.type != NUMBER_F32) != wide) continue;
        tensor.name = arena_format(arena, err, "%s%s", BEFORE_END, tensor.name);
        if (!tensor.name) return false;
        content->tensors[content->n_tensors++] = tensor;
    }
    return true;
}

bool train_state_add(SafeTensors *content, const TrainState *state, Arena *arena, Error *err) {
    StateNumbers *numbers = arena_alloc(arena, 1, sizeof *numbers, err);
    if (!numbers) return false;
    for (size_t i = 0; i < RNG_WORDS; i++) numbers->words[i] = state->rng.words[i];
    numbers->next[0] = state->rng.next;
    numbers->next[1] = state->rng.has_spare;
    numbers->spare = state->rng.spare;
    numbers->best = state->best_dev_loss;
    numbers->seconds = state->seconds;
    add_tensor(content, RNG_WORDS_TENSOR, numbers->words);
    add_tensor(content, RNG_NEXT_TENSOR, numbers->next);
    add_tensor(content, RNG_SPARE_TENSOR, &numbers->spare);
    add_tensor(content, BEST_TENSOR, &numbers->best);
    add_tensor(content, SECONDS_TENSOR, &numbers->seconds);
    if (state->waiting.counted_at > 0) {
        numbers->waiting[0] = (int64_t)state->waiting.counted_at;
        numbers->waiting[1] = (int64_t)state->waiting.without_gain;
        numbers->gain = state->waiting.dev_loss;
        add_tensor(content, WAITING_TENSOR, numbers->waiting);
        add_tensor(content, GAIN_TENSOR, &numbers->gain);
    }
    if (!state->before_end.is_set) return true;
    numbers->before_end = state->before_end.dev_loss;
    numbers->before_end_step = (int64_t)state->before_end.step;
    add_tensor(content, BEFORE_END_TENSOR, &numbers->before_end);
    add_tensor(content, BEFORE_END_STEP_TENSOR, &numbers->before_end_step);
    return add_displaced(content, &state->before_end, true, arena, err);
}

bool train_state_add_floats(SafeTensors *content, const TrainState *state, Arena *arena, Error *err) {
    return add_displaced(content, &state->before_end, false, arena, err);
}

// Cross-entropy is never below 0; infinity stands for none yet. With any other figure no model would be the best again.
static bool check_dev_loss(const FileTensor *tensor, double dev_loss, Error *err) {
    return dev_loss >= 0 || error_set(err, "tensor %s is out of range", tensor->name);
}

static bool restore_displaced(const SafeTensors *content, DisplacedBest *best, Arena *arena, Error *err) {
    int64_t step;
    *best = (DisplacedBest){.is_set = true};
    best->content.tensors = arena_alloc(arena, content->n_tensors, sizeof *best->content.tensors, err);
    if (!best->content.tensors || !safetensors_copy(content, &BEFORE_END_TENSOR, &best->dev_loss, err) ||
        !safetensors_copy(content, &BEFORE_END_STEP_TENSOR, &step, err))
        return false;
    if (!check_dev_loss(&BEFORE_END_TENSOR, best->dev_loss, err)) return false;
    best->step = step > 0 ? (uint64_t)step : 0;
    for (size_t i = 0; i < content->n_tensors; i++) {
        FileTensor tensor = content->tensors[i];
        if (strncmp(tensor.name, BEFORE_END, sizeof BEFORE_END - 1) != 0) continue;
        if (tensor.type == NUMBER_F32 && !safetensors_check(&tensor, false, err)) return false;
        tensor.name += sizeof BEFORE_END - 1;
        best->content.tensors[best->content.n_tensors++] = tensor;
    }
    return true;
}

static bool restore_waiting(const SafeTensors *content, EarlyStopState *waiting, Error *err) {
    int64_t counts[2];
    if (!safetensors_copy(content, &WAITING_TENSOR, counts, err) ||
        !safetensors_copy(content, &GAIN_TENSOR, &waiting->dev_loss, err))
        return false;
    if (counts[0] < 0 || counts[1] < 0) return error_set(err, "tensor %s is out of range", WAITING_TENSOR.name);
    if (!check_dev_loss(&GAIN_TENSOR, waiting->dev_loss, err)) return false;
    waiting->counted_at = (uint64_t)counts[0];
    waiting->without_gain = (uint64_t)counts[1];
    return true;
}

bool train_state_restore(const SafeTensors *content, uint64_t step, TrainState *state, Arena *arena, Error *err) {
    StateNumbers numbers;
    if (!safetensors_copy(content, &RNG_WORDS_TENSOR, numbers.words, err) ||
        !safetensors_copy(content, &RNG_NEXT_TENSOR, numbers.next, err) ||
        !safetensors_copy(content, &RNG_SPARE_TENSOR, &numbers.spare, err) ||
        !safetensors_copy(content, &BEST_TENSOR, &numbers.best, err) ||
        !safetensors_copy(content, &SECONDS_TENSOR, &numbers.seconds, err))
        return false;
    if (numbers.next[0] < 0 || numbers.next[0] > RNG_WORDS)
        return error_set(err, "tensor %s is out of range", RNG_NEXT_TENSOR.name);
    if (!isfinite(numbers.spare)) return error_set(err, "tensor %s is out of range", RNG_SPARE_TENSOR.name);
    if (!check_dev_loss(&BEST_TENSOR, numbers.best, err)) return false;
    if (!(numbers.seconds >= 0) || isinf(numbers.seconds))
        return error_set(err, "tensor %s is out of range", SECONDS_TENSOR.name);
    *state = train_state_begin();
    state->step = step;
    state->best_dev_loss = numbers.best;
    state->seconds = numbers.seconds;
    for (size_t i = 0; i < RNG_WORDS; i++) state->rng.words[i] = (uint32_t)numbers.words[i];
    state->rng.next = (uint32_t)numbers.next[0];
    state->rng.has_spare = numbers.next[1] != 0;
    state->rng.spare = numbers.spare;
    if (safetensors_find(content, WAITING_TENSOR.name) && !restore_waiting(content, &state->waiting, err)) return false;
    if (!safetensors_find(content, BEFORE_END_TENSOR.name)) return true;
    return restore_displaced(content, &state->before_end, arena, err);
}
