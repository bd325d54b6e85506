// A scalar autograd like micrograd (lectures part 0): operations on Values, in double, record themselves on a tape. It
// checks the kernels and the backward passes of the layers, and shares no code with them.
//
// A tape lists its nodes in topological order, so a backward pass runs it from the end. It can run forward again with
// other leaves, as central differences need.
#pragma once

#include "base/arena.h"

#include <stdint.h>

// A node of a tape, by its index.
typedef struct Value {
    uint32_t node;
} Value;

typedef enum ValueOp {
    VALUE_LEAF,
    VALUE_ADD,   // a + b
    VALUE_SUB,   // a - b
    VALUE_MUL,   // a b
    VALUE_DIV,   // a / b
    VALUE_EXP,   // e^a
    VALUE_LOG,   // natural logarithm of a
    VALUE_TANH,  // tanh a
    VALUE_POWER, // a^c with a constant c; if a is 0, c must be above 1
    VALUE_RELU,  // max(a, 0); its slope at 0 is 0
} ValueOp;

typedef struct ValueNode {
    double data, grad;
    uint32_t a, b; // the operands
    double constant;
    ValueOp op;
} ValueNode;

typedef struct Tape {
    ValueNode *nodes; // NULL: the tape only counts nodes
    size_t n, capacity;
} Tape;

// Creates an empty tape for `capacity` nodes from `arena`. Further operations are counted but not recorded.
bool tape_create(Tape *tape, size_t capacity, Arena *arena, Error *err);

Value value_leaf(Tape *tape, double data);
Value value_add(Tape *tape, Value a, Value b);
Value value_sub(Tape *tape, Value a, Value b);
Value value_mul(Tape *tape, Value a, Value b);
Value value_div(Tape *tape, Value a, Value b);
Value value_exp(Tape *tape, Value a);
Value value_log(Tape *tape, Value a);
Value value_tanh(Tape *tape, Value a);
Value value_power(Tape *tape, Value a, double exponent);
Value value_relu(Tape *tape, Value a);
Value value_sigmoid(Tape *tape, Value a); // 1 / (1 + e^-a)

// x_0 w_0 + x_1 w_step + ... + x_(n-1) w_((n-1) step), n >= 1
Value value_dot(Tape *tape, size_t n, const Value *x, const Value *w, size_t step);

// y_i = (x_i - m) - log sum_j e^(x_j - m), with m the largest of n >= 1 values x, taken as a constant (lectures part
// 1). y may be x.
void value_log_softmax(Tape *tape, const Value *x, size_t n, Value *y);

// The mean of -log softmax(x_i)[targets_i] over b rows of n logits. Every target is in 0 .. n - 1; scratch has n
// values.
Value value_cross_entropy(Tape *tape, const Value *x, size_t b, size_t n, const int32_t *targets, Value *scratch);

double value_data(const Tape *tape, Value a);
double value_grad(const Tape *tape, Value a);

// Changes a leaf. Nodes that depend on it keep their old values until tape_forward.
void value_set(Tape *tape, Value leaf, double data);

// Computes every node from the leaves. Returns a hash of the signs of all relu operands: two runs with equal hashes
// have no kink between them.
uint64_t tape_forward(Tape *tape);

// Computes the gradient of `root` with respect to every node: the sum over all paths of the product of derivatives.
void tape_backward(Tape *tape, Value root);

// Computes the same sum with the absolute value of every derivative, also read by value_grad. Rounding errors are small
// relative to this sum, but not relative to a gradient whose paths cancel.
void tape_backward_sizes(Tape *tape, Value root);
