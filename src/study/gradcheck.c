#include "study/gradcheck.h"

#include "nn/value.h"

#include <math.h>
#include <string.h>

static const double STEP = 1e-5; // of central differences: about the cube root of double's precision

// About thirty times float32's rounding error. It matters if paths cancel, as all paths through batch norm to a bias
// before it do: such a gradient is 0 except for rounding, which is proportional to the terms that cancel.
static const double ROUNDING = 2e-6;

// The network, its minibatch and its loss on a tape.
typedef struct Graph {
    Tape tape;
    Value **tensors; // a leaf for each number of each tensor
    Value *x, *y;    // a layer's input and output, swapped after each layer
    Value *scratch;  // (vocab)
    Value loss;
} Graph;

static size_t widest(const Network *network) {
    size_t floats = network->context;
    for (size_t i = 0; i < network->n_layers; i++) {
        Shape out = network->layers[i].plan.out;
        if (out.t * out.c > floats) floats = out.t * out.c;
    }
    return floats;
}

static bool create_graph(Graph *graph, const Network *network, size_t b, Arena *arena, Error *err) {
    *graph = (Graph){.tensors = arena_alloc(arena, network->n_tensors, sizeof *graph->tensors, err)};
    if (!graph->tensors) return false;
    for (size_t i = 0; i < network->n_tensors; i++) {
        graph->tensors[i] = arena_alloc(arena, network->tensors[i].n, sizeof(Value), err);
        if (!graph->tensors[i]) return false;
    }
    graph->x = arena_alloc(arena, size_mul(b, widest(network)), sizeof(Value), err);
    graph->y = arena_alloc(arena, size_mul(b, widest(network)), sizeof(Value), err);
    graph->scratch = arena_alloc(arena, network->vocab, sizeof(Value), err);
    return graph->x && graph->y && graph->scratch;
}

static void add_layer(Graph *graph, const Network *network, const Layer *layer, size_t b) {
    if (layer->plan.is_view) return;
    ScalarCall call = {
        .tape = &graph->tape,
        .config = layer->config,
        .b = b,
        .in = layer->plan.in,
        .out = layer->plan.out,
        .ids = network->ids,
        .x = graph->x,
        .y = graph->y,
    };
    for (size_t k = 0; k < layer->plan.n_tensors; k++) call.tensors[k] = graph->tensors[layer->first_tensor + k];
    layer->type->scalar(&call);
    Value *swap = graph->x;
    graph->x = graph->y;
    graph->y = swap;
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
            sum = value_add(tape, sum, value_power(tape, graph->tensors[t][i], 2));
    Value factor = value_leaf(tape, lambda / (double)trainer->n_weights);
    return value_add(tape, loss, value_mul(tape, factor, sum));
}

// Records the forward pass and the loss; graph->x then holds the logits.
static void build(Graph *graph, const Trainer *trainer, size_t b) {
    const Network *network = &trainer->model.network;
    for (size_t t = 0; t < network->n_tensors; t++)
        for (size_t i = 0; i < network->tensors[t].n; i++)
            graph->tensors[t][i] = value_leaf(&graph->tape, (double)network->tensors[t].data[i]);
    for (size_t i = 0; i < network->n_layers; i++) add_layer(graph, network, &network->layers[i], b);
    Value loss =
        value_cross_entropy(&graph->tape, graph->x, b, network->vocab, trainer->minibatch.targets, graph->scratch);
    graph->loss = add_l2(graph, trainer, loss);
}

// A lower bound of the tape's bytes for b examples: a product and a sum per weight and position, four operations per
// logit in the loss. Refuses a hopeless batch before its nodes are counted, which takes as long as computing them.
static size_t least_bytes(const Network *network, size_t b) {
    size_t nodes = size_mul(network->vocab, 4);
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        for (size_t k = 0; k < layer->plan.n_tensors && !layer->type->takes_ids; k++)
            nodes = size_add(nodes, size_mul(2 * layer->plan.out.t, network->tensors[layer->first_tensor + k].n));
    }
    return size_mul(size_mul(nodes, b), sizeof(ValueNode) + sizeof(Value));
}

static bool too_large(size_t b, Error *err) {
    return error_context(err, "the graph of %zu examples; try a smaller --batch", b);
}

// Builds the graph twice: first only to count its nodes.
static bool create_tape(Graph *graph, const Trainer *trainer, size_t b, Arena *arena, Error *err) {
    build(graph, trainer, b);
    if (!tape_create(&graph->tape, graph->tape.n, arena, err)) return too_large(b, err);
    build(graph, trainer, b);
    return true;
}

// NaN counts as the largest of all differences.
static void widen(Difference *difference, double a, double b, double largest) {
    double gap = fabs(a - b);
    if (isnan(gap) || (!isnan(difference->absolute) && gap > difference->absolute)) difference->absolute = gap;
    difference->relative = largest > 0 || isnan(difference->absolute) ? difference->absolute / largest : 0;
}

// The k-th entry to compare: one at a random place in each of GRADCHECK_ENTRIES equal parts of the tensor.
static size_t entry_at(size_t k, size_t n, Rng *rng) {
    if (n <= GRADCHECK_ENTRIES) return k;
    return (size_t)(((double)k + rng_double(rng)) * (double)n / GRADCHECK_ENTRIES);
}

// Compares `grads` (n) with the tape's gradient by `leaves` (n) and with central differences of `root`.
static void compare(GradcheckRow *row, Tape *tape, Value root, const Value *leaves, const float *grads, size_t n) {
    double largest = 0;
    Rng rng;
    rng_seed(&rng, 0);
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)grads[i]));
    for (size_t i = 0; i < n; i++) widen(&row->autograd, (double)grads[i], value_grad(tape, leaves[i]), largest);
    row->n_entries = n < GRADCHECK_ENTRIES ? n : GRADCHECK_ENTRIES;
    for (size_t k = 0; k < row->n_entries; k++) {
        size_t i = entry_at(k, n, &rng);
        double at = value_data(tape, leaves[i]);
        value_set(tape, leaves[i], at + STEP);
        uint64_t sides = tape_forward(tape);
        double above = value_data(tape, root);
        value_set(tape, leaves[i], at - STEP);
        bool crosses = tape_forward(tape) != sides;
        double below = value_data(tape, root);
        value_set(tape, leaves[i], at);
        row->n_skipped += crosses;
        if (!crosses) widen(&row->central, (double)grads[i], (above - below) / (2 * STEP), largest);
    }
    tape_forward(tape);
    row->tolerance = 1e-6 + 1e-4 * largest + ROUNDING * row->size;
    row->is_ok =
        isfinite(row->tolerance) && row->autograd.absolute <= row->tolerance && row->central.absolute <= row->tolerance;
}

// Compares the logits' gradient with that of a tape of the loss alone, whose leaves are the logits.
static bool compare_logits(GradcheckRow *row, const Graph *graph, const Trainer *trainer, size_t b, Arena *arena,
                           Error *err) {
    const Network *network = &trainer->model.network;
    size_t n = b * network->vocab;
    Value *leaves = arena_alloc(arena, n, sizeof *leaves, err);
    Tape tape = {0};
    Value loss = {0};
    *row = (GradcheckRow){.name = "logits", .n_dims = 2, .dims = {b, network->vocab}};
    if (!leaves) return false;
    for (int pass = 0; pass < 2; pass++) { // the first counts the nodes
        if (pass == 1 && !tape_create(&tape, tape.n, arena, err)) return false;
        for (size_t i = 0; i < n; i++) leaves[i] = value_leaf(&tape, value_data(&graph->tape, graph->x[i]));
        loss = value_cross_entropy(&tape, leaves, b, network->vocab, trainer->minibatch.targets, graph->scratch);
    }
    tape_backward(&tape, loss);
    compare(row, &tape, loss, leaves, network_logit_grads(network), n);
    return true;
}

// Adds the row of tensor t; the tape holds the result of tape_backward_sizes.
static void add_row(GradcheckReport *report, const Network *network, size_t t, const Graph *graph) {
    const Tensor *tensor = &network->tensors[t];
    GradcheckRow *row = &report->rows[report->n_rows++];
    *row = (GradcheckRow){.name = tensor->name, .n_dims = tensor->plan->n_dims};
    memcpy(row->dims, tensor->plan->dims, sizeof row->dims);
    for (size_t i = 0; i < tensor->n; i++) row->size = fmax(row->size, value_grad(&graph->tape, graph->tensors[t][i]));
}

bool gradcheck(Trainer *trainer, GradcheckReport *report, Arena *arena, Error *err) {
    const Network *network = &trainer->model.network;
    size_t b = (size_t)trainer->config->train.batch_size;
    Arena scratch = {0};
    Graph graph;
    *report = (GradcheckReport){.is_ok = true};
    report->rows = arena_alloc(arena, network->n_tensors + 1, sizeof *report->rows, err);
    if (!memory_fits(least_bytes(network, b), err)) return too_large(b, err);
    report->loss = trainer_backward(trainer);
    if (!isfinite(report->loss)) return trainer_not_finite(trainer, "the loss", err);
    bool ok = report->rows && create_graph(&graph, network, b, &scratch, err) &&
              create_tape(&graph, trainer, b, &scratch, err);
    if (ok) {
        report->n_nodes = graph.tape.n;
        report->scalar_loss = value_data(&graph.tape, graph.loss);
        tape_backward_sizes(&graph.tape, graph.loss);
    }
    for (size_t t = 0; ok && t < network->n_tensors; t++)
        if (network->tensors[t].grad) add_row(report, network, t, &graph);
    if (ok) tape_backward(&graph.tape, graph.loss);
    for (size_t t = 0, row = 0; ok && t < network->n_tensors; t++) {
        const Tensor *tensor = &network->tensors[t];
        if (tensor->grad)
            compare(&report->rows[row++], &graph.tape, graph.loss, graph.tensors[t], tensor->grad, tensor->n);
    }
    ok = ok && compare_logits(&report->rows[report->n_rows++], &graph, trainer, b, &scratch, err);
    for (size_t i = 0; ok && i < report->n_rows; i++) report->is_ok = report->is_ok && report->rows[i].is_ok;
    arena_free(&scratch);
    return ok;
}
