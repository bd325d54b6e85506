#include "train/train_state.h"

#include <math.h>

// When makemore.py evaluates and samples, and how many names.
enum { MAKEMORE_EVALUATES = 500, MAKEMORE_SAMPLES = 200, MAKEMORE_NAMES = 10 };

TrainState train_state_begin(void) { return (TrainState){.best_dev_loss = INFINITY, .early_stop.dev_loss = INFINITY}; }

void train_state_seed(TrainState *state, const Config *config, const Rng *shuffled) {
    state->rng = *shuffled;
    if (config->data.random == RANDOM_LECTURES) rng_seed(&state->rng, config->seed);
}

uint64_t train_state_loader_seed(Rng *rng) {
    rng_u64(rng);
    return rng_u64(rng);
}

void train_state_seed_batches(TrainState *state, const Config *config) {
    state->has_batch_rng = config->data.random == RANDOM_MAKEMORE;
    if (state->has_batch_rng) rng_seed(&state->batch_rng, train_state_loader_seed(&state->rng));
}

// Returns true if makemore.py's step that has just ended is a multiple of n.
static bool has_ended(const TrainState *state, uint64_t n) { return state->step > 1 && (state->step - 1) % n == 0; }

static void draw_evaluation(const TrainState *state, Rng *rng) {
    if (!has_ended(state, MAKEMORE_EVALUATES)) return;
    train_state_loader_seed(rng); // of the train split
    train_state_loader_seed(rng); // of the test split
}

void train_state_count_update(TrainState *state, const Config *config, size_t vocab) {
    if (config->data.random == RANDOM_MAKEMORE) {
        draw_evaluation(state, &state->rng);
        size_t n_draws = MAKEMORE_NAMES * (size_t)(config->model.context - 1) * vocab;
        for (size_t i = 0; has_ended(state, MAKEMORE_SAMPLES) && i < n_draws; i++) rng_u64(&state->rng);
    }
    state->step++;
}

Rng train_state_sample_rng(const TrainState *state, const Config *config, MaybeWhole seed) {
    RandomUse use = config->data.random;
    Rng rng = state->rng;
    if (!seed.given && use == RANDOM_MAKEMORE) draw_evaluation(state, &rng);
    if (!seed.given && use != RANDOM_LECTURES) return rng;
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
