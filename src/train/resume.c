// trainer_resume: continues from a checkpoint, unless that would not be the same training.
#include "train/trainer.h"

#include <math.h>
#include <string.h>

static bool has_same_data(const Trainer *trainer, const Checkpoint *checkpoint) {
    return strcmp(checkpoint->data_sha256, trainer->dataset->sha256) == 0;
}

// Checks that the config and the data are those of the run, up to what may differ.
static bool check_same(const Trainer *trainer, const Checkpoint *checkpoint, Arena *arena, Error *err) {
    Config old;
    if (!config_parse(&old, checkpoint->config_text, checkpoint->path, arena, err)) return false;
    bool same = config_can_resume(&old, trainer->config, err);
    if (same && !has_same_data(trainer, checkpoint))
        same = error_set(err, "data: %s is not the file the run was trained on (its SHA-256 differs)",
                         trainer->config->data.path);
    Error why = *err;
    return same || error_set(err, "%s: %s; --resume=anyway continues all the same", checkpoint->path, why.text);
}

static bool is_same_vocab(const Vocab *a, const Vocab *b) {
    return a->n == b->n && memcmp(a->code_points, b->code_points, a->n * sizeof *a->code_points) == 0;
}

bool trainer_resume(Trainer *trainer, const Checkpoint *checkpoint, bool anyway, Arena *arena, Error *err) {
    if (!anyway && !check_same(trainer, checkpoint, arena, err)) return false;
    if (!is_same_vocab(&checkpoint->vocab, &trainer->dataset->vocab))
        return error_set(err, "%s: its symbols are not those of %s, so its weights mean nothing there",
                         checkpoint->path, trainer->config->data.path);
    if (!checkpoint_restore(checkpoint, &trainer->model, arena, err)) return false;
    trainer->state = checkpoint->state;
    trainer->optimizer_restarts =
        !optimizer_tensors_restore(&checkpoint->content, &trainer->model.network, &trainer->optimizer, err);
    if (trainer->optimizer_restarts && !anyway) return error_context(err, "%s", checkpoint->path);
    if (trainer->optimizer_restarts) optimizer_forget(&trainer->optimizer);
    if (has_same_data(trainer, checkpoint)) return true;
    // Losses on other data say nothing about these.
    trainer->state.best_dev_loss = INFINITY;
    trainer->state.early_stop = train_state_begin().early_stop;
    return true;
}
