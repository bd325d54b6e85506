#include "cmd/train/start.h"

#include "base/buffer.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"

#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t stop_signal; // the signal that asks for an end, or 0

static void on_signal(int number) { stop_signal = number; }

const volatile sig_atomic_t *start_listening(void) {
    // The handler stays: some senders signal twice, and the checkpoint must be written all the same.
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    // A terminal that is closed ends training as well, unless that was not wanted (nohup).
    struct sigaction inherited;
    if (sigaction(SIGHUP, NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN); // a reader that goes away must not end the training
    return &stop_signal;
}

static bool is_free(const StartOptions *options, const RunDir *dir, Error *err) {
    // Without a checkpoint, --resume begins anew in a directory that an earlier start has made.
    DirUse use = options->force ? DIR_REPLACE : options->resume ? DIR_RESUME : DIR_NEW;
    return run_dir_is_free(dir, use, err);
}

bool start_dir(const StartOptions *options, RunDir *dir, bool *resumes, Error *err) {
    if (path_kind(dir->path) == PATH_DIR && !dir_lock(&dir->lock, dir->path, err)) return false;
    *resumes = options->resume && path_kind(dir->model) != PATH_NOTHING;
    return *resumes ? path_check(dir->model, PATH_FILE, err) : is_free(options, dir, err);
}

bool start_taking(const StartOptions *options, RunDir *dir, bool resumes, Error *err) {
    bool was_ours = dir->lock.is_held;
    // Another may have made the directory, and finished a run in it, since it was found missing.
    if (dir_make(dir->path, err) && dir_lock(&dir->lock, dir->path, err) &&
        (was_ours || resumes || is_free(options, dir, err)))
        return true;
    start_release(dir);
    return false;
}

bool start_writing(const RunDir *dir, const Config *config, bool resumes, Error *err) {
    Arena scratch = {0};
    const char *text = config_print(config, &scratch, err);
    bool ok = text && run_dir_begin(dir, !resumes, text, err);
    arena_free(&scratch);
    return ok;
}

void start_release(RunDir *dir) { dir_unlock(&dir->lock); }

bool start_trainer(Trainer *trainer, const Config *config, const char *config_path, const Dataset *dataset,
                   const RunDir *dir, bool resumes, const StartOptions *options, Arena *arena, Error *err) {
    Checkpoint checkpoint;
    if (!trainer_create(trainer, config, dataset, false, arena, err)) return error_context(err, "%s", config_path);
    return !resumes || (checkpoint_read(&checkpoint, dir->model, arena, err) &&
                        trainer_resume(trainer, &checkpoint, strcmp(options->resume, "anyway") == 0, arena, err) &&
                        trainer_find_losses(trainer, &checkpoint, dir, err));
}

void start_note_losses(const RunLosses *lost, const RunDir *dir) {
    if (lost->rows)
        command_note("%s: rows of steps before the checkpoint are missing, or cannot be read; they will not come again",
                     dir->metrics);
    if (lost->best)
        command_note("%s: the best model so far is not there any more; the best from now on is kept", dir->best);
}

static void note_surprises(const Trainer *trainer) {
    const TrainConfig *train = &trainer->config->train;
    if (train->early_stop.patience > 0 && !train_state_can_end_early(&trainer->state, train))
        command_note("train.early_stop: it cannot end this training, which has too few evaluations for a patience of "
                     "%llu: one in %llu steps, %llu steps in all; a lower train.eval_every helps",
                     (unsigned long long)train->early_stop.patience, (unsigned long long)train->eval_every,
                     (unsigned long long)train->steps);
    if (trainer->begins_optimizer)
        command_note("train.optimizer: another than the run had, whose state is dropped; this one begins anew");
}

bool start_print_plan(const Trainer *trainer, Error *err) {
    const Dataset *dataset = trainer->dataset;
    Arena scratch = {0};
    Buffer out = {.arena = &scratch};
    buffer_print(&out, "%s: %zu names, %zu symbols;", trainer->config->name, dataset->n_names, dataset->vocab.n);
    for (size_t p = 0; p < N_PARTS; p++) {
        Span part = dataset->parts[p];
        if (part.end > part.begin) buffer_print(&out, " %s %zu", PART_NAMES[p], part.end - part.begin);
    }
    buffer_print(&out, " examples; ");
    if (trainer->model.is_ngram)
        buffer_print(&out, "%zu contexts", trainer->train.contexts.n);
    else
        buffer_print(&out, "%zu parameters", trainer->model.network.n_parameters);
    const char *words = buffer_text(&out, err);
    if (words) terminal_line(words, " ");
    fflush(stdout);
    note_surprises(trainer);
    arena_free(&scratch);
    return words != NULL;
}
