// A scalar autograd in the manner of micrograd (lectures, part 0): every operation on Values records itself on a tape,
// in double. It is the independent witness for the kernels and the layers' own backward passes, and shares no code with
// them.
//
// A tape is in topological order by the way it is made, so backward runs it from its end; and it can be run forward
// again with other leaves, which is what central differences do.
#ifndef NOMEN_NN_VALUE_H
#define NOMEN_NN_VALUE_H

#include "base/arena.h"

#include <stdint.h>

// A node of a tape, by its number.
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
    VALUE_POWER, // a^c, c a constant; with a = 0, c must be above 1
    VALUE_RELU,  // max(a, 0); its slope at 0 is 0
} ValueOp;

typedef struct ValueNode {
    double data, grad;
    uint32_t a, b; // the operands' nodes
    double constant;
    ValueOp op;
} ValueNode;

typedef struct Tape {
    ValueNode *nodes; // NULL: only counts them, to learn how much memory a graph takes
    size_t n, capacity;
} Tape;

// An empty tape with room for `capacity` nodes, from `arena`. Operations beyond that only count: tape_is_whole tells.
bool tape_create(Tape *tape, size_t capacity, Arena *arena, Error *err);

// True where every operation since tape_create found room.
bool tape_is_whole(const Tape *tape);

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

// The sum of n >= 1 values.
Value value_sum(Tape *tape, const Value *x, size_t n);

// With m the largest of the n >= 1 values x, a constant:
//     log_softmax_i = (x_i - m) - log sum_j e^(x_j - m),   softmax_i = e^(x_i - m) / sum_j e^(x_j - m)
// (lectures part 1). y may be x. No command uses value_softmax: it is the witness for softmax_backward
// (tests/unit/nn/test_softmax.c).
void value_log_softmax(Tape *tape, const Value *x, size_t n, Value *y);
void value_softmax(Tape *tape, const Value *x, size_t n, Value *y);

// -1/b sum_i log softmax(x_i)[targets_i] of b rows of n logits; every target is a class from 0 to n - 1, scratch has n.
Value value_cross_entropy(Tape *tape, const Value *x, size_t b, size_t n, const int32_t *targets, Value *scratch);

double value_data(const Tape *tape, Value a);
double value_grad(const Tape *tape, Value a);

// Changes a leaf; what depends on it is stale until tape_forward.
void value_set(Tape *tape, Value leaf, double data);

// Computes every node anew from the leaves. The result tells on which side of 0 the operands of all relus lie: two runs
// with the same result have no kink between them.
uint64_t tape_forward(Tape *tape);

// The gradient of `root` by every node: the sum over all paths of the product of the derivatives along it.
void tape_backward(Tape *tape, Value root);

// The same sum with every derivative taken by its size, in the place of the gradient (value_grad). Where paths cancel,
// rounding leaves a small share of this, not of the gradient itself.
void tape_backward_sizes(Tape *tape, Value root);

#endif
