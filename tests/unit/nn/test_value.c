#include "testing.h"

#include "nn/value.h"

static Arena arena;

static Tape new_tape(void) {
    Error err;
    Tape tape;
    ck_assert(tape_create(&tape, 64, &arena, &err));
    return tape;
}

typedef Value Build(Tape *tape, const Value *x);

static Value sums(Tape *t, const Value *x) { return value_add(t, value_sub(t, x[0], x[1]), x[0]); }
static Value products(Tape *t, const Value *x) { return value_mul(t, x[0], value_mul(t, x[1], x[0])); }
static Value quotients(Tape *t, const Value *x) { return value_div(t, x[0], value_div(t, x[1], x[0])); }
static Value powers(Tape *t, const Value *x) {
    return value_mul(t, value_power(t, x[0], 3), value_power(t, x[1], -0.5));
}
static Value exponentials(Tape *t, const Value *x) { return value_log(t, value_add(t, value_exp(t, x[0]), x[1])); }
static Value tangents(Tape *t, const Value *x) { return value_tanh(t, value_mul(t, x[0], x[1])); }
static Value kinks(Tape *t, const Value *x) {
    return value_sub(t, value_relu(t, x[0]), value_relu(t, value_sub(t, x[0], x[1])));
}
static Value one_log_probability(Tape *t, const Value *x) {
    Value y[2];
    value_log_softmax(t, x, 2, y);
    return y[1];
}

START_TEST(every_operation_has_its_derivative) {
    static Build *const builds[] = {sums,         products, quotients, powers,
                                    exponentials, tangents, kinks,     one_log_probability};
    const double step = 1e-6;
    for (size_t i = 0; i < COUNT(builds); i++) {
        Tape tape = new_tape();
        Value x[2] = {value_leaf(&tape, 0.7), value_leaf(&tape, 1.9)}, y = builds[i](&tape, x);
        tape_backward(&tape, y);
        for (size_t k = 0; k < 2; k++) {
            double at = value_data(&tape, x[k]), slope = value_grad(&tape, x[k]);
            value_set(&tape, x[k], at + step);
            tape_forward(&tape);
            double above = value_data(&tape, y);
            value_set(&tape, x[k], at - step);
            tape_forward(&tape);
            double below = value_data(&tape, y);
            value_set(&tape, x[k], at);
            tape_forward(&tape);
            ck_assert_double_eq_tol(slope, (above - below) / (2 * step), 1e-8);
        }
        arena_free(&arena);
    }
}
END_TEST

START_TEST(a_value_used_twice_gathers_both_gradients) {
    Tape tape = new_tape();
    Value a = value_leaf(&tape, 3), y = value_mul(&tape, value_add(&tape, a, a), a); // 2 a^2
    tape_backward(&tape, y);
    ck_assert_double_eq(value_grad(&tape, a), 12);
    tape_backward(&tape, y); // gradients start at 0 again
    ck_assert_double_eq(value_grad(&tape, a), 12);
    arena_free(&arena);
}
END_TEST

START_TEST(a_tape_without_room_counts_what_it_would_take) {
    Tape tape = {0};
    Value x[2] = {value_leaf(&tape, 1), value_leaf(&tape, 2)};
    quotients(&tape, x);
    ck_assert_uint_eq(tape.n, 4);
}
END_TEST

START_TEST(a_tape_beyond_all_numbers_is_refused) {
    Error err = {0};
    Tape tape;
    ck_assert(!tape_create(&tape, (size_t)UINT32_MAX + 1, &arena, &err));
    ck_assert_str_eq(err.text, "the graph of all operations has more than 4294967295 nodes");
    ck_assert_ptr_null(arena.newest);
}
END_TEST

START_TEST(crossing_a_kink_changes_the_sides) {
    Tape tape = new_tape();
    Value a = value_leaf(&tape, 1e-6);
    value_relu(&tape, a);
    uint64_t right = tape_forward(&tape);
    value_set(&tape, a, 1);
    ck_assert_uint_eq(tape_forward(&tape), right);
    value_set(&tape, a, -1e-6);
    ck_assert_uint_ne(tape_forward(&tape), right);
    arena_free(&arena);
}
END_TEST

SUITE(value, NEEDS_NOTHING) {
    ADD(every_operation_has_its_derivative);
    ADD(a_value_used_twice_gathers_both_gradients);
    ADD(a_tape_without_room_counts_what_it_would_take);
    ADD(a_tape_beyond_all_numbers_is_refused);
    ADD(crossing_a_kink_changes_the_sides);
}
