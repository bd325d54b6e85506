#include "cmd/train/summary.h"

#include "base/buffer.h"
#include "base/format.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"

#include <math.h>

static bool print_line(Buffer *out, const char *gap, Error *err) {
    const char *words = buffer_text(out, err);
    if (words) terminal_line(words, gap);
    return words != NULL;
}

static void note_surprises(const Trainer *trainer) {
    const TrainConfig *train = &trainer->config->train;
    if (train->early_stop.patience > 0 && !train_state_can_end_early(&trainer->state, train))
        command_note("train.early_stop: it cannot end this training, which has too few evaluations for a patience of "
                     "%llu: one per %llu steps, %llu steps in all; a lower train.eval_every helps",
                     (unsigned long long)train->early_stop.patience, (unsigned long long)train->eval_every,
                     (unsigned long long)train->steps);
    if (trainer->optimizer_restarts)
        command_note("train.optimizer: the run had another one; its state is dropped, and the new one starts afresh");
}

bool summary_print_plan(const Trainer *trainer, Error *err) {
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
    bool ok = print_line(&out, " ", err);
    fflush(stdout);
    note_surprises(trainer);
    arena_free(&scratch);
    return ok;
}

// Adds "early stop at step 60 of 500: ...". Returns false if there was none.
static bool describe_early_stop(const Trainer *trainer, Buffer *out) {
    const EarlyStop *rule = &trainer->config->train.early_stop;
    if (!train_state_ended_early(&trainer->state, rule)) return false;
    buffer_print(out, "early stop at step %llu of %llu: %llu evaluations in a row without a gain in dev loss",
                 (unsigned long long)trainer->state.step, (unsigned long long)trainer->config->train.steps,
                 (unsigned long long)trainer->state.early_stop.without_gain);
    if (rule->least_gain > 0) buffer_print(out, " above %g", rule->least_gain);
    char loss[FORMAT_BYTES];
    buffer_print(out, "; the best, %s, is in best.safetensors", format_loss(trainer->state.best_dev_loss, loss));
    return true;
}

// Adds "train 2.0369  dev 2.1063 best  after 4.1 s", or "... dev 2.1163  best dev 2.1063  (step 180000)  after 4.1 s".
static void describe_losses(const Trainer *trainer, const MetricsRow *last, const RunDir *dir, Buffer *out) {
    double best = trainer->state.best_dev_loss;
    char loss[FORMAT_BYTES];
    buffer_print(out, "train %s", format_loss(last->train_loss, loss));
    if (!isnan(last->dev_loss)) buffer_print(out, "  dev %s", format_loss(last->dev_loss, loss));
    if (last->dev_loss > best) {
        Checkpoint checkpoint;
        Error unreadable;
        buffer_print(out, "  best dev %s", format_loss(best, loss));
        if (checkpoint_read(&checkpoint, dir->best, out->arena, &unreadable))
            buffer_print(out, "  (step %llu)", (unsigned long long)checkpoint.step);
    } else if (!isnan(last->dev_loss) && !trainer->model.is_ngram) {
        buffer_print(out, " best");
    }
    buffer_print(out, "  after %.1f s", last->seconds);
}

bool summary_print_next(const RunDir *dir, double dev_loss, double best_dev_loss, Arena *arena, Error *err) {
    const char *run = command_quote(dev_loss > best_dev_loss ? dir->best : dir->path, arena, err);
    if (run) printf("next: nomen sample %s\n", run);
    return run != NULL;
}

bool summary_print(const Trainer *trainer, const MetricsRow *last, const RunDir *dir, Arena *arena, Error *err) {
    const char *run = command_quote(dir->path, arena, err);
    Buffer why = {.arena = arena}, losses = {.arena = arena}, files = {.arena = arena};
    if (!run) return false;
    describe_losses(trainer, last, dir, &losses);
    if (describe_early_stop(trainer, &why) && !print_line(&why, " ", err)) return false;
    buffer_print(&files, "in %s: model.safetensors%s, metrics.csv, config.json", run,
                 isfinite(trainer->state.best_dev_loss) ? ", best.safetensors" : "");
    if (!print_line(&losses, "  ", err) || !print_line(&files, " ", err)) return false;
    return summary_print_next(dir, last->dev_loss, trainer->state.best_dev_loss, arena, err);
}

bool summary_print_finished(const Trainer *trainer, const char *run, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    const TrainState *state = &trainer->state;
    const TrainConfig *train = &trainer->config->train;
    buffer_print(&out, trainer->model.is_ngram ? "%s is finished" : "%s is finished: ", run);
    if (trainer->model.is_ngram) return print_line(&out, " ", err);
    if (describe_early_stop(trainer, &out)) {
        buffer_print(&out, "; --resume=anyway --set train.early_stop.patience=%llu trains longer",
                     (unsigned long long)state->early_stop.without_gain + train->early_stop.patience);
    } else {
        buffer_print(&out, "step %llu", (unsigned long long)state->step);
        if (state->step <= train->steps) buffer_print(&out, " of %llu", (unsigned long long)train->steps);
        buffer_print(&out, "; --steps N trains longer");
    }
    return print_line(&out, " ", err);
}
