#include "train/lanes.h"

#include "kernels/threads.h"

#include <string.h>

static bool check_layers(const Network *network, size_t n_shards, Error *err) {
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        char place[LAYER_PLACE_BYTES];
        if (n_shards > 1 && layer->type->mixes_rows)
            return error_set(err, "train.shards: expected 1, because %s (%s) needs the whole batch; found %zu",
                             layer_place(layer, place), layer->type->record.name, n_shards);
    }
    return true;
}

// Makes arrays for the gradients of this process's shards. Without other processes, the network's own array is the
// first.
static bool create_grads(Lanes *lanes, Network *network, World world, Arena *arena, Error *err) {
    const size_t n = lanes->own.end - lanes->own.first;
    lanes->seeds = arena_alloc(arena, lanes->n_shards, sizeof *lanes->seeds, err);
    lanes->losses = arena_alloc(arena, lanes->n_shards, sizeof *lanes->losses, err);
    lanes->grads = arena_alloc(arena, n, sizeof *lanes->grads, err);
    if (!lanes->seeds || !lanes->losses || !lanes->grads ||
        !shard_sum_create(&lanes->sum, world, lanes->n_shards, network->n_slab, arena, err))
        return false;
    const size_t floats = shard_sum_floats(&lanes->sum);
    for (size_t i = 0; i < n; i++) {
        bool is_network = i == 0 && world.size == 1;
        lanes->grads[i] = is_network ? network->grads : arena_alloc(arena, floats, sizeof **lanes->grads, err);
        if (!lanes->grads[i]) return false;
    }
    network_use_grads(network, lanes->grads[0]);
    return true;
}

bool lanes_create(Lanes *lanes, Model *model, const ModelConfig *config, NetworkUse use, World world, size_t n_shards,
                  Arena *arena, Error *err) {
    const ShardSpan own = shards_own(world, n_shards);
    const size_t n = own.end - own.first, threads = model->is_ngram ? 1 : kernels_threads();
    *lanes = (Lanes){.n_shards = n_shards, .own = own, .n = n < threads ? n : threads};
    for (size_t i = 0; i < model->network.n_layers; i++) lanes->draws |= model->network.layers[i].type->draws;
    lanes->items = arena_alloc(arena, lanes->n, sizeof *lanes->items, err);
    lanes->models = arena_alloc(arena, lanes->n, sizeof *lanes->models, err);
    if (!lanes->items || !lanes->models) return false;
    use.shares = &model->network;
    for (size_t i = 0; i < lanes->n; i++) {
        Model *own_model = i == 0 ? model : arena_alloc(arena, 1, sizeof *model, err);
        lanes->items[i].model = lanes->models[i] = own_model;
        if (!own_model || (i > 0 && !model_create(own_model, config, model->vocab, use, arena, err))) return false;
    }
    return model->is_ngram ||
           (check_layers(&model->network, n_shards, err) && create_grads(lanes, &model->network, world, arena, err));
}

typedef struct Step {
    Lanes *lanes;
    LaneWork *work;
    const void *context;
    Rng *rng;
} Step;

static void compute_shard(const Step *step, Lane *lane, size_t shard) {
    Lanes *lanes = step->lanes;
    Network *network = &lane->model->network;
    Rng rng;
    network_use_grads(network, lanes->grads[shard - lanes->own.first]);
    network_zero_grads(network);
    if (lanes->draws && lanes->n_shards > 1) rng_seed(&rng, lanes->seeds[shard]);
    lanes->losses[shard] = step->work(step->context, lane, shard, lanes->n_shards > 1 ? &rng : step->rng);
}

// Computes the shards of lanes begin to end - 1.
static void compute_lanes(void *context, size_t begin, size_t end) {
    const Step *step = context;
    const Lanes *lanes = step->lanes;
    const size_t first = lanes->own.first, n = lanes->own.end - first;
    for (size_t l = begin; l < end; l++)
        for (size_t i = piece_begin(n, l, lanes->n); i < piece_begin(n, l + 1, lanes->n); i++)
            compute_shard(step, &lanes->items[l], first + i);
}

double lanes_backward(Lanes *lanes, LaneWork *work, const void *context, Rng *rng) {
    Step step = {lanes, work, context, rng};
    memset(lanes->losses, 0, lanes->n_shards * sizeof *lanes->losses);
    for (size_t s = 0; lanes->draws && lanes->n_shards > 1 && s < lanes->n_shards; s++) lanes->seeds[s] = rng_u64(rng);
    kernels_run(lanes->n, compute_lanes, &step);
    shard_sum_add(&lanes->sum, lanes->grads);
    network_use_grads(&lanes->models[0]->network, lanes->grads[0]);
    return shards_add_numbers(lanes->sum.world, lanes->n_shards, lanes->losses);
}
