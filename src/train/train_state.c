#include "train/train_state.h"

#include <math.h>

// When makemore.py evaluates and samples, and how many names.
enum { MAKEMORE_EVALUATES = 500, MAKEMORE_SAMPLES = 200, MAKEMORE_NAMES = 10 };

TrainState train_state_begin(void) { return (TrainState){.best_dev_loss = INFINITY, .early_stop.dev_loss = INFINITY}; }

void train_state_seed(TrainState *state, const Config *config, const Rng *shuffled) {
    state->rng = *shuffled;
    if (config->data.random == RANDOM_LECTURES) rng_seed(&state->rng, config->seed);
}

// A loader of PyTorch draws a seed for its workers, which has no effect, and one for its sampler.
static uint64_t loader_seed(Rng *rng) {
    rng_u64(rng);
    return rng_u64(rng);
}

void train_state_seed_batches(TrainState *state, const Config *config) {
    state->has_batch_rng = config->data.random == RANDOM_MAKEMORE;
    if (state->has_batch_rng) rng_seed(&state->batch_rng, loader_seed(&state->rng));
}

static bool is_multiple(uint64_t step, uint64_t n) { return step > 0 && step % n == 0; }

void train_state_count_update(TrainState *state, const Config *config, size_t vocab) {
    uint64_t step = state->step++;
    if (config->data.random != RANDOM_MAKEMORE) return;
    if (step > 0 && is_multiple(step - 1, MAKEMORE_SAMPLES)) {
        size_t n_draws = MAKEMORE_NAMES * (size_t)(config->model.context - 1) * vocab;
        for (size_t i = 0; i < n_draws; i++) rng_u64(&state->rng);
    }
    if (!is_multiple(step, MAKEMORE_EVALUATES)) return;
    loader_seed(&state->rng); // of the train split
    loader_seed(&state->rng); // of the test split
}

Rng train_state_sample_rng(const TrainState *state, const Config *config, MaybeWhole seed) {
    RandomUse use = config->data.random;
    if (!seed.given && use != RANDOM_LECTURES) return state->rng;
    Rng rng;
    (use == RANDOM_MICROGPT ? rng_seed_python : rng_seed)(&rng, seed.given ? seed.value : config->seed);
    return rng;
}

void train_state_count_evaluation(TrainState *state, const EarlyStop *rule, double dev_loss) {
    EarlyStopState *stop = &state->early_stop;
    // A run resumed from a checkpoint of this step evaluates it again.
    if (rule->patience == 0 || stop->counted_at == state->step) return;
    bool gains = dev_loss < stop->dev_loss - rule->least_gain;
    stop->counted_at = state->step;
    stop->without_gain = gains ? 0 : stop->without_gain + 1;
    if (gains) stop->dev_loss = dev_loss;
}

bool train_state_ended_early(const TrainState *state, const EarlyStop *rule) {
    return rule->patience > 0 && state->early_stop.without_gain >= rule->patience;
}

bool train_state_is_finished(const TrainState *state, const TrainConfig *train) {
    return state->step >= train->steps || train_state_ended_early(state, &train->early_stop);
}
