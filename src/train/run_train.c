// run_train: the training loop, and what it measures and writes.
#include "train/evaluate.h"
#include "train/run.h"

#include <math.h>
#include <time.h>

typedef struct Loop {
    Run *run;
    Trainer *trainer; // of the run
    const TrainEvents *events;
    AppendFile metrics;
    double started; // now_seconds() less the seconds of training so far
} Loop;

static World world_of(const Loop *loop) { return loop->trainer->dataset->world; }

static bool writes(const Loop *loop) { return world_of(loop).rank == 0; }

static double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool set_not_finite(const Loop *loop, Error *err) {
    trainer_not_finite(loop->trainer, "the loss", err);
    return error_context(err, "%s", loop->run->dir.path);
}

static bool check_finite(const Loop *loop, Error *err) {
    return trainer_check_finite(loop->trainer, err) || error_context(err, "%s", loop->run->dir.path);
}

static bool write_model(Loop *loop, const char *path, const TrainState *state, Error *err) {
    const Trainer *t = loop->trainer;
    if (!writes(loop)) return check_finite(loop, err);
    return check_finite(loop, err) && dir_lock_holds(&loop->run->lock, loop->run->dir.path, err) &&
           checkpoint_write(path, t->config, t->dataset, &t->model, &t->optimizer, state, err);
}

// Fills in the split losses of `row`.
static bool measure(Loop *loop, MetricsRow *row, Error *err) {
    return trainer_measure(loop->trainer, &row->train_loss, &row->dev_loss, err) ||
           error_context(err, "%s", loop->run->dir.path);
}

// Writes the best model if the dev loss is lower than any before.
static bool keep_if_best(Loop *loop, double dev_loss, Error *err) {
    TrainState *state = &loop->trainer->state;
    if (!(dev_loss < state->best_dev_loss)) return true;
    state->best_dev_loss = dev_loss;
    TrainState best = *state;
    best.seconds = 0; // so that the file depends on the config and the data alone
    return write_model(loop, loop->run->dir.best, &best, err);
}

static bool save(Loop *loop, Error *err) {
    loop->trainer->state.seconds = now_seconds() - loop->started;
    // A checkpoint covers the rows before its step, so they must be on the disk first.
    return (!writes(loop) || file_sync(&loop->metrics, err)) &&
           write_model(loop, loop->run->dir.model, &loop->trainer->state, err);
}

static bool write_row(Loop *loop, MetricsRow *row, Error *err) {
    const LossSum *since = &loop->trainer->state.since_row;
    row->mean_loss = since->count > 0 ? since->sum / since->count : (double)NAN;
    row->seconds = now_seconds() - loop->started;
    if (writes(loop) && !metrics_add(&loop->metrics, row, err)) return false;
    if (loop->events->row) loop->events->row(loop->events->context, row);
    return true;
}

static bool is_multiple(uint64_t step, uint64_t every) { return step % every == 0; }

// Makes the step that `row` begins. It holds the split losses if the step `evaluates`.
static bool train_step(Loop *loop, MetricsRow row, bool evaluates, Error *err) {
    Trainer *trainer = loop->trainer;
    const TrainConfig *train = &trainer->config->train;
    if (evaluates && trainer->dev.total > 0) {
        train_state_count_evaluation(&trainer->state, &train->early_stop, row.dev_loss);
        if (!keep_if_best(loop, row.dev_loss, err)) return false;
    }
    if (train_state_ended_early(&trainer->state, &train->early_stop)) return true; // finish() writes the row
    row.loss = trainer_backward(trainer);
    if (!isfinite(row.loss)) return set_not_finite(loop, err);
    if (evaluates || is_multiple(row.step, train->log_every)) {
        if (!write_row(loop, &row, err)) return false;
        trainer->state.since_row = (LossSum){0};
    }
    trainer_update(trainer, row.lr);
    trainer->state.since_row.sum += row.loss;
    trainer->state.since_row.count++;
    if (!loop->events->step) return true;
    row = (MetricsRow){.step = trainer->state.step, .lr = row.lr, .loss = row.loss, .train_loss = NAN, .dev_loss = NAN};
    row.seconds = now_seconds() - loop->started;
    loop->events->step(loop->events->context, &row);
    return true;
}

// Returns the signal that asked any process to stop, or 0.
static sig_atomic_t find_stop(const Loop *loop) {
    sig_atomic_t stop = loop->events->stop ? *loop->events->stop : 0;
    world_fill(world_of(loop), &stop, sizeof stop);
    return stop;
}

static bool train_network(Loop *loop, sig_atomic_t *stopped, Error *err) {
    Trainer *trainer = loop->trainer;
    const TrainConfig *train = &trainer->config->train;
    uint64_t first = trainer->state.step;
    while (!train_state_is_finished(&trainer->state, train)) {
        uint64_t step = trainer->state.step;
        *stopped = find_stop(loop);
        bool is_due = step > first && is_multiple(step, train->checkpoint_every);
        bool evaluates = step > 0 && is_multiple(step, train->eval_every);
        MetricsRow row = {.step = step, .lr = trainer_rate(trainer), .train_loss = NAN, .dev_loss = NAN};
        // Before the checkpoint, so that a model whose loss overflows does not replace a model whose loss is finite.
        if (evaluates && !measure(loop, &row, err)) return false;
        if ((*stopped || is_due) && !save(loop, err)) return false;
        // No process ends before the checkpoint is written.
        if (*stopped) return world_agree(world_of(loop), true, err);
        if (!train_step(loop, row, evaluates, err)) return false;
    }
    return true;
}

// Writes the last row and the final model. A longer run replaces this row, so its losses stay in state.since_row.
static bool finish(Loop *loop, Error *err) {
    Trainer *trainer = loop->trainer;
    const TrainConfig *train = &trainer->config->train;
    bool is_ngram = trainer->model.is_ngram;
    MetricsRow row = {.step = trainer->state.step, .lr = NAN, .loss = NAN, .train_loss = NAN, .dev_loss = NAN};
    if (!is_ngram) row.lr = trainer_rate(trainer);
    if (!measure(loop, &row, err)) return false;
    // Early stopping counts only evaluations that a longer run makes too.
    if (trainer->dev.total > 0 && !is_ngram && is_multiple(row.step, train->eval_every))
        train_state_count_evaluation(&trainer->state, &train->early_stop, row.dev_loss);
    return keep_if_best(loop, row.dev_loss, err) && write_row(loop, &row, err) && save(loop, err);
}

bool run_train(Run *run, const TrainEvents *events, sig_atomic_t *stopped, Error *err) {
    Trainer *trainer = &run->trainer;
    Loop loop = {.run = run, .trainer = trainer, .events = events, .metrics.descriptor = -1};
    loop.started = now_seconds() - trainer->state.seconds;
    *stopped = 0;
    bool ok = (!writes(&loop) || metrics_open(&loop.metrics, run->dir.metrics, trainer->state.step, err)) &&
              (trainer->model.is_ngram || train_network(&loop, stopped, err)) && (*stopped || finish(&loop, err));
    file_close(&loop.metrics);
    return ok;
}
