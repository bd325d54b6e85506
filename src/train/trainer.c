#include "train/trainer.h"

#include "kernels/kernels.h"
#include "nn/loss.h"
#include "nn/optimizer/schedule.h"
#include "train/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    FULL_BATCH_ROWS = 1024, // contexts at a time if the batch is the whole split
    MERGED_BATCH = 64,      // smallest batch for which merging equal contexts saves more than it costs
};

static bool is_full_batch(const Trainer *trainer) { return trainer->config->train.batch_size == FIELD_WORD; }

// Returns what the network of a lane must have room for. A layer that needs every row must see each context of the
// whole split as often as it occurs.
static NetworkUse use_of(const Trainer *trainer, size_t n_shards, bool by_rows, bool every_row) {
    NetworkUse use = {.max_rows = MODEL_EVALUATION_ROWS, .keeps_every_layer = by_rows};
    const OwnPart *train = &trainer->dataset->own[PART_TRAIN];
    const bool is_full = is_full_batch(trainer);
    if (trainer->config->model.is_ngram) return use;
    size_t batch = (size_t)trainer->config->train.batch_size;
    use.names = piece_most(is_full && every_row ? train->n_names : batch, n_shards);
    use.batch = is_full && !every_row ? FULL_BATCH_ROWS : piece_most(is_full ? train->n : batch, n_shards);
    if (use.batch > use.max_rows) use.max_rows = use.batch;
    return use;
}

// Returns the examples of a step, or 0 if a step takes the distinct contexts of the whole split.
static size_t batch_of(const Trainer *trainer, bool every_row) {
    const OwnPart *train = &trainer->dataset->own[PART_TRAIN];
    if (!is_full_batch(trainer)) return (size_t)trainer->config->train.batch_size;
    if (!every_row) return 0;
    return trainer->model.network.reads_names ? train->n_names : train->n;
}

static bool create_batch(Trainer *trainer, bool every_row, Arena *arena, Error *err) {
    const Network *network = &trainer->model.network;
    const size_t n_shards = trainer->lanes.n_shards, n = trainer->batch;
    bool merges = !every_row && (network->reads_names || n >= MERGED_BATCH);
    if (n_shards > n)
        return error_set(err, "train.shards: expected at most %zu, the examples of a batch, found %zu", n, n_shards);
    if (!network_check_batch(network, n, err) ||
        !examples_create(&trainer->examples, trainer->dataset, PART_TRAIN, n, network, merges, arena, err))
        return false;
    for (size_t i = 0; i < trainer->lanes.n; i++)
        if (!minibatch_create(&trainer->lanes.items[i].minibatch, &trainer->examples, n_shards, arena, err))
            return false;
    if (is_full_batch(trainer)) examples_take_in_turn(&trainer->examples, 0);
    return true;
}

static bool create_network(Trainer *trainer, bool every_row, Arena *arena, Error *err) {
    Network *network = &trainer->model.network;
    trainer->batch = batch_of(trainer, every_row);
    if (trainer->batch > 0 && !create_batch(trainer, every_row, arena, err)) return false;
    train_state_seed(&trainer->state, trainer->config, &trainer->dataset->rng);
    network_init(network, trainer->config->data.random, &trainer->state.rng);
    train_state_seed_batches(&trainer->state, trainer->config);
    for (size_t i = 0; i < network->n_tensors; i++)
        if (network->tensors[i].plan->role == TENSOR_WEIGHT) trainer->n_weights += network->tensors[i].n;
    return optimizer_create(&trainer->optimizer, &trainer->config->train.optimizer, network->n_slab, arena, err);
}

bool trainer_create(Trainer *trainer, const Config *config, const Dataset *dataset, bool by_rows, Arena *arena,
                    Error *err) {
    *trainer = (Trainer){.config = config, .dataset = dataset, .state = train_state_begin()};
    Model *model = &trainer->model;
    bool every_row = by_rows || (!config->model.is_ngram && layers_need_every_row(&config->model.layers));
    if (dataset->weights && every_row && is_full_batch(trainer))
        return error_set(err, "data.weight: with train.batch_size \"all\" every row of this network would count once; "
                              "give batch_size a number");
    const size_t n_shards = by_rows ? 1 : dataset->n_shards;
    const NetworkUse use = use_of(trainer, n_shards, by_rows, every_row);
    if (!model_create(model, &config->model, dataset->vocab.n, use, arena, err) ||
        !lanes_create(&trainer->lanes, model, &config->model, use, dataset->world, n_shards, arena, err) ||
        !count_part(&trainer->train, model, dataset, PART_TRAIN, n_shards, arena, err) ||
        !count_part(&trainer->dev, model, dataset, PART_DEV, n_shards, arena, err))
        return false;
    if (config->train.early_stop.patience > 0 && trainer->dev.total == 0)
        return error_set(err, "train.early_stop: it needs a dev split; give data.split a second share, or remove "
                              "early_stop");
    if (!model->is_ngram) return create_network(trainer, every_row, arena, err);
    return ngram_set_counts(&model->ngram, trainer->train.shards, arena, err);
}

double trainer_evaluate(const Trainer *trainer, const PartCounts *counts) {
    return evaluate(trainer->lanes.n, trainer->lanes.models, counts);
}

static bool has_same_data(const Trainer *trainer, const Checkpoint *checkpoint) {
    return strcmp(checkpoint->data_sha256, trainer->dataset->sha256) == 0;
}

// Checks that the config and the data are those of the run, up to what may differ.
static bool check_same(const Trainer *trainer, const Checkpoint *checkpoint, Arena *arena, Error *err) {
    Config old;
    if (!config_parse(&old, checkpoint->config_text, checkpoint->path, NULL, arena, err)) return false;
    bool same = config_can_resume(&old, trainer->config, err);
    if (same && !has_same_data(trainer, checkpoint))
        same = error_set(err, "data: %s is not the file the run was trained on (its SHA-256 differs)",
                         trainer->config->data.path);
    Error why = *err;
    return same || error_set(err, "%s: %s; --resume=anyway continues regardless", checkpoint->path, why.text);
}

static bool is_same_vocab(const Vocab *a, const Vocab *b) {
    return a->n == b->n && memcmp(a->code_points, b->code_points, a->n * sizeof *a->code_points) == 0;
}

bool trainer_resume(Trainer *trainer, const Checkpoint *checkpoint, bool anyway, Arena *arena, Error *err) {
    if (!anyway && !check_same(trainer, checkpoint, arena, err)) return false;
    if (!is_same_vocab(&checkpoint->vocab, &trainer->dataset->vocab))
        return error_set(err, "%s: the model's vocabulary differs from that of %s, so training cannot continue on it",
                         checkpoint->path, trainer->config->data.path);
    if (!checkpoint_restore(checkpoint, &trainer->model, arena, err)) return false;
    trainer->state = checkpoint->state;
    if (trainer->state.has_batch_rng != (trainer->config->data.random == RANDOM_MAKEMORE))
        train_state_seed_batches(&trainer->state, trainer->config);
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

void trainer_hand_out(Trainer *trainer) {
    const World world = trainer->dataset->world;
    const Network *network = &trainer->model.network;
    Optimizer *optimizer = &trainer->optimizer;
    world_hand_out(world, &trainer->state, sizeof trainer->state);
    world_hand_out(world, network->params, network->n_slab * sizeof *network->params);
    world_hand_out(world, network->buffers, network->n_buffers * sizeof *network->buffers);
    world_hand_out(world, &optimizer->updates, sizeof optimizer->updates);
    for (size_t i = 0; i < optimizer->plan.n_slabs; i++)
        world_hand_out(world, optimizer->slabs[i], optimizer->n * sizeof *optimizer->slabs[i]);
}

// Adds the gradient of the loss of up to b contexts of a shard of the train split from `row` on. Returns how many. The
// contexts of names are in depth-first order, so their rows follow each other. Rows before them are the beginnings of
// the first and have no targets.
static size_t backward_contexts(Model *model, const ContextCounts *counts, uint64_t total, size_t row, size_t b,
                                Rng *rng, double *sum) {
    Network *network = &model->network;
    model_forget(model);
    const ModelPass pass = model_pass(model, context_counts_ids(counts, row, b, model->ids), b);
    const float *logits = network_forward(network, pass.input, rng);
    float *dlogits = network_logit_grads(network);
    const size_t before = model->rows[0] * network->vocab;
    memset(dlogits, 0, before * sizeof *dlogits);
    loss_counts(pass.n, network->vocab, logits + before, targets_from(counts, row), total, dlogits + before, sum);
    network_backward(network);
    return pass.n;
}

static double backward_counts(Model *model, const ContextCounts *counts, uint64_t total, Rng *rng) {
    const size_t n = counts->contexts.n, most = model->max_rows;
    double sum = 0;
    for (size_t row = 0; row < n;)
        row += backward_contexts(model, counts, total, row, n - row < most ? n - row : most, rng, &sum);
    return sum / (double)total;
}

static double backward_shard(const void *context, Lane *lane, size_t shard, Rng *rng) {
    const Trainer *trainer = context;
    const PartCounts *train = &trainer->train;
    if (trainer->batch == 0)
        return backward_counts(lane->model, &train->shards[shard - trainer->lanes.own.first], train->total, rng);
    minibatch_take(&lane->minibatch, shard, trainer->lanes.n_shards);
    return minibatch_backward(&lane->minibatch, &lane->model->network, rng);
}

// Adds the gradient of lambda mean(W^2) over all weights. Returns this term of the loss.
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

static void next_batch(Trainer *trainer) {
    TrainState *state = &trainer->state;
    if (trainer->config->data.random == RANDOM_MICROGPT)
        examples_take_in_turn(&trainer->examples, state->step);
    else
        examples_draw(&trainer->examples, state->has_batch_rng ? &state->batch_rng : &state->rng);
}

double trainer_backward(Trainer *trainer) {
    if (!is_full_batch(trainer)) next_batch(trainer);
    double loss = lanes_backward(&trainer->lanes, backward_shard, trainer, &trainer->state.rng);
    return loss + backward_l2(trainer);
}

double trainer_rate(const Trainer *trainer) { return schedule_rate(&trainer->config->train.lr, trainer->state.step); }

// Returns the factor, at most 1, that scales the gradient's norm down to clip_norm (torch.nn.utils.clip_grad_norm_).
static float gradient_scale(const Trainer *trainer) {
    const Network *network = &trainer->model.network;
    double most = trainer->config->train.clip_norm;
    if (!(most > 0)) return 1;
    double scale = most / (sqrt(kernels->sum_squares(network->n_slab, network->grads)) + 1e-6);
    return scale < 1 ? (float)scale : 1;
}

void trainer_update(Trainer *trainer, double rate) {
    const Network *network = &trainer->model.network;
    model_forget(&trainer->model);
    optimizer_update(&trainer->optimizer, rate, gradient_scale(trainer), network->grads, network->params);
    train_state_count_update(&trainer->state, trainer->config, network->vocab);
}

void trainer_preview_update(const Trainer *trainer, double rate, Optimizer *scratch, float *update) {
    const Network *network = &trainer->model.network;
    optimizer_preview(&trainer->optimizer, scratch, rate, gradient_scale(trainer), network->grads, network->params,
                      update);
}

bool trainer_measure(const Trainer *trainer, double *train_loss, double *dev_loss, Error *err) {
    const bool has_dev = trainer->dev.total > 0;
    *train_loss = trainer_evaluate(trainer, &trainer->train);
    *dev_loss = has_dev ? trainer_evaluate(trainer, &trainer->dev) : (double)NAN;
    // Counts without smoothing give examples that they never saw an infinite loss.
    const bool is_finite = isfinite(*train_loss) && (!has_dev || isfinite(*dev_loss));
    return is_finite || trainer->model.is_ngram || trainer_not_finite(trainer, "the loss", err);
}

bool trainer_not_finite(const Trainer *trainer, const char *what, Error *err) {
    const Network *network = &trainer->model.network;
    const Tensor *tensor = network_find_not_finite(network, true);
    if (!tensor) tensor = network_find_not_finite(network, false);
    size_t i = network->n_layers;
    for (size_t l = 0; trainer->batch > 0 && i == network->n_layers && l < trainer->lanes.n; l++)
        i = network_find_not_finite_layer(&trainer->lanes.models[l]->network);
    char cause[2 * TENSOR_NAME_BYTES] = "the logits are too far apart", place[LAYER_PLACE_BYTES];
    if (tensor)
        snprintf(cause, sizeof cause, "%s has overflowed", tensor->name);
    else if (i < network->n_layers)
        snprintf(cause, sizeof cause, "the output of %s (%s) overflows", layer_place(&network->layers[i], place),
                 network->layers[i].type->record.name);
    return error_set(err, "step %llu: %s is not finite, because %s; a lower train.lr or smaller initial weights help",
                     (unsigned long long)trainer->state.step, what, cause);
}

bool trainer_step(Trainer *trainer, double *loss, Error *err) {
    *loss = trainer_backward(trainer);
    if (!isfinite(*loss)) return trainer_not_finite(trainer, "the loss", err);
    trainer_update(trainer, trainer_rate(trainer));
    return true;
}

bool trainer_check_finite(const Trainer *trainer, Error *err) {
    const Optimizer *optimizer = &trainer->optimizer;
    if (trainer->model.is_ngram) return true;
    if (network_find_not_finite(&trainer->model.network, false)) return trainer_not_finite(trainer, "the model", err);
    size_t slab = optimizer_find_not_finite(optimizer);
    return slab == optimizer->plan.n_slabs ||
           error_set(err,
                     "step %llu: the optimizer's %s is not finite, because gradients are too large; a lower train.lr, "
                     "smaller initial weights or train.clip_norm help",
                     (unsigned long long)trainer->state.step, optimizer->plan.slabs[slab]);
}
