#include "nn/value.h"

#include <math.h>

bool tape_create(Tape *tape, size_t capacity, Arena *arena, Error *err) {
    *tape = (Tape){.capacity = capacity < UINT32_MAX ? capacity : UINT32_MAX};
    if (capacity > UINT32_MAX) return error_set(err, "the graph of all operations has more than %u nodes", UINT32_MAX);
    tape->nodes = arena_alloc(arena, capacity, sizeof *tape->nodes, err);
    return tape->nodes != NULL;
}

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

static Value unary(Tape *tape, ValueOp op, Value a) { return record(tape, (ValueNode){.op = op, .a = a.node}); }
static Value binary(Tape *tape, ValueOp op, Value a, Value b) {
    return record(tape, (ValueNode){.op = op, .a = a.node, .b = b.node});
}

Value value_leaf(Tape *tape, double data) { return record(tape, (ValueNode){.op = VALUE_LEAF, .data = data}); }
Value value_add(Tape *tape, Value a, Value b) { return binary(tape, VALUE_ADD, a, b); }
Value value_sub(Tape *tape, Value a, Value b) { return binary(tape, VALUE_SUB, a, b); }
Value value_mul(Tape *tape, Value a, Value b) { return binary(tape, VALUE_MUL, a, b); }
Value value_div(Tape *tape, Value a, Value b) { return binary(tape, VALUE_DIV, a, b); }
Value value_exp(Tape *tape, Value a) { return unary(tape, VALUE_EXP, a); }
Value value_log(Tape *tape, Value a) { return unary(tape, VALUE_LOG, a); }
Value value_tanh(Tape *tape, Value a) { return unary(tape, VALUE_TANH, a); }
Value value_relu(Tape *tape, Value a) { return unary(tape, VALUE_RELU, a); }
Value value_power(Tape *tape, Value a, double exponent) {
    return record(tape, (ValueNode){.op = VALUE_POWER, .a = a.node, .constant = exponent});
}
Value value_sigmoid(Tape *tape, Value a) {
    Value one = value_leaf(tape, 1), below = value_exp(tape, value_sub(tape, value_leaf(tape, 0), a));
    return value_div(tape, one, value_add(tape, one, below));
}

Value value_dot(Tape *tape, size_t n, const Value *x, const Value *w, size_t step) {
    Value sum = value_mul(tape, x[0], w[0]);
    for (size_t k = 1; k < n; k++) sum = value_add(tape, sum, value_mul(tape, x[k], w[k * step]));
    return sum;
}

double value_data(const Tape *tape, Value a) { return tape->nodes ? tape->nodes[a.node].data : 0; }

double value_grad(const Tape *tape, Value a) { return tape->nodes[a.node].grad; }

void value_set(Tape *tape, Value leaf, double data) { tape->nodes[leaf.node].data = data; }

void value_log_softmax(Tape *tape, const Value *x, size_t n, Value *y) {
    double largest = -INFINITY;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, value_data(tape, x[i]));
    Value m = value_leaf(tape, largest);
    for (size_t i = 0; i < n; i++) y[i] = value_sub(tape, x[i], m);
    Value sum = value_exp(tape, y[0]);
    for (size_t i = 1; i < n; i++) sum = value_add(tape, sum, value_exp(tape, y[i]));
    Value log_sum = value_log(tape, sum);
    for (size_t i = 0; i < n; i++) y[i] = value_sub(tape, y[i], log_sum);
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

// The derivatives of a node by its operands.
typedef struct Slopes {
    double a, b;
} Slopes;

static Slopes slopes(const ValueNode *node, double a, double b) {
    switch (node->op) {
    case VALUE_LEAF: break;
    case VALUE_ADD: return (Slopes){1, 1};
    case VALUE_SUB: return (Slopes){1, -1};
    case VALUE_MUL: return (Slopes){b, a};
    case VALUE_DIV: return (Slopes){1 / b, -node->data / b};
    case VALUE_EXP: return (Slopes){node->data, 0};
    case VALUE_LOG: return (Slopes){1 / a, 0};
    case VALUE_TANH: return (Slopes){1 - node->data * node->data, 0};
    case VALUE_POWER: return (Slopes){node->constant * pow(a, node->constant - 1), 0};
    case VALUE_RELU: return (Slopes){a > 0, 0};
    }
    return (Slopes){0, 0};
}

static bool has_two_operands(ValueOp op) { return op >= VALUE_ADD && op <= VALUE_DIV; }

static void run_backward(Tape *tape, Value root, bool absolute) {
    for (size_t i = 0; i < tape->n; i++) tape->nodes[i].grad = 0;
    tape->nodes[root.node].grad = 1;
    for (size_t i = tape->n; i-- > 0;) {
        const ValueNode *node = &tape->nodes[i];
        if (node->op == VALUE_LEAF) continue;
        ValueNode *a = &tape->nodes[node->a], *b = &tape->nodes[node->b];
        Slopes by = slopes(node, a->data, b->data);
        a->grad += node->grad * (absolute ? fabs(by.a) : by.a);
        if (has_two_operands(node->op)) b->grad += node->grad * (absolute ? fabs(by.b) : by.b);
    }
}

void tape_backward(Tape *tape, Value root) { run_backward(tape, root, false); }

void tape_backward_sizes(Tape *tape, Value root) { run_backward(tape, root, true); }
