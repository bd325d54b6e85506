// trainer_resume: continues from a checkpoint, unless that would not be the same training.
#include "nn/optimizer/schedule.h"
#include "train/trainer.h"

#include <math.h>
#include <string.h>

static bool set_no_rate(const Checkpoint *checkpoint, Error *err) {
    return error_set(err,
                     "%s: train.lr: the run's rate is 0 from step %llu on, so that more steps would change nothing; "
                     "--resume=anyway --set train.lr=0.01 trains on",
                     checkpoint->path, (unsigned long long)checkpoint->step);
}

static bool has_same_data(const Trainer *trainer, const Checkpoint *checkpoint) {
    return strcmp(checkpoint->data_sha256, trainer->dataset->sha256) == 0;
}

// Sets `err` to the difference and what the user can do about it.
static bool set_difference(const Checkpoint *checkpoint, const Config *old, const Config *now, Error *err) {
    static const char curve[] = "train.lr.steps:";
    Error why = *err;
    // A curve without steps of its own takes train.steps, so that --steps alone changes it.
    if (strncmp(why.text, curve, sizeof curve - 1) != 0)
        return error_set(err, "%s: %s; --resume=anyway continues all the same", checkpoint->path, why.text);
    if (now->train.steps > old->train.steps && schedule_is_over(&old->train.lr, checkpoint->step))
        return set_no_rate(checkpoint, err);
    return error_set(err, "%s: %s; --set train.lr.steps=%llu keeps the run's curve, --resume=anyway takes the config's",
                     checkpoint->path, why.text, (unsigned long long)old->train.lr.curve.steps);
}

// Checks that the config and the data are those of the run, up to what may differ, and that added steps would train.
static bool check_same(const Trainer *trainer, const Checkpoint *checkpoint, Arena *arena, Error *err) {
    const Config *config = trainer->config;
    const TrainConfig *train = &config->train;
    Config old;
    TrainState state;
    if (!config_parse(&old, checkpoint->config_text, checkpoint->path, arena, err)) return false;
    bool same = config_can_resume(&old, config, err);
    if (same && !has_same_data(trainer, checkpoint))
        same =
            error_set(err, "data: %s is not the file the run was trained on (its SHA-256 differs)", config->data.path);
    if (!same) return set_difference(checkpoint, &old, config, err);
    if (!checkpoint_read_state(checkpoint, &state, err)) return false;
    bool goes_on = train->steps > old.train.steps && !train_state_is_finished(&state, train);
    return !goes_on || !schedule_is_over(&train->lr, state.step) || set_no_rate(checkpoint, err);
}

static bool is_same_vocab(const Vocab *a, const Vocab *b) {
    return a->n == b->n && memcmp(a->code_points, b->code_points, a->n * sizeof *a->code_points) == 0;
}

bool trainer_resume(Trainer *trainer, const Checkpoint *checkpoint, bool anyway, Arena *arena, Error *err) {
    if (!anyway) {
        Arena scratch = {0};
        bool same = check_same(trainer, checkpoint, &scratch, err);
        arena_free(&scratch);
        if (!same) return false;
    }
    if (!is_same_vocab(&checkpoint->vocab, &trainer->dataset->vocab))
        return error_set(err, "%s: its symbols are not those of %s, so its weights mean nothing there",
                         checkpoint->path, trainer->config->data.path);
    if (!checkpoint_restore(checkpoint, &trainer->model, &trainer->state, arena, err)) return false;
    Optimizer *optimizer = &trainer->optimizer;
    bool is_taken = checkpoint_restore_optimizer(checkpoint, &trainer->model.network, optimizer, err);
    if (!is_taken && !anyway) return false;
    if (!is_taken) optimizer_forget(optimizer);
    trainer->optimizer_restarts =
        !is_taken || (optimizer->plan.n_slabs == 0 && optimizer_tensors_exist(&checkpoint->content));
    if (has_same_data(trainer, checkpoint)) return true;
    // Losses on other data say nothing about these.
    trainer->state.best_dev_loss = INFINITY;
    trainer->state.early_stop = train_state_begin().early_stop;
    return true;
}
