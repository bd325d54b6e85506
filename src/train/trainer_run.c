// trainer_run: what is measured, written and kept while the trainer makes its steps.
#include "train/best.h"
#include "train/evaluate.h"
#include "train/resume.h"
#include "train/trainer.h"

#include <math.h>
#include <time.h>

static double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool not_finite(const Trainer *trainer, const RunDir *dir, const char *what, Error *err) {
    trainer_not_finite(trainer, what, err);
    return error_context(err, "%s", dir->path);
}

// What is written must be read back: a checkpoint takes no number that is not finite.
static bool is_finite(const Trainer *trainer, const RunDir *dir, Error *err) {
    const Optimizer *optimizer = &trainer->optimizer;
    if (trainer->model.is_ngram) return true;
    if (network_find_not_finite(&trainer->model.network, false)) return not_finite(trainer, dir, "the model", err);
    size_t slab = optimizer_find_not_finite(optimizer);
    return slab == optimizer->plan.n_slabs ||
           error_set(err,
                     "%s: step %llu: the optimizer's %s is not finite, because gradients are too large; a lower "
                     "train.lr, smaller initial weights or train.clip_norm help",
                     dir->path, (unsigned long long)trainer->state.step, optimizer->plan.slabs[slab]);
}

// One call of trainer_run.
typedef struct Session {
    Trainer *trainer;
    const RunDir *dir;
    const TrainEvents *events;
    AppendFile metrics;
    bool is_best_kept; // the best model that the last checkpoint knows of, if any, is beside the one that is there now
    double started;    // now_seconds() less the seconds of training so far
} Session;

static bool is_ours(const Session *session, Error *err) {
    return dir_lock_holds(&session->dir->lock, session->dir->path, err);
}

static bool keep_checkpoints_best(Session *session, Error *err) {
    if (!is_ours(session, err)) return false;
    if (!session->is_best_kept && !best_keep(session->dir, err)) return false;
    session->is_best_kept = true;
    return true;
}

static bool write_model(Session *session, const char *path, const TrainState *state, Error *err) {
    const Trainer *trainer = session->trainer;
    return is_ours(session, err) &&
           checkpoint_write(path, trainer->config, trainer->dataset, &trainer->model, &trainer->optimizer, state, err);
}

// Fills the split losses of `row`.
static bool measure(Session *session, MetricsRow *row, Error *err) {
    Trainer *trainer = session->trainer;
    bool has_dev = trainer->dev.total > 0;
    row->train_loss = evaluate(&trainer->model, &trainer->train);
    if (has_dev) row->dev_loss = evaluate(&trainer->model, &trainer->dev);
    // Counts without smoothing give what they never saw a loss of infinity, and rightly so.
    bool finite = isfinite(row->train_loss) && (!has_dev || isfinite(row->dev_loss));
    return finite || trainer->model.is_ngram || not_finite(trainer, session->dir, "the loss", err);
}

// With a dev loss lower than any before, writes the best model. `is_regular` says whether a longer run makes this
// measurement, too; then early stopping counts it.
static bool keep_if_best(Session *session, bool is_regular, const MetricsRow *row, Error *err) {
    Trainer *trainer = session->trainer;
    const RunDir *dir = session->dir;
    if (trainer->dev.total == 0) return true;
    if (is_regular) train_state_count_evaluation(&trainer->state, &trainer->config->train.early_stop, row->dev_loss);
    if (!(row->dev_loss < trainer->state.best_dev_loss)) return true;
    if (!is_finite(trainer, dir, err) || !keep_checkpoints_best(session, err)) return false;
    trainer->state.best_dev_loss = row->dev_loss;
    TrainState best = trainer->state;
    best.seconds = 0; // so that the file depends on the config and the data alone
    best.before_end = (DisplacedBest){0};
    return write_model(session, dir->best, &best, err);
}

// Has the rows on the disk, in the file that can be found there.
static bool sync_rows(Session *session, Error *err) {
    AppendFile *metrics = &session->metrics;
    if (!file_sync(metrics, err)) return false;
    if (path_leads_to(metrics->path, metrics->descriptor)) return true;
    return is_ours(session, err) &&
           error_set(err,
                     "%s: it was replaced or removed while training added to it; --resume makes the rows since the "
                     "last checkpoint again",
                     metrics->path);
}

static bool save(Session *session, Error *err) {
    Trainer *trainer = session->trainer;
    if (!is_finite(trainer, session->dir, err)) return false;
    trainer->state.seconds = now_seconds() - session->started;
    // A checkpoint covers the rows before its step, so they must be on the disk first.
    bool ok = sync_rows(session, err) && write_model(session, session->dir->model, &trainer->state, err);
    session->is_best_kept = false;
    return ok && is_ours(session, err) && best_forget(session->dir, err);
}

static bool write_row(Session *session, MetricsRow *row, Error *err) {
    row->seconds = now_seconds() - session->started;
    if (!metrics_add(&session->metrics, row, err)) return false;
    if (session->events->row) session->events->row(session->events->context, row);
    return true;
}

static bool is_multiple(uint64_t step, uint64_t every) { return step % every == 0; }

// The step that `row` begins; it holds the split losses where they are due.
static bool train_step(Session *session, MetricsRow row, bool evaluates, Error *err) {
    Trainer *trainer = session->trainer;
    const TrainConfig *train = &trainer->config->train;
    if (evaluates && !keep_if_best(session, true, &row, err)) return false;
    // Then no minibatch is drawn any more, and finish() writes the row.
    if (train_state_ended_early(&trainer->state, &train->early_stop)) return true;
    row.loss = trainer_backward(trainer);
    if (!isfinite(row.loss)) return not_finite(trainer, session->dir, "the loss", err);
    // No checkpoint could take them, and no step to come mends them.
    if (!network_buffers_are_finite(&trainer->model.network))
        return not_finite(trainer, session->dir, "the model", err);
    if ((evaluates || is_multiple(row.step, train->log_every)) && !write_row(session, &row, err)) return false;
    trainer_update(trainer, row.lr);
    if (!session->events->step) return true;
    row = (MetricsRow){.step = trainer->state.step, .lr = row.lr, .loss = row.loss, .train_loss = NAN, .dev_loss = NAN};
    row.seconds = now_seconds() - session->started;
    session->events->step(session->events->context, &row);
    return true;
}

static bool save_to_go_on(Session *session, Error *err) {
    if (trainer_next_loss_is_finite(session->trainer, err)) return save(session, err);
    return error_context(err, "%s", session->dir->path);
}

static bool train_network(Session *session, bool *stopped, Error *err) {
    Trainer *trainer = session->trainer;
    const TrainConfig *train = &trainer->config->train;
    uint64_t first = trainer->state.step;
    while (!train_state_is_finished(&trainer->state, train)) {
        uint64_t step = trainer->state.step;
        *stopped = session->events->stop && *session->events->stop;
        bool is_due = step > first && is_multiple(step, train->checkpoint_every);
        bool evaluates = step > 0 && is_multiple(step, train->eval_every);
        MetricsRow row = {.step = step, .lr = trainer_rate(trainer), .train_loss = NAN, .dev_loss = NAN};
        // First, so that a checkpoint whose loss overflows does not take the place of one whose does not.
        if (evaluates && !measure(session, &row, err)) return false;
        if ((*stopped || is_due) && !save_to_go_on(session, err)) return false;
        if (*stopped) return true;
        if (!train_step(session, row, evaluates, err)) return false;
    }
    return true;
}

// Keeps the best model and its loss as they are before a last measurement that a longer run would not make.
static bool keep_best(Session *session, Arena *arena, Error *err) {
    DisplacedBest *kept = &session->trainer->state.before_end;
    Checkpoint best;
    *kept = (DisplacedBest){.is_set = true, .dev_loss = session->trainer->state.best_dev_loss};
    if (!isfinite(kept->dev_loss)) return true;
    if (!checkpoint_read(&best, session->dir->best, arena, err)) return false;
    kept->step = best.step;
    kept->content = best.content;
    return true;
}

// Puts back what a last measurement displaced, now that training goes on after all.
static bool put_best_back(Session *session, Error *err) {
    Trainer *trainer = session->trainer;
    DisplacedBest kept = trainer->state.before_end;
    if (!kept.is_set) return true;
    if (!keep_checkpoints_best(session, err)) return false;
    trainer->state.before_end = (DisplacedBest){0};
    trainer->state.best_dev_loss = kept.dev_loss;
    if (kept.content.n_tensors == 0) return file_remove(session->dir->best, err);
    return checkpoint_write_displaced(session->dir->best, trainer->config, trainer->dataset, &kept, err);
}

// The last row, and the model as it is in the end.
static bool finish(Session *session, Arena *arena, Error *err) {
    Trainer *trainer = session->trainer;
    bool is_ngram = trainer->model.is_ngram;
    bool is_extra = !is_ngram && !is_multiple(trainer->state.step, trainer->config->train.eval_every);
    if (is_extra && trainer->dev.total > 0 && !keep_best(session, arena, err)) return false;
    MetricsRow row = {.step = trainer->state.step, .lr = NAN, .loss = NAN, .train_loss = NAN, .dev_loss = NAN};
    if (!is_ngram) row.lr = trainer_rate(trainer);
    if (!measure(session, &row, err) || !keep_if_best(session, !is_extra, &row, err)) return false;
    // Where the last weights are not the best, nothing was displaced.
    DisplacedBest *kept = &trainer->state.before_end;
    if (kept->is_set && trainer->state.best_dev_loss >= kept->dev_loss) *kept = (DisplacedBest){0};
    return write_row(session, &row, err) && save(session, err);
}

bool trainer_find_losses(Trainer *trainer, const Checkpoint *checkpoint, const RunDir *dir, Error *err) {
    bool is_there = true, reach = true;
    uint64_t steps = 0, step = trainer->state.step;
    if (trainer->model.is_ngram || trainer_is_finished(trainer, dir)) return true;
    if (!resume_row_steps(checkpoint, trainer->config, &steps, err)) return false;
    if (step > 0 && !metrics_reach(dir->metrics, step, steps, &reach, err)) return false;
    trainer->lost.rows = !reach;
    // A best model that was displaced is in the checkpoint itself.
    if (trainer->state.before_end.is_set) return true;
    if (!best_is_there(dir, trainer->saved_dev_loss, &is_there, err)) return false;
    trainer->lost.best = !is_there;
    if (trainer->lost.best) trainer->state.best_dev_loss = INFINITY;
    return true;
}

bool trainer_is_finished(const Trainer *trainer, const RunDir *dir) {
    const TrainState *state = &trainer->state;
    MetricsRow last;
    bool found;
    Error unsaid;
    if (!train_state_is_finished(state, &trainer->config->train)) return false;
    if (!metrics_last_measured(dir->metrics, &last, &found, &unsaid)) return true;
    return found && last.step == state->step && isnan(last.loss);
}

bool trainer_settle_best(const Trainer *trainer, const RunDir *dir, Error *err) {
    return best_settle(dir, trainer->saved_dev_loss, err);
}

bool trainer_run(Trainer *trainer, const RunDir *dir, const TrainEvents *events, bool *stopped, Error *err) {
    Session session = {.trainer = trainer, .dir = dir, .events = events, .metrics.descriptor = -1};
    session.started = now_seconds() - trainer->state.seconds;
    *stopped = false;
    Arena scratch = {0};
    bool ok = trainer_settle_best(trainer, dir, err) && put_best_back(&session, err) &&
              metrics_open(&session.metrics, dir->metrics, trainer->state.step, err);
    if (!trainer->model.is_ngram) ok = ok && train_network(&session, stopped, err);
    if (!*stopped) ok = ok && finish(&session, &scratch, err);
    file_close(&session.metrics);
    arena_free(&scratch);
    return ok;
}
