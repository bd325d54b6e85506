#include "run/trainer.h"

#include "nn/loss.h"
#include "nn/optimizer.h"
#include "run/evaluate.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum {
    FULL_BATCH_ROWS = 1024, // contexts at a time when the batch is the whole split
    MERGED_BATCH = 64,      // examples from which on merging those of equal contexts saves more than it costs
};

static double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool is_full_batch(const Trainer *trainer) { return trainer->config->train.batch_size == FIELD_WORD; }

// The whole split goes by distinct contexts, unless a layer mixes rows: it must see each row as often as it occurs.
static size_t batch_rows(const Trainer *trainer, bool by_rows) {
    Span train = trainer->dataset->parts[PART_TRAIN];
    if (!is_full_batch(trainer)) return (size_t)trainer->config->train.batch_size;
    return by_rows || layers_mix_rows(&trainer->config->model.layers) ? train.end - train.begin : 0;
}

static bool create_network(Trainer *trainer, bool by_rows, Arena *arena, Error *err) {
    Model *model = &trainer->model;
    bool merges = trainer->batch >= MERGED_BATCH && !by_rows && !layers_mix_rows(&trainer->config->model.layers);
    if (!minibatch_create(&trainer->minibatch, trainer->dataset, trainer->batch, model->context, merges, arena, err))
        return false;
    if (trainer->batch > 0 && !network_check_batch(&model->network, trainer->batch, err)) return false;
    for (size_t i = 0; is_full_batch(trainer) && i < trainer->batch; i++)
        minibatch_take(&trainer->minibatch, i, trainer->dataset->parts[PART_TRAIN].begin + i);
    rng_seed(&trainer->state.rng, trainer->config->seed);
    network_init(&model->network, &trainer->state.rng);
    for (size_t i = 0; i < model->network.n_tensors; i++)
        if (model->network.tensors[i].plan->role == TENSOR_WEIGHT) trainer->n_weights += model->network.tensors[i].n;
    return true;
}

bool trainer_create(Trainer *trainer, const Config *config, const Dataset *dataset, bool by_rows, Arena *arena,
                    Error *err) {
    *trainer = (Trainer){.config = config, .dataset = dataset, .state.best_dev_loss = INFINITY};
    Model *model = &trainer->model;
    NetworkUse use = {.max_rows = MODEL_EVALUATION_ROWS, .keeps_every_layer = by_rows};
    if (!config->model.is_ngram) {
        trainer->batch = batch_rows(trainer, by_rows);
        use.batch = trainer->batch > 0 ? trainer->batch : FULL_BATCH_ROWS;
        if (use.batch > use.max_rows) use.max_rows = use.batch;
    }
    if (!model_create(model, &config->model, dataset->vocab.n, use, arena, err)) return false;
    const Span *parts = dataset->parts;
    if (!dataset_count_contexts(dataset, parts[PART_TRAIN], model->context, &trainer->train, arena, err) ||
        !dataset_count_contexts(dataset, parts[PART_DEV], model->context, &trainer->dev, arena, err))
        return false;
    if (!model->is_ngram) return create_network(trainer, by_rows, arena, err);
    return ngram_set_counts(&model->ngram, &trainer->train, arena, err);
}

static bool same_vocab(const Vocab *a, const Vocab *b) {
    return a->n == b->n && memcmp(a->code_points, b->code_points, a->n * sizeof *a->code_points) == 0;
}

bool trainer_resume(Trainer *trainer, const Checkpoint *checkpoint, bool anyway, Arena *arena, Error *err) {
    Arena scratch = {0};
    Buffer config = {.arena = &scratch};
    config_write(trainer->config, &config);
    const char *text = buffer_text(&config, err);
    bool ok = text != NULL, same = ok && (anyway || config_can_resume(checkpoint->config_text, text, err));
    if (same && !anyway && strcmp(checkpoint->data_sha256, trainer->dataset->sha256) != 0)
        same = error_set(err, "data: %s is not the file the run was trained on (its SHA-256 differs)",
                         trainer->config->data.path);
    if (ok && !same) {
        Error why = *err;
        error_set(err, "%s: %s; --resume=anyway goes on all the same", checkpoint->path, why.text);
    }
    arena_free(&scratch);
    if (!same) return false;
    if (!same_vocab(&checkpoint->vocab, &trainer->dataset->vocab))
        return error_set(err, "%s: its symbols are not those of %s, so its weights mean nothing there",
                         checkpoint->path, trainer->config->data.path);
    if (!checkpoint_restore(checkpoint, &trainer->model, &trainer->state, arena, err)) return false;
    // On other data (--resume=anyway) the best loss so far was measured on what is no longer there.
    if (strcmp(checkpoint->data_sha256, trainer->dataset->sha256) == 0) return true;
    trainer->state.best_dev_loss = INFINITY;
    trainer->state.before_end = (DisplacedBest){0};
    return true;
}

static double backward_counts(Trainer *trainer) {
    Network *network = &trainer->model.network;
    const ContextCounts *train = &trainer->train;
    double sum = 0;
    for (size_t row = 0; row < train->contexts.n; row += network->max_rows) {
        size_t left = train->contexts.n - row, b = left < network->max_rows ? left : network->max_rows;
        const uint16_t *ids = context_counts_ids(train, row, b, trainer->model.ids);
        const float *logits = network_forward(network, ids, b, &trainer->state.rng);
        loss_backward_counts(b, network->vocab, logits, targets_from(train, row), train->total,
                             network_logit_grads(network), &sum);
        network_backward(network, b, &trainer->state.rng);
    }
    return sum / (double)train->total;
}

// lambda mean(W^2) over all weights, and its gradient.
static double backward_l2(Trainer *trainer) {
    Network *network = &trainer->model.network;
    double lambda = trainer->config->train.l2_mean, sum = 0, n = (double)trainer->n_weights;
    if (!(lambda > 0)) return 0;
    for (size_t i = 0; i < network->n_tensors; i++) {
        Tensor *tensor = &network->tensors[i];
        if (tensor->plan->role == TENSOR_WEIGHT)
            sum += loss_l2(tensor->n, tensor->data, (float)(2 * lambda / n), tensor->grad);
    }
    return lambda * sum / n;
}

double trainer_backward(Trainer *trainer) {
    Network *network = &trainer->model.network;
    Rng *rng = &trainer->state.rng;
    network_zero_grads(network);
    if (!is_full_batch(trainer)) minibatch_draw(&trainer->minibatch, trainer->dataset->parts[PART_TRAIN], rng);
    double loss = trainer->batch > 0 ? minibatch_backward(&trainer->minibatch, network, rng) : backward_counts(trainer);
    return loss + backward_l2(trainer);
}

double trainer_rate(const Trainer *trainer) { return schedule_rate(&trainer->config->train.lr, trainer->state.step); }

static void make_update(const Trainer *trainer, double rate, float *params) {
    const Network *network = &trainer->model.network;
    const Typed *optimizer = &trainer->config->train.optimizer;
    const OptimizerType *type = (const OptimizerType *)optimizer->record;
    type->step(optimizer->value, (float)rate, network->n_slab, network->grads, params);
}

void trainer_update(Trainer *trainer, double rate) {
    make_update(trainer, rate, trainer->model.network.params);
    trainer->state.step++;
}

void trainer_update_alone(const Trainer *trainer, double rate, float *update) {
    memset(update, 0, trainer->model.network.n_slab * sizeof *update);
    make_update(trainer, rate, update);
}

// Where all weights are finite, the cause is a layer: one that standardizes a channel without spread, or logits too
// large.
static bool layer_not_finite(const Trainer *trainer, const char *what, Error *err) {
    const Network *network = &trainer->model.network;
    unsigned long long step = trainer->state.step;
    size_t i = trainer->batch > 0 ? network_find_not_finite_layer(network, minibatch_rows(&trainer->minibatch))
                                  : network->n_layers;
    if (i < network->n_layers && network->layers[i].type->mixes_rows)
        return error_set(err,
                         "step %llu: %s is not finite, because model.layers[%zu] (%s) meets a channel that is the same "
                         "for every row, or too large; an eps above 0 or a lower train.lr help",
                         step, what, i, network->layers[i].type->record.name);
    return error_set(err,
                     "step %llu: %s is not finite, although all weights are: the logits overflow; a lower train.lr or "
                     "smaller initial weights help",
                     step, what);
}

bool trainer_not_finite(const Trainer *trainer, const char *what, Error *err) {
    const Tensor *tensor = trainer->model.is_ngram ? NULL : network_find_not_finite(&trainer->model.network, true);
    if (!tensor) return layer_not_finite(trainer, what, err);
    return error_set(err, "step %llu: %s is not finite, because %s holds numbers that are not; a lower train.lr helps",
                     (unsigned long long)trainer->state.step, what, tensor->name);
}

bool trainer_step(Trainer *trainer, double rate, double *loss, Error *err) {
    *loss = trainer_backward(trainer);
    if (!isfinite(*loss)) return trainer_not_finite(trainer, "the loss", err);
    trainer_update(trainer, rate);
    return true;
}

static bool not_finite(const Trainer *trainer, const RunFolder *folder, const char *what, Error *err) {
    trainer_not_finite(trainer, what, err);
    return error_context(err, "%s", folder->path);
}

// Fills the split losses of `row`; with a dev loss lower than any before, writes the best model.
static bool measure(Trainer *trainer, const RunFolder *folder, MetricsRow *row, Error *err) {
    bool has_dev = trainer->dev.total > 0;
    row->train_loss = evaluate(&trainer->model, &trainer->train);
    if (has_dev) row->dev_loss = evaluate(&trainer->model, &trainer->dev);
    // Counts without smoothing give what they never saw a loss of infinity, and rightly so.
    bool finite = isfinite(row->train_loss) && (!has_dev || isfinite(row->dev_loss));
    if (!finite && !trainer->model.is_ngram) return not_finite(trainer, folder, "the loss", err);
    if (!has_dev || row->dev_loss >= trainer->state.best_dev_loss) return true;
    trainer->state.best_dev_loss = row->dev_loss;
    TrainState best = trainer->state;
    best.seconds = 0; // so that the file depends on the config and the data alone
    best.before_end = (DisplacedBest){0};
    return checkpoint_write(folder->best, trainer->config, trainer->dataset, &trainer->model, &best, err);
}

// One call of trainer_run.
typedef struct Session {
    Trainer *trainer;
    const RunFolder *folder;
    const TrainEvents *events;
    AppendFile metrics;
    double started; // now_seconds() less the seconds of training so far
} Session;

static bool save(Session *session, Error *err) {
    Trainer *trainer = session->trainer;
    if (!trainer->model.is_ngram && network_find_not_finite(&trainer->model.network, false))
        return not_finite(trainer, session->folder, "a weight", err);
    trainer->state.seconds = now_seconds() - session->started;
    // A checkpoint covers the rows before its step, so they must be on the disk first.
    return file_sync(&session->metrics, err) &&
           checkpoint_write(session->folder->model, trainer->config, trainer->dataset, &trainer->model, &trainer->state,
                            err);
}

static bool write_row(Session *session, MetricsRow *row, Error *err) {
    row->seconds = now_seconds() - session->started;
    if (!metrics_add(&session->metrics, row, err)) return false;
    if (session->events->row) session->events->row(session->events->context, row);
    return true;
}

static bool is_multiple(uint64_t step, uint64_t every) { return step % every == 0; }

static bool train_step(Session *session, Error *err) {
    Trainer *trainer = session->trainer;
    const TrainConfig *train = &trainer->config->train;
    uint64_t step = trainer->state.step;
    bool evaluates = step > 0 && is_multiple(step, train->eval_every);
    MetricsRow row = {.step = step, .lr = trainer_rate(trainer), .train_loss = NAN, .dev_loss = NAN};
    if (evaluates && !measure(trainer, session->folder, &row, err)) return false;
    row.loss = trainer_backward(trainer);
    if (!isfinite(row.loss)) return not_finite(trainer, session->folder, "the loss", err);
    if ((evaluates || is_multiple(step, train->log_every)) && !write_row(session, &row, err)) return false;
    trainer_update(trainer, row.lr);
    if (!session->events->step) return true;
    row = (MetricsRow){.step = trainer->state.step, .lr = row.lr, .loss = row.loss, .train_loss = NAN, .dev_loss = NAN};
    row.seconds = now_seconds() - session->started;
    session->events->step(session->events->context, &row);
    return true;
}

static bool train_network(Session *session, bool *stopped, Error *err) {
    const Trainer *trainer = session->trainer;
    const TrainConfig *train = &trainer->config->train;
    uint64_t first = trainer->state.step;
    while (trainer->state.step < train->steps) {
        *stopped = session->events->stop && *session->events->stop;
        bool is_due = trainer->state.step > first && is_multiple(trainer->state.step, train->checkpoint_every);
        if ((*stopped || is_due) && !save(session, err)) return false;
        if (*stopped) return true;
        if (!train_step(session, err)) return false;
    }
    return true;
}

// Keeps the best model and its loss as they are before a last measurement that a longer run would not make.
static bool keep_best(Session *session, Arena *arena, Error *err) {
    DisplacedBest *kept = &session->trainer->state.before_end;
    Checkpoint best;
    *kept = (DisplacedBest){.is_set = true, .dev_loss = session->trainer->state.best_dev_loss};
    if (!isfinite(kept->dev_loss)) return true;
    if (!checkpoint_read(&best, session->folder->best, arena, err)) return false;
    kept->step = best.step;
    kept->content = best.content;
    return true;
}

// Puts back what a last measurement displaced, now that training goes on after all.
static bool put_best_back(Session *session, Error *err) {
    Trainer *trainer = session->trainer;
    DisplacedBest kept = trainer->state.before_end;
    if (!kept.is_set) return true;
    trainer->state.before_end = (DisplacedBest){0};
    trainer->state.best_dev_loss = kept.dev_loss;
    if (kept.content.n_tensors == 0) return file_remove(session->folder->best, err);
    return checkpoint_write_displaced(session->folder->best, trainer->config, trainer->dataset, &kept, err);
}

// The last row, and the model as it is in the end.
static bool finish(Session *session, Arena *arena, Error *err) {
    Trainer *trainer = session->trainer;
    bool is_ngram = trainer->model.is_ngram;
    bool is_extra = !is_ngram && !is_multiple(trainer->state.step, trainer->config->train.eval_every);
    if (is_extra && trainer->dev.total > 0 && !keep_best(session, arena, err)) return false;
    MetricsRow row = {.step = trainer->state.step, .lr = NAN, .loss = NAN, .train_loss = NAN, .dev_loss = NAN};
    if (!is_ngram) row.lr = trainer_rate(trainer);
    if (!measure(trainer, session->folder, &row, err)) return false;
    // Where the last weights are not the best, nothing was displaced.
    DisplacedBest *kept = &trainer->state.before_end;
    if (kept->is_set && trainer->state.best_dev_loss >= kept->dev_loss) *kept = (DisplacedBest){0};
    return write_row(session, &row, err) && save(session, err);
}

bool trainer_run(Trainer *trainer, const RunFolder *folder, const TrainEvents *events, bool *stopped, Error *err) {
    Session session = {.trainer = trainer, .folder = folder, .events = events, .metrics.descriptor = -1};
    session.started = now_seconds() - trainer->state.seconds;
    *stopped = false;
    Arena scratch = {0};
    bool ok = put_best_back(&session, err) && metrics_open(&session.metrics, folder->metrics, trainer->state.step, err);
    if (!trainer->model.is_ngram) ok = ok && train_network(&session, stopped, err);
    if (!*stopped) ok = ok && finish(&session, &scratch, err);
    file_close(&session.metrics);
    arena_free(&scratch);
    return ok;
}
