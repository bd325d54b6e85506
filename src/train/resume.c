#include "train/resume.h"

#include "nn/optimizer/schedule.h"

#include <string.h>

static bool read_old(const Checkpoint *checkpoint, Config *old, Arena *arena, Error *err) {
    return config_parse(old, checkpoint->config_text, strlen(checkpoint->config_text), checkpoint->path, arena, err);
}

static bool differ_in_nothing_else(const Checkpoint *checkpoint, const Config *config, Arena *arena, Error *err) {
    Buffer text = {.arena = arena};
    config_write(config, &text);
    const char *now = buffer_text(&text, err);
    return now && config_can_resume(checkpoint->config_text, now, err);
}

static bool has_no_rate(const Checkpoint *checkpoint, Error *err) {
    return error_set(err,
                     "%s: train.lr: the run's rate is 0 from step %llu on, so that more steps would change nothing; "
                     "--resume=anyway --set train.lr=0.01 trains on at another",
                     checkpoint->path, (unsigned long long)checkpoint->step);
}

// A curve that names no steps has those of the run, and so differs where nobody wrote it.
static bool check_curve(const Checkpoint *checkpoint, const Config *config, const Config *old, Arena *arena,
                        Error *err) {
    const Schedule *was = &old->train.lr, *is = &config->train.lr;
    Config kept = *config;
    Error other;
    kept.train.lr.curve.steps = was->curve.steps;
    if (was->n > 0 || is->n > 0 || was->curve.steps == is->curve.steps ||
        !differ_in_nothing_else(checkpoint, &kept, arena, &other))
        return true;
    if (config->train.steps > old->train.steps && schedule_is_over(was, checkpoint->step))
        return has_no_rate(checkpoint, err);
    return error_set(err,
                     "%s: train.lr.steps: the run's curve has %llu steps, the config's %llu (left out, as many as "
                     "train.steps); --set train.lr.steps=%llu keeps the run's, --resume=anyway takes the config's",
                     checkpoint->path, (unsigned long long)was->curve.steps, (unsigned long long)is->curve.steps,
                     (unsigned long long)was->curve.steps);
}

static bool check_rest(const Checkpoint *checkpoint, const Config *config, const Dataset *dataset, Arena *arena,
                       Error *err) {
    bool same = differ_in_nothing_else(checkpoint, config, arena, err);
    if (same && strcmp(checkpoint->data_sha256, dataset->sha256) != 0)
        same =
            error_set(err, "data: %s is not the file the run was trained on (its SHA-256 differs)", config->data.path);
    if (same) return true;
    Error why = *err;
    return error_set(err, "%s: %s; --resume=anyway goes on all the same", checkpoint->path, why.text);
}

bool resume_check_config(const Checkpoint *checkpoint, const Config *config, const Dataset *dataset, Error *err) {
    Arena scratch = {0};
    Config old;
    bool ok = read_old(checkpoint, &old, &scratch, err) && check_curve(checkpoint, config, &old, &scratch, err) &&
              check_rest(checkpoint, config, dataset, &scratch, err);
    arena_free(&scratch);
    return ok;
}

bool resume_check_rate(const Checkpoint *checkpoint, const Config *config, const TrainState *state, Error *err) {
    Arena scratch = {0};
    Config old;
    const TrainConfig *train = &config->train;
    bool ok = read_old(checkpoint, &old, &scratch, err);
    bool goes_on = ok && train->steps > old.train.steps && !train_state_is_finished(state, train);
    if (goes_on && schedule_is_over(&train->lr, state->step)) ok = has_no_rate(checkpoint, err);
    arena_free(&scratch);
    return ok;
}

bool resume_row_steps(const Checkpoint *checkpoint, const Config *config, uint64_t *steps, Error *err) {
    Arena scratch = {0};
    Config old;
    bool ok = read_old(checkpoint, &old, &scratch, err);
    *steps = config->train.log_every;
    if (ok && old.train.log_every > *steps) *steps = old.train.log_every;
    arena_free(&scratch);
    return ok;
}
