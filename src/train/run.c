#include "train/run.h"

#include <math.h>
#include <string.h>

bool run_check_ours(const RunDir *dir, Error *err) {
    Arena arena = {0};
    Config config;
    Checkpoint checkpoint;
    Error why = {0};
    bool ok = !run_dir_is_run(dir) || config_load(&config, dir->config, NULL, &arena, &why) ||
              checkpoint_read(&checkpoint, dir->model, &arena, &why);
    arena_free(&arena);
    return ok || error_set(err,
                           "%s: it holds a config.json or model.safetensors that nomen did not write (%s); move them "
                           "away first",
                           dir->path, why.text);
}

// Reads the best loss from the file of the best model, because a kill may have left one that is newer than the
// checkpoint. A best model of other data, or none, gives no loss.
static bool find_best_dev_loss(Run *run, Error *err) {
    Arena scratch = {0};
    Checkpoint best;
    Trainer *trainer = &run->trainer;
    bool exists = path_kind(run->dir.best) != PATH_NOTHING, ok = true;
    trainer->state.best_dev_loss = INFINITY;
    if (exists) ok = checkpoint_read(&best, run->dir.best, &scratch, err);
    if (exists && ok && strcmp(best.data_sha256, trainer->dataset->sha256) == 0)
        trainer->state.best_dev_loss = best.state.best_dev_loss;
    arena_free(&scratch);
    return ok;
}

static bool resume(Run *run, bool anyway, Arena *arena, Error *err) {
    Trainer *trainer = &run->trainer;
    Checkpoint checkpoint;
    if (!path_check(run->dir.model, PATH_FILE, err) || !checkpoint_read(&checkpoint, run->dir.model, arena, err) ||
        !trainer_resume(trainer, &checkpoint, anyway, arena, err))
        return false;
    run->is_finished = train_state_is_finished(&trainer->state, &trainer->config->train);
    return run->is_finished || find_best_dev_loss(run, err);
}

static bool write_config(const Run *run, Error *err) {
    Arena scratch = {0};
    const char *text = config_print(run->trainer.config, &scratch, err);
    bool ok = text && file_replace(run->dir.config, text, strlen(text), err);
    arena_free(&scratch);
    return ok;
}

static bool open_dir(Run *run, const char *path, const RunOptions *options, Arena *arena, Error *err) {
    const RunDir *dir = &run->dir;
    if (!dir_make(path, err) || !dir_lock(&run->lock, path, err)) return false;
    if (options->resume && path_kind(dir->model) != PATH_NOTHING)
        return resume(run, strcmp(options->resume, "anyway") == 0, arena, err) &&
               (run->is_finished || write_config(run, err));
    // Without a checkpoint, --resume starts at step 0. The config is first, so that on a full disk the old run stays.
    return run_dir_check_free(dir, options->force || options->resume, err) && run_check_ours(dir, err) &&
           write_config(run, err) && run_dir_clear(dir, err);
}

bool run_open(Run *run, const char *path, const Config *config, const Dataset *dataset, const RunOptions *options,
              Arena *arena, Error *err) {
    const World world = dataset->world;
    *run = (Run){0};
    if (!trainer_create(&run->trainer, config, dataset, false, arena, err))
        return error_context(err, "%s", config->path);
    bool ok = run_dir(&run->dir, path, arena, err) && (world.rank > 0 || open_dir(run, path, options, arena, err));
    if (!world_agree(world, ok, err)) return false;
    world_hand_out(world, &run->is_finished, sizeof run->is_finished);
    trainer_hand_out(&run->trainer);
    return true;
}

void run_close(Run *run) { dir_unlock(&run->lock); }
