#include "train/train_state.h"

#include <math.h>

TrainState train_state_begin(void) { return (TrainState){.best_dev_loss = INFINITY, .early_stop.dev_loss = INFINITY}; }

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
