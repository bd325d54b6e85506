#include "nn/value.h"

#include <math.h>

bool tape_create(Tape *tape, size_t capacity, Arena *arena, Error *err) {
    *tape = (Tape){.capacity = capacity < UINT32_MAX ? capacity : UINT32_MAX};
    if (capacity > UINT32_MAX) return error_set(err, "the graph of all operations has more than %u nodes", UINT32_MAX);
    tape->nodes = arena_alloc(arena, capacity, sizeof *tape->nodes, err);
    return tape->nodes != NULL;
}

bool tape_is_whole(const Tape *tape) { return tape->n <= tape->capacity; }

static double compute(const Tape *tape, const ValueNode *node) {
    double a = tape->nodes[node->a].data, b = tape->nodes[node->b].data;
    switch (node->op) {
    case VALUE_LEAF: return node->data;
    case VALUE_ADD: return a + b;
    case VALUE_SUB: return a - b;
    case VALUE_MUL: return a * b;
    case VALUE_DIV: return a / b;
    case VALUE_EXP: return exp(a);
    case VALUE_LOG: return log(a);
    case VALUE_TANH: return tanh(a);
    case VALUE_POWER: return pow(a, node->constant);
    case VALUE_RELU: return a > 0 ? a : 0;
    }
    return NAN;
}

static Value record(Tape *tape, ValueNode node) {
    Value value = {(uint32_t)tape->n};
    if (tape->n < tape->capacity) {
        tape->nodes[tape->n] = node;
        tape->nodes[tape->n].data = compute(tape, &node);
    } else {
        value.node = 0;
    }
    tape->n++;
    return value;
}

Value value_leaf(Tape *tape, double data) { return record(tape, (ValueNode){.op = VALUE_LEAF, .data = data}); }
Value value_add(Tape *tape, Value a, Value b) {
    return record(tape, (ValueNode){.op = VALUE_ADD, .a = a.node, .b = b.node});
}
Value value_sub(Tape *tape, Value a, Value b) {
    return record(tape, (ValueNode){.op = VALUE_SUB, .a = a.node, .b = b.node});
}
Value value_mul(Tape *tape, Value a, Value b) {
    return record(tape, (ValueNode){.op = VALUE_MUL, .a = a.node, .b = b.node});
}
Value value_div(Tape *tape, Value a, Value b) {
    return record(tape, (ValueNode){.op = VALUE_DIV, .a = a.node, .b = b.node});
}
Value value_exp(Tape *tape, Value a) { return record(tape, (ValueNode){.op = VALUE_EXP, .a = a.node}); }
Value value_log(Tape *tape, Value a) { return record(tape, (ValueNode){.op = VALUE_LOG, .a = a.node}); }
Value value_tanh(Tape *tape, Value a) { return record(tape, (ValueNode){.op = VALUE_TANH, .a = a.node}); }
Value value_relu(Tape *tape, Value a) { return record(tape, (ValueNode){.op = VALUE_RELU, .a = a.node}); }
Value value_power(Tape *tape, Value a, double exponent) {
    return record(tape, (ValueNode){.op = VALUE_POWER, .a = a.node, .constant = exponent});
}

Value value_sum(Tape *tape, const Value *x, size_t n) {
    Value sum = x[0];
    for (size_t i = 1; i < n; i++) sum = value_add(tape, sum, x[i]);
    return sum;
}

double value_data(const Tape *tape, Value a) { return tape->nodes ? tape->nodes[a.node].data : 0; }

double value_grad(const Tape *tape, Value a) { return tape->nodes[a.node].grad; }

void value_set(Tape *tape, Value leaf, double data) { tape->nodes[leaf.node].data = data; }

// y_i = x_i - m, m their largest.
static void subtract_max(Tape *tape, const Value *x, size_t n, Value *y) {
    double largest = -INFINITY;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, value_data(tape, x[i]));
    Value m = value_leaf(tape, largest);
    for (size_t i = 0; i < n; i++) y[i] = value_sub(tape, x[i], m);
}

static Value sum_exp(Tape *tape, const Value *x, size_t n) {
    Value sum = value_exp(tape, x[0]);
    for (size_t i = 1; i < n; i++) sum = value_add(tape, sum, value_exp(tape, x[i]));
    return sum;
}

void value_log_softmax(Tape *tape, const Value *x, size_t n, Value *y) {
    subtract_max(tape, x, n, y);
    Value log_sum = value_log(tape, sum_exp(tape, y, n));
    for (size_t i = 0; i < n; i++) y[i] = value_sub(tape, y[i], log_sum);
}

void value_softmax(Tape *tape, const Value *x, size_t n, Value *y) {
    subtract_max(tape, x, n, y);
    for (size_t i = 0; i < n; i++) y[i] = value_exp(tape, y[i]);
    Value sum = value_sum(tape, y, n);
    for (size_t i = 0; i < n; i++) y[i] = value_div(tape, y[i], sum);
}

Value value_cross_entropy(Tape *tape, const Value *x, size_t b, size_t n, const int32_t *targets, Value *scratch) {
    Value sum = value_leaf(tape, 0);
    for (size_t i = 0; i < b; i++) {
        value_log_softmax(tape, x + i * n, n, scratch);
        sum = value_sub(tape, sum, scratch[targets[i]]);
    }
    return value_div(tape, sum, value_leaf(tape, (double)b));
}

uint64_t tape_forward(Tape *tape) {
    uint64_t sides = 0;
    for (size_t i = 0; i < tape->n; i++) {
        ValueNode *node = &tape->nodes[i];
        node->data = compute(tape, node);
        if (node->op == VALUE_RELU) sides = (sides ^ (node->data > 0)) * 0x9E3779B97F4A7C15u + 1;
    }
    return sides;
}

// The derivatives of a node by its operands; that by b stays 0 where there is none.
static void slopes(const ValueNode *node, double a, double b, double *by_a, double *by_b) {
    *by_a = *by_b = 0;
    switch (node->op) {
    case VALUE_LEAF: return;
    case VALUE_ADD: *by_a = *by_b = 1; return;
    case VALUE_SUB:
        *by_a = 1;
        *by_b = -1;
        return;
    case VALUE_MUL:
        *by_a = b;
        *by_b = a;
        return;
    case VALUE_DIV:
        *by_a = 1 / b;
        *by_b = -node->data / b;
        return;
    case VALUE_EXP: *by_a = node->data; return;
    case VALUE_LOG: *by_a = 1 / a; return;
    case VALUE_TANH: *by_a = 1 - node->data * node->data; return;
    case VALUE_POWER: *by_a = node->constant * pow(a, node->constant - 1); return;
    case VALUE_RELU: *by_a = a > 0; return;
    }
}

static bool has_two_operands(ValueOp op) { return op >= VALUE_ADD && op <= VALUE_DIV; }

// The chain rule, one operation at a time; with `sizes` every derivative counts by its size.
static void run_backward(Tape *tape, Value root, bool sizes) {
    for (size_t i = 0; i < tape->n; i++) tape->nodes[i].grad = 0;
    tape->nodes[root.node].grad = 1;
    for (size_t i = tape->n; i-- > 0;) {
        const ValueNode *node = &tape->nodes[i];
        if (node->op == VALUE_LEAF) continue;
        ValueNode *a = &tape->nodes[node->a], *b = &tape->nodes[node->b];
        double by_a, by_b, g = node->grad;
        slopes(node, a->data, b->data, &by_a, &by_b);
        a->grad += g * (sizes ? fabs(by_a) : by_a);
        if (has_two_operands(node->op)) b->grad += g * (sizes ? fabs(by_b) : by_b);
    }
}

void tape_backward(Tape *tape, Value root) { run_backward(tape, root, false); }

void tape_backward_sizes(Tape *tape, Value root) { run_backward(tape, root, true); }
