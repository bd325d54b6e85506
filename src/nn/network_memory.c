// network_lay_out: the memory of a network.
//
// Few arrays of activations are in use at a time, and small memory stays in the caches. So the gradients by the outputs
// share two arrays per depth of nesting: going back, a layer reads one and writes the other. Outputs in evaluation
// share two in the same way. Outputs in training are kept for the backward pass.
#include "kernels/kernels.h"
#include "nn/layers/embedding_linear.h"

typedef enum SlabKind { PARAMS, GRADS, BUFFERS, ACTIVATIONS, SCRATCH, N_SLABS } SlabKind;

// A run of floats that hands out its arrays in order, `take` from the next whole vector on. Without memory it only
// counts them.
typedef struct Slab {
    float *memory;
    size_t n;
} Slab;

static float *take_behind(Slab *slab, size_t n) {
    float *array = slab->memory ? slab->memory + slab->n : NULL;
    slab->n = size_add(slab->n, n);
    return array;
}

static float *take(Slab *slab, size_t n) {
    slab->n = whole_vectors(slab->n);
    return take_behind(slab, n);
}

// Two arrays per depth, for the layers of a list in turn.
typedef struct Pool {
    float *arrays[LAYER_MAX_DEPTH + 1][2];
    size_t turn[LAYER_MAX_DEPTH + 1];
} Pool;

static Pool take_pool(const Network *network, size_t rows, Slab *slab) {
    Pool pool = {0};
    size_t widest[LAYER_MAX_DEPTH + 1] = {0};
    for (const Layer *layer = network->layers; layer < network->layers + network->n_layers; layer++) {
        size_t floats = network_row_floats(network, layer->plan.out);
        if (floats > widest[layer->depth]) widest[layer->depth] = floats;
    }
    for (size_t depth = 0; depth <= LAYER_MAX_DEPTH; depth++)
        for (size_t k = 0; k < 2; k++) pool.arrays[depth][k] = take(slab, size_mul(rows, widest[depth]));
    return pool;
}

static float *next(Pool *pool, size_t depth) { return pool->arrays[depth][pool->turn[depth]++ % 2]; }

static bool holds_layers(const Network *network, size_t i) { return network->layers[i].first_inner < i; }

static float *take_tensor(Slab *slab, const Tensor *tensor) {
    return tensor->plan->adds_row ? take_behind(slab, tensor->n) : take(slab, tensor->n);
}

static void lay_out_tensors(Network *network, Layer *layer, Slab slabs[N_SLABS]) {
    for (size_t k = 0; k < layer->plan.n_tensors; k++) {
        Tensor *tensor = &network->tensors[layer->first_tensor + k];
        bool is_buffer = tensor->plan->role == TENSOR_BUFFER;
        tensor->data = take_tensor(&slabs[is_buffer ? BUFFERS : PARAMS], tensor);
        if (network->train_rows > 0 && !is_buffer) tensor->grad = take_tensor(&slabs[GRADS], tensor);
        layer->data[k] = tensor->data;
        layer->grads[k] = tensor->grad;
    }
}

// The gradient by the output of a layer that holds layers is that by the output of the last of them.
static void give_to_last(Network *network, size_t i) {
    const size_t first = network->layers[i].first_inner;
    for (size_t k = i - 1; k >= first;) {
        Layer *layer = &network->layers[k];
        layer->dy = network->layers[i].dy;
        if (!layer->plan.is_view && !holds_layers(network, k)) return;
        k = layer->plan.is_view ? layer->input : k - 1;
        if (k == NO_LAYER) return;
    }
}

// Each layer gets an array of its own if `pool` is NULL.
static void lay_out_gradients(Network *network, Pool *pool, Slab *slab) {
    for (size_t i = 0; i < network->n_layers; i++) {
        Layer *layer = &network->layers[i];
        size_t n = size_mul(network->train_rows, network_row_floats(network, layer->plan.out));
        bool is_last = i + 1 < network->n_layers && holds_layers(network, i + 1); // which gets the next layer's
        if (layer->plan.is_view)
            layer->dy = network->layers[layer->input].dy;
        else if (!is_last)
            layer->dy = pool ? next(pool, layer->depth) : take(slab, n);
        if (holds_layers(network, i)) give_to_last(network, i);
    }
}

// Sets keeps_rows of the last layer and of those whose output later rows of the same name read.
static void find_kept(Network *network) {
    Layer *layers = network->layers;
    layers[network->n_layers - 1].keeps_rows = network->reads_names;
    for (size_t i = 0; network->reads_names && i < network->n_layers; i++) {
        layers[i].keeps_rows |= layers[i].type->keeps_y;
        if (layers[i].type->keeps_x) layers[layers[i].input].keeps_rows = true;
    }
}

static void lay_out_outputs(Network *network, Pool *pool, Slab *slab) {
    for (size_t i = 0; i < network->n_layers; i++) {
        Layer *layer = &network->layers[i];
        const Layer *input = layer->plan.is_view ? &network->layers[layer->input] : NULL;
        size_t floats = network_row_floats(network, layer->plan.out);
        if (network->train_rows > 0) layer->y = input ? input->y : take(slab, size_mul(network->train_rows, floats));
        if (input)
            layer->evaluated = input->evaluated;
        else if (layer->keeps_rows)
            layer->evaluated = take(slab, size_mul(network->max_rows, floats));
        else
            layer->evaluated = pool ? next(pool, layer->depth) : layer->y;
    }
}

static void lay_out_caches(Network *network, Slab slabs[N_SLABS]) {
    size_t rows = network->train_rows > network->pass_rows ? network->train_rows : network->pass_rows;
    for (Layer *layer = network->layers; layer < network->layers + network->n_layers; layer++) {
        const LayerPlan *plan = &layer->plan;
        size_t positions = network->reads_names ? 1 : plan->in.t;
        layer->cache = take(&slabs[ACTIVATIONS], plan->cache_floats);
        layer->row_cache =
            take(&slabs[ACTIVATIONS], size_mul(size_mul(network->max_rows, positions), plan->row_cache_floats));
        size_t scratch = size_add(plan->scratch_floats, size_mul(size_mul(rows, positions), plan->scratch_row_floats));
        if (scratch > slabs[SCRATCH].n) slabs[SCRATCH].n = scratch;
    }
}

static void lay_out_fused(Network *network, Slab *slab) {
    const EmbeddingLinear fused = embedding_linear_of(network);
    network->tables = take(slab, size_mul(size_mul(fused.n, fused.symbols), fused.out));
}

static void lay_out(Network *network, bool may_share, Slab slabs[N_SLABS]) {
    const bool trains = network->train_rows > 0;
    Slab *activations = &slabs[ACTIVATIONS];
    for (size_t i = 0; i < network->n_layers; i++) lay_out_tensors(network, &network->layers[i], slabs);
    // A network that predicts after a context evaluates as many rows as it trains, in the same arrays.
    bool has_outputs = !trains || network->reads_names;
    Pool outputs = has_outputs ? take_pool(network, network->pass_rows, activations) : (Pool){0};
    lay_out_outputs(network, has_outputs ? &outputs : NULL, activations);
    Pool gradients = trains && may_share ? take_pool(network, network->train_rows, activations) : (Pool){0};
    if (trains) lay_out_gradients(network, may_share ? &gradients : NULL, activations);
    lay_out_caches(network, slabs);
    if (network->uses_tables) lay_out_fused(network, activations);
    for (size_t s = 0; s < N_SLABS; s++) slabs[s].n = whole_vectors(slabs[s].n);
}

// Lays the network out twice: to learn how much memory it takes, and in that memory.
bool network_lay_out(Network *network, bool may_share, const Network *shares, Arena *arena, Error *err) {
    Slab slabs[N_SLABS] = {0};
    float *const shared[N_SLABS] = {[PARAMS] = shares ? shares->params : NULL,
                                    [GRADS] = shares ? shares->grads : NULL,
                                    [BUFFERS] = shares ? shares->buffers : NULL};
    size_t n = 0;
    find_kept(network);
    lay_out(network, may_share, slabs);
    for (size_t s = 0; s < N_SLABS; s++)
        if (!shared[s]) n = size_add(n, slabs[s].n);
    float *memory = memory_fits(size_mul(n, sizeof *memory), err) ? arena_alloc(arena, n, sizeof *memory, err) : NULL;
    if (!memory) return false;
    for (size_t s = 0; s < N_SLABS; s++) {
        size_t slab_floats = shared[s] ? 0 : slabs[s].n;
        slabs[s] = (Slab){.memory = shared[s] ? shared[s] : memory};
        memory += slab_floats;
    }
    lay_out(network, may_share, slabs);
    network->n_slab = slabs[PARAMS].n;
    network->params = slabs[PARAMS].memory;
    network->grads = network->train_rows > 0 ? slabs[GRADS].memory : NULL;
    network->n_buffers = slabs[BUFFERS].n;
    network->buffers = slabs[BUFFERS].memory;
    network->scratch = slabs[SCRATCH].memory;
    return true;
}
