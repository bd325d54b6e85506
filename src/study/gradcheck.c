#include "study/gradcheck.h"

#include "nn/value.h"

#include <math.h>
#include <string.h>

enum { LEAST_ENTRIES = 4, MOST_ENTRIES = 256 };
static const double DIFFERENCE_NODES = 1e9; // computed for central differences: some four seconds

static const double STEP = 1e-5; // of central differences: about the cube root of double's precision

// About thirty times float32's rounding error. It matters if paths cancel, as all paths through batch norm to a bias
// before it do: such a gradient is 0 except for rounding, which is proportional to the terms that cancel.
static const double ROUNDING = 2e-6;

// The leaves of a tensor or, to check the logits' gradient, a shift of 0 that is added to each logit.
typedef struct Leaves {
    size_t n;
    const float *data, *grads; // (n); data is NULL for the shifts, grads for buffers
    Value *values;             // (n)
    GradcheckRow *row;         // NULL for buffers
} Leaves;

// The network, its minibatch and its loss on a tape.
typedef struct Graph {
    Tape tape;
    Leaves *leaves; // one per tensor, then the logits
    Value **y;      // (n_layers) each layer's output
    Value *scratch; // of one layer or of the loss
    Value loss;
} Graph;

static size_t scratch_values(const Network *network) {
    size_t n = network->vocab;
    for (size_t i = 0; i < network->n_layers; i++) {
        const LayerPlan *plan = &network->layers[i].plan;
        size_t positions = size_mul(network->n, network->reads_names ? 1 : plan->in.t);
        size_t own = size_add(plan->scratch_floats, size_mul(positions, plan->scratch_row_floats));
        if (own > n) n = own;
    }
    return n;
}

static bool create_graph(Graph *graph, const Network *network, size_t b, GradcheckReport *report, Arena *arena,
                         Error *err) {
    *graph = (Graph){.leaves = arena_alloc(arena, network->n_tensors + 1, sizeof *graph->leaves, err)};
    if (!graph->leaves) return false;
    Leaves *leaves = graph->leaves;
    for (const Tensor *tensor = network->tensors; tensor < network->tensors + network->n_tensors; tensor++) {
        *leaves = (Leaves){.n = tensor->n, .data = tensor->data, .grads = tensor->grad};
        if (tensor->grad) {
            leaves->row = &report->rows[report->n_rows++];
            *leaves->row = (GradcheckRow){.name = tensor->name, .n_dims = tensor->plan->n_dims};
            memcpy(leaves->row->dims, tensor->plan->dims, sizeof leaves->row->dims);
        }
        leaves++;
    }
    *leaves = (Leaves){.n = b * network->vocab, .grads = network_logit_grads(network)};
    leaves->row = &report->rows[report->n_rows++];
    *leaves->row = (GradcheckRow){.name = "logits", .n_dims = 2, .dims = {b, network->vocab}};
    for (size_t t = 0; t <= network->n_tensors; t++) {
        graph->leaves[t].values = arena_alloc(arena, graph->leaves[t].n, sizeof(Value), err);
        if (!graph->leaves[t].values) return false;
    }
    graph->y = arena_alloc(arena, network->n_layers, sizeof *graph->y, err);
    for (size_t i = 0; graph->y && i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        size_t n = size_mul(b, network_row_floats(network, layer->plan.out));
        graph->y[i] = layer->plan.is_view ? graph->y[layer->input] : arena_alloc(arena, n, sizeof(Value), err);
        if (!graph->y[i]) return false;
    }
    graph->scratch = arena_alloc(arena, scratch_values(network), sizeof(Value), err);
    return graph->y && graph->scratch;
}

static void add_layer(Graph *graph, const Network *network, size_t i) {
    const Layer *layer = &network->layers[i];
    if (layer->plan.is_view) return;
    size_t last = layer->first_inner < i ? i - 1 : layer->input;
    ScalarCall call = {
        .tape = &graph->tape,
        .config = layer->config,
        .b = network->n,
        .in = layer->plan.in,
        .out = layer->plan.out,
        .context = network->context,
        .ids = network->ids,
        .x = i > 0 ? graph->y[last] : NULL,
        .y = graph->y[i],
        .skip = i > 0 ? graph->y[layer->input] : NULL,
        .rows = &network->rows,
        .row_cache = layer->row_cache,
        .scratch = graph->scratch,
    };
    if (network->reads_names) call.in.t = call.out.t = 1;
    for (size_t k = 0; k < layer->plan.n_tensors; k++) call.tensors[k] = graph->leaves[layer->first_tensor + k].values;
    layer->type->scalar(&call);
}

// lambda mean(W^2), as the trainer adds it.
static Value add_l2(Graph *graph, const Trainer *trainer, Value loss) {
    const Network *network = &trainer->model.network;
    double lambda = trainer->config->train.l2_mean;
    if (!(lambda > 0)) return loss;
    Tape *tape = &graph->tape;
    Value sum = value_leaf(tape, 0);
    for (size_t t = 0; t < network->n_tensors; t++)
        for (size_t i = 0; i < network->tensors[t].n && network->tensors[t].plan->role == TENSOR_WEIGHT; i++)
            sum = value_add(tape, sum, value_power(tape, graph->leaves[t].values[i], 2));
    Value factor = value_leaf(tape, lambda / (double)trainer->n_weights);
    return value_add(tape, loss, value_mul(tape, factor, sum));
}

static void build(Graph *graph, const Trainer *trainer) {
    const Network *network = &trainer->model.network;
    const Leaves *logits = &graph->leaves[network->n_tensors];
    for (const Leaves *leaves = graph->leaves; leaves <= logits; leaves++)
        for (size_t i = 0; i < leaves->n; i++)
            leaves->values[i] = value_leaf(&graph->tape, leaves->data ? (double)leaves->data[i] : 0);
    for (size_t i = 0; i < network->n_layers; i++) add_layer(graph, network, i);
    Value *y = graph->y[network->n_layers - 1];
    for (size_t i = 0; i < logits->n; i++) y[i] = value_add(&graph->tape, y[i], logits->values[i]);
    Value loss = value_cross_entropy(&graph->tape, y, network->n, network->vocab,
                                     trainer->lanes.items->minibatch.targets, graph->scratch);
    graph->loss = add_l2(graph, trainer, loss);
}

// Builds the graph twice: first only to count its nodes.
static bool create_tape(Graph *graph, const Trainer *trainer, Arena *arena, Error *err) {
    build(graph, trainer);
    if (!tape_create(&graph->tape, graph->tape.n, arena, err))
        return error_context(err, "the graph of %zu examples; try a smaller --batch", trainer->batch);
    build(graph, trainer);
    return true;
}

// NaN counts as the largest of all differences.
static void widen(Difference *difference, double a, double b, double largest) {
    double gap = fabs(a - b);
    if (isnan(gap) || (!isnan(difference->absolute) && gap > difference->absolute)) difference->absolute = gap;
    difference->relative = largest > 0 || isnan(difference->absolute) ? difference->absolute / largest : 0;
}

// Entries per tensor to compare with central differences: fewer for a larger tape, which a difference computes twice.
static size_t choose_entries(const Tape *tape, size_t n_tensors) {
    double n = DIFFERENCE_NODES / (2 * (double)tape->n * (double)n_tensors);
    return n < LEAST_ENTRIES ? LEAST_ENTRIES : n < MOST_ENTRIES ? (size_t)n : MOST_ENTRIES;
}

// Compares the trainer's gradients with the tape's, and `most` of them at most with central differences of `root`.
static void compare(const Leaves *leaves, Tape *tape, Value root, size_t most) {
    GradcheckRow *row = leaves->row;
    const float *grads = leaves->grads;
    size_t n = leaves->n;
    double largest = 0;
    Rng rng;
    rng_seed(&rng, 0);
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)grads[i]));
    for (size_t i = 0; i < n; i++)
        widen(&row->autograd, (double)grads[i], value_grad(tape, leaves->values[i]), largest);
    row->n_entries = n < most ? n : most;
    for (size_t k = 0; k < row->n_entries; k++) {
        // One entry at a random place in each of `most` equal parts, if there are more.
        size_t i = n <= most ? k : (size_t)(((double)k + rng_double(&rng)) * (double)n / (double)most);
        Value leaf = leaves->values[i];
        double at = value_data(tape, leaf);
        value_set(tape, leaf, at + STEP);
        uint64_t sides = tape_forward(tape);
        double above = value_data(tape, root);
        value_set(tape, leaf, at - STEP);
        bool crosses = tape_forward(tape) != sides;
        double below = value_data(tape, root);
        value_set(tape, leaf, at);
        row->n_skipped += crosses;
        if (!crosses) widen(&row->central, (double)grads[i], (above - below) / (2 * STEP), largest);
    }
    row->tolerance = 1e-6 + 1e-4 * largest + ROUNDING * row->size;
    row->is_ok =
        isfinite(row->tolerance) && row->autograd.absolute <= row->tolerance && row->central.absolute <= row->tolerance;
}

static void check(GradcheckReport *report, Graph *graph, size_t n_tensors) {
    Tape *tape = &graph->tape;
    size_t most = choose_entries(tape, report->n_rows);
    report->n_nodes = tape->n;
    report->scalar_loss = value_data(tape, graph->loss);
    tape_backward_sizes(tape, graph->loss);
    for (const Leaves *leaves = graph->leaves; leaves <= graph->leaves + n_tensors; leaves++)
        for (size_t i = 0; leaves->row && i < leaves->n; i++)
            leaves->row->size = fmax(leaves->row->size, value_grad(tape, leaves->values[i]));
    tape_backward(tape, graph->loss);
    for (const Leaves *leaves = graph->leaves; leaves <= graph->leaves + n_tensors; leaves++) {
        if (!leaves->row) continue;
        compare(leaves, tape, graph->loss, most);
        report->is_ok = report->is_ok && leaves->row->is_ok;
    }
}

bool gradcheck(Trainer *trainer, GradcheckReport *report, Arena *arena, Error *err) {
    const Network *network = &trainer->model.network;
    Arena scratch = {0};
    Graph graph;
    *report = (GradcheckReport){.is_ok = true};
    report->rows = arena_alloc(arena, network->n_tensors + 1, sizeof *report->rows, err);
    if (!report->rows) return false;
    report->loss = trainer_backward(trainer);
    if (!isfinite(report->loss)) return trainer_not_finite(trainer, "the loss", err);
    bool ok =
        create_graph(&graph, network, network->n, report, &scratch, err) && create_tape(&graph, trainer, &scratch, err);
    if (ok) check(report, &graph, network->n_tensors);
    arena_free(&scratch);
    return ok;
}
