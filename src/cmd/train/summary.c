#include "cmd/train/summary.h"

#include "base/format.h"
#include "cmd/share/command.h"
#include "study/describe.h"

#include <math.h>
#include <stdio.h>

static void note_surprises(const Trainer *trainer) {
    const TrainConfig *train = &trainer->config->train;
    command_note_cut(trainer->dataset, &trainer->model);
    if (trainer->dataset->odd_row.text[0] != '\0')
        command_note("%s seems to be a table, but %s; each row is read as one name", trainer->config->data.path,
                     trainer->dataset->odd_row.text);
    else if (trainer->dataset->seems_table)
        command_note(
            "%s seems to be a table, and each row is read as one name; data.column takes the names from a column",
            trainer->config->data.path);
    // The first evaluation is always a gain.
    if (train->early_stop.patience > 0 && (train->steps - 1) / train->eval_every <= train->early_stop.patience)
        command_note(
            "train.early_stop: a patience of %llu cannot end this training, which has one evaluation per %llu steps "
            "and %llu steps in total; a lower train.eval_every helps",
            (unsigned long long)train->early_stop.patience, (unsigned long long)train->eval_every,
            (unsigned long long)train->steps);
    if (trainer->optimizer_restarts)
        command_note("train.optimizer: the run had another optimizer; its state is dropped, and the new optimizer "
                     "starts from zero");
}

void summary_print_plan(const Trainer *trainer, const char *name) {
    const Dataset *dataset = trainer->dataset;
    bool reads_names = model_reads_names(&trainer->model);
    printf("%s: %zu names, %zu symbols;", name, dataset->n_names, dataset->vocab.n);
    for (size_t p = 0; p < N_PARTS; p++) {
        size_t n = reads_names ? dataset->own[p].n_names : dataset->own[p].n;
        if (n > 0) printf(" %s %zu", PART_NAMES[p], n);
    }
    if (trainer->model.is_ngram)
        printf(" examples; %zu contexts\n", trainer->train.shards->contexts.n);
    else
        printf(" %s; %zu parameters\n", reads_names ? "names" : "examples", trainer->model.network.n_parameters);
    fflush(stdout);
    note_surprises(trainer);
}

// Prints "early stop at step 60 of 500: ..." without its newline. Returns false if there was none.
static bool print_early_stop(const Trainer *trainer) {
    const EarlyStop *rule = &trainer->config->train.early_stop;
    char loss[FORMAT_BYTES];
    if (!train_state_ended_early(&trainer->state, rule)) return false;
    printf("early stop at step %llu of %llu: %llu evaluations in a row without a gain in dev loss",
           (unsigned long long)trainer->state.step, (unsigned long long)trainer->config->train.steps,
           (unsigned long long)trainer->state.early_stop.without_gain);
    if (rule->least_gain > 0) printf(" above %g", rule->least_gain);
    printf("; the best, %s, is in best.safetensors", format_loss(trainer->state.best_dev_loss, loss));
    return true;
}

// Prints "train 2.0369  dev 2.1063 best  after 4.1 s", or "... dev 2.1163  best dev 2.1063  (step 180000)  after ...".
static void print_losses(const Trainer *trainer, const MetricsRow *last, bool is_noise, const RunDir *dir,
                         Arena *arena) {
    double best = trainer->state.best_dev_loss;
    char loss[FORMAT_BYTES];
    printf("train %s", format_loss(last->train_loss, loss));
    if (!isnan(last->dev_loss)) printf("  dev %s", format_loss(last->dev_loss, loss));
    if (last->dev_loss > best) {
        Checkpoint checkpoint;
        Error unreadable;
        printf("  best dev %s", format_loss(best, loss));
        if (checkpoint_read(&checkpoint, dir->best, arena, &unreadable))
            printf("  (step %llu)", (unsigned long long)checkpoint.state.step);
    } else if (!isnan(last->dev_loss) && !trainer->model.is_ngram && !is_noise) {
        printf(" best");
    }
    printf("  after %.1f s\n", last->seconds);
}

bool summary_print(const Trainer *trainer, const MetricsRow *last, const RunDir *dir, Arena *arena, Error *err) {
    double best = trainer->state.best_dev_loss;
    const char *run = path_quote(dir->path, arena, err);
    const char *model = path_quote(last->dev_loss > best ? dir->best : dir->path, arena, err);
    const size_t symbols = trainer->dataset->vocab.n;
    char noise[DESCRIBE_NOISE_BYTES], none[DESCRIBE_NOISE_BYTES];
    const bool is_noise = describe_noise(last->train_loss, symbols, noise);
    const bool is_all_noise = is_noise && describe_noise(fmin(last->train_loss, best), symbols, none);
    if (!run || !model) return false;
    if (print_early_stop(trainer)) putchar('\n');
    print_losses(trainer, last, is_noise, dir, arena);
    printf("in %s: model.safetensors%s, metrics.csv, config.json\n", run, isfinite(best) ? ", best.safetensors" : "");
    if (!is_all_noise) printf("next: nomen sample %s\n", model);
    if (is_noise) command_note("%s", noise);
    if (isinf(last->dev_loss)) command_note(INFINITE_LOSS, PART_NAMES[PART_DEV]);
    return true;
}

void summary_print_finished(const Trainer *trainer, const char *run) {
    const TrainState *state = &trainer->state;
    const TrainConfig *train = &trainer->config->train;
    printf(trainer->model.is_ngram ? "%s is finished" : "%s is finished: ", run);
    if (print_early_stop(trainer)) {
        printf("; --resume=anyway --set train.early_stop.patience=%llu trains longer",
               (unsigned long long)state->early_stop.without_gain + train->early_stop.patience);
    } else if (!trainer->model.is_ngram) {
        printf("step %llu", (unsigned long long)state->step);
        if (state->step <= train->steps) printf(" of %llu", (unsigned long long)train->steps);
        printf("; --steps N trains longer");
    }
    putchar('\n');
}
