#include "nn/network.h"

#include "nn/layers/embedding_linear.h"
#include "nn/layers/window.h"

#include <math.h>
#include <string.h>

// Returns true if the tensor is a table that one torch.randn draws together with the tensor after it.
static bool takes_row(const Network *network, size_t k, RandomUse use) {
    if (use != RANDOM_MAKEMORE || k + 1 == network->n_tensors) return false;
    const TensorPlan *plan = network->tensors[k].plan, *next = network->tensors[k + 1].plan;
    const Init a = plan->init, b = next->init;
    return plan->is_table && next->adds_row && plan->dims[1] == next->dims[0] && a.kind == INIT_NORMAL &&
           b.kind == INIT_NORMAL && a.value == b.value && a.mean == b.mean;
}

static void init_layer(const Network *network, size_t i, RandomUse use, Rng *rng) {
    const Layer *layer = &network->layers[i];
    bool by_symbol = layer->type->takes_ids || i + 1 == network->n_layers; // a table of ids, or the logits
    for (size_t k = layer->first_tensor; k < layer->first_tensor + layer->plan.n_tensors; k++) {
        const TensorPlan *plan = network->tensors[k].plan;
        bool is_matrix = plan->n_dims == 2 && !plan->is_table, has_row = takes_row(network, k, use);
        InitShape shape = {plan->dims[0] + has_row, plan->n_dims == 2 ? plan->dims[1] : 1, is_matrix, by_symbol};
        if (k > 0 && takes_row(network, k - 1, use)) continue;
        init_fill(plan->init, plan->fan_in, shape, use, rng, network->tensors[k].data);
    }
}

// microgpt draws the last layer before its blocks.
void network_init(Network *network, RandomUse use, Rng *rng) {
    size_t head = network->n_layers - 1, first_block = head;
    for (size_t i = 0; use == RANDOM_MICROGPT && i < head; i++) {
        size_t first_inner = network->layers[i].first_inner;
        if (first_inner < i && first_inner < first_block) first_block = first_inner;
    }
    for (size_t i = 0; i < first_block; i++) init_layer(network, i, use, rng);
    init_layer(network, head, use, rng);
    for (size_t i = first_block; i < head; i++) init_layer(network, i, use, rng);
}

// Rows of a layer's arrays per row of the pass: positions of a context, or 1.
static size_t positions(const Network *network, Shape shape) { return network->reads_names ? 1 : shape.t; }

// Returns a layer's output of the pass's first row.
static float *output_of(const Network *network, const Layer *layer, Mode mode) {
    if (mode == MODE_TRAINING) return layer->y;
    size_t first = layer->keeps_rows ? network->first : 0;
    return layer->evaluated + first * network_row_floats(network, layer->plan.out);
}

static LayerCall layer_call(Network *network, size_t i, Mode mode) {
    const Layer *layer = &network->layers[i];
    const LayerPlan *plan = &layer->plan;
    size_t in_t = positions(network, plan->in);
    LayerCall call = {
        .config = layer->config,
        .b = network->n,
        .in = {in_t, plan->in.c},
        .out = {positions(network, plan->out), plan->out.c},
        .context = network->context,
        .mode = mode,
        .rows = layer->type->needs_positions ? &network->rows : NULL,
        .rng = network->rng,
        .ids = layer->type->takes_ids ? network->ids : NULL,
        .y = output_of(network, layer, mode),
        .dy = layer->dy,
        .tensors = layer->data,
        .grads = layer->grads,
        .cache = layer->cache,
        .row_cache = layer->row_cache + network->first * in_t * plan->row_cache_floats,
        .scratch = network->scratch,
    };
    if (layer->input != NO_LAYER) {
        const Layer *input = &network->layers[layer->input], *last = layer->first_inner < i ? layer - 1 : input;
        call.x = output_of(network, last, mode);
        call.dx = last->dy;
        if (last != input) {
            call.skip = output_of(network, input, mode);
            call.dskip = input->dy;
        }
    }
    return call;
}

static size_t fused_rows(const Network *network) {
    return network->n * positions(network, network->layers[FUSED_LAYERS - 1].plan.out);
}

static const uint16_t *fused_ids(const Network *network) { return network->windows ? network->windows : network->ids; }

static void forward_fused(Network *network) {
    const EmbeddingLinear fused = embedding_linear_of(network);
    if (network->windows)
        window_ids(network->layers[1].config, &network->rows, network->ids, (uint16_t)network->vocab, network->windows);
    embedding_linear_forward(&fused, fused_rows(network), fused_ids(network), network->tables,
                             network->layers[FUSED_LAYERS - 1].y);
}

static void backward_fused(Network *network) {
    const EmbeddingLinear fused = embedding_linear_of(network);
    embedding_linear_backward(&fused, fused_rows(network), fused_ids(network), network->layers[FUSED_LAYERS - 1].dy,
                              network->tables);
}

// Sorts the rows of the pass by depth, rows of equal depth in their order.
static void find_levels(Network *network, size_t first, size_t n, const uint32_t *parents, const uint32_t *depths) {
    uint32_t *levels = network->levels, *order = network->order;
    size_t n_levels = 0;
    memset(levels, 0, (network->context + 1) * sizeof *levels);
    for (size_t r = first; r < first + n; r++) {
        levels[depths[r] + 1]++;
        if (depths[r] >= n_levels) n_levels = depths[r] + 1;
    }
    for (size_t l = 0; l < n_levels; l++) levels[l + 1] += levels[l];
    for (size_t r = first; r < first + n; r++) order[levels[depths[r]]++] = (uint32_t)r;
    for (size_t l = n_levels; l > 0; l--) levels[l] = levels[l - 1]; // each now counts to its level's end
    levels[0] = 0;
    network->rows = (Rows){first, n, parents, depths, n_levels, order, levels};
}

static void begin_pass(Network *network, NetworkInput input, Rng *rng) {
    const Prefixes *prefixes = input.prefixes;
    network->first = input.first;
    network->n = input.n;
    network->rng = rng;
    network->ids = prefixes ? prefixes->ids + input.first : input.ids;
    if (!network->needs_rows) return;
    if (prefixes)
        find_levels(network, input.first, input.n, prefixes->parents, prefixes->depths);
    else
        find_levels(network, 0, input.n * network->context, network->parents, network->depths);
}

// Runs the layers before layer n.
static void forward(Network *network, size_t n, NetworkInput input, Mode mode, Rng *rng) {
    bool is_fused = network->uses_tables && mode == MODE_TRAINING;
    begin_pass(network, input, rng);
    network->first_output = is_fused ? FUSED_LAYERS - 1 : 0;
    if (is_fused) forward_fused(network);
    for (size_t i = is_fused ? FUSED_LAYERS : 0; i < n; i++) {
        if (network->layers[i].plan.is_view) continue;
        LayerCall call = layer_call(network, i, mode);
        network->layers[i].type->forward(&call);
    }
}

const float *network_predict(Network *network, NetworkInput input) {
    forward(network, network->n_layers, input, MODE_EVALUATION, NULL);
    return output_of(network, &network->layers[network->n_layers - 1], MODE_EVALUATION);
}

const float *network_forward(Network *network, NetworkInput input, Rng *rng) {
    network->has_trained = true;
    forward(network, network->n_layers, input, MODE_TRAINING, rng);
    return network->layers[network->n_layers - 1].y;
}

const float *network_predict_input(Network *network, size_t i, NetworkInput input) {
    const Layer *layer = &network->layers[i];
    forward(network, i, input, MODE_EVALUATION, NULL);
    return output_of(network, &network->layers[layer->input], MODE_EVALUATION);
}

void network_calibrate(Network *network, size_t i, double n, const double *mean, const double *square) {
    LayerCall call = layer_call(network, i, MODE_EVALUATION);
    network->layers[i].type->calibrate(&call, n, mean, square);
}

void network_channel_map(Network *network, size_t i, double *factor, double *shift) {
    LayerCall call = layer_call(network, i, MODE_EVALUATION);
    network->layers[i].type->channel_map(&call, factor, shift);
}

float *network_logit_grads(const Network *network) { return network->layers[network->n_layers - 1].dy; }

static void backward_layer(Network *network, size_t i) {
    LayerCall call = layer_call(network, i, MODE_TRAINING);
    network->layers[i].type->backward(&call);
}

void network_backward(Network *network) {
    const Layer *layers = network->layers;
    for (size_t n = network->n_layers, i = n; i-- > (network->uses_tables ? FUSED_LAYERS : 0);) {
        if (layers[i].first_inner == i && !layers[i].plan.is_view) backward_layer(network, i);
        // A layer that holds layers comes after its first inner layer, the innermost first.
        for (size_t outer = i + 1; outer < n; outer++)
            if (layers[outer].first_inner == i) backward_layer(network, outer);
    }
    if (network->uses_tables) backward_fused(network);
}

void network_use_grads(Network *network, float *grads) {
    for (Layer *layer = network->layers; layer < network->layers + network->n_layers; layer++) {
        for (size_t k = 0; k < layer->plan.n_tensors; k++) {
            Tensor *tensor = &network->tensors[layer->first_tensor + k];
            if (tensor->grad) tensor->grad = layer->grads[k] = grads + (tensor->data - network->params);
        }
    }
    network->grads = grads;
}

void network_zero_grads(Network *network) { memset(network->grads, 0, network->n_slab * sizeof *network->grads); }

static bool all_finite(size_t n, const float *x) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

const Tensor *network_find_not_finite(const Network *network, bool trained) {
    for (size_t i = 0; i < network->n_tensors; i++) {
        const Tensor *tensor = &network->tensors[i];
        if (trained && tensor->plan->role == TENSOR_BUFFER) continue;
        if (!all_finite(tensor->n, tensor->data)) return tensor;
    }
    return NULL;
}

size_t network_find_not_finite_layer(const Network *network) {
    size_t i = network->first_output;
    while (i < network->n_layers &&
           all_finite(network->n * network_row_floats(network, network->layers[i].plan.out), network->layers[i].y))
        i++;
    return i;
}
