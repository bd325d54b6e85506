// The lectures' names: twins in two splits, and a file order that must alarm. The figures were counted by other means.
#include "testing.h"

#include "data/audit.h"

static Arena arena;
static Error err;

static Audit audit_lecture(bool shuffle, bool unique) {
    DataConfig config = {LECTURE_NAMES, {{0.8, 0.1, 0.1}}, {shuffle, 42}, unique};
    Audit audit;
    ck_assert_msg(audit_load(&audit, &config, &arena, &err), "%s", err.text);
    return audit;
}

static void expect_split(const AuditSplit *split, const size_t names[N_PARTS], const size_t examples[N_PARTS],
                         const size_t shared[N_PAIRS]) {
    for (size_t p = 0; p < N_PARTS; p++) {
        ck_assert_uint_eq(split->parts[p].names, names[p]);
        ck_assert_uint_eq(split->parts[p].examples, examples[p]);
        ck_assert_uint_eq(split->shared[p], shared[p]);
    }
    ck_assert_uint_eq(split->parts[PART_DEV].in_train, shared[TRAIN_DEV]);
    ck_assert_uint_eq(split->parts[PART_TEST].in_train, shared[TRAIN_TEST]);
}

START_TEST(the_lectures_names_come_twice) {
    Audit audit = audit_lecture(false, false);
    ck_assert_uint_eq(audit.names.lines, 32033);
    ck_assert_uint_eq(audit.names.names, 32033);
    ck_assert_uint_eq(audit.names.distinct, 29494);
    ck_assert_uint_eq(audit.names.repeated, 2539);
    ck_assert_uint_eq(audit.names.examples[0].count, 2);
    ck_assert_uint_eq(audit.lengths.shortest, 2);
    ck_assert_uint_eq(audit.lengths.longest, 15);
    ck_assert_uint_eq(audit.symbols.n, 26);
    ck_assert_uint_eq(audit.symbols.items[0].code_point, 'a');
    for (OddKind k = 0; k < N_ODD_KINDS; k++) ck_assert_uint_eq(audit.odd[k].names, 0);
}
END_TEST

START_TEST(the_lectures_twins_stand_in_two_parts) {
    static const size_t names[] = {25626, 3203, 3204}, unique_names[] = {23595, 2949, 2950}, none[] = {0, 0, 0};
    static const size_t in_order[] = {182778, 22633, 22735}, shared_in_order[] = {397, 294, 0};
    static const size_t shuffled[] = {182625, 22655, 22866}, shared_shuffled[] = {424, 377, 56};
    static const size_t once[] = {169145, 21047, 21136};
    Audit audit = audit_lecture(false, false);
    expect_split(&audit.split, names, in_order, shared_in_order);
    audit = audit_lecture(true, false);
    expect_split(&audit.split, names, shuffled, shared_shuffled);
    audit = audit_lecture(true, true);
    expect_split(&audit.split, unique_names, once, none);
}
END_TEST

START_TEST(the_lectures_order_is_girls_then_boys) {
    Audit audit = audit_lecture(false, false);
    static const double chi2[N_TRAITS] = {225.35217693659405, 2982.2302355953284, 74.37802581038507};
    static const size_t df[N_TRAITS] = {25, 25, 11};
    for (size_t t = 0; t < N_TRAITS; t++) {
        ck_assert_double_eq_tol(audit.skews[t].chi2, chi2[t], 1e-6);
        ck_assert_uint_eq(audit.skews[t].df, df[t]);
        ck_assert(audit.skews[t].is_skewed);
    }
    ck_assert_uint_eq(audit.skews[TRAIT_LAST].value, 'a');
    ck_assert(audit_is_skewed(&audit));
    ck_assert_int_eq(audit.order.kind, ORDER_RUNS);
    ck_assert_uint_eq(audit.order.runs, 1286);
    ck_assert_uint_eq(audit.order.longest, 2441);
    ck_assert_uint_eq(audit.order.longest_line, 15589);
    audit = audit_lecture(true, false);
    ck_assert(!audit_is_skewed(&audit));
}
END_TEST

SUITE(audit_lecture, NEEDS_LECTURE) {
    ADD(the_lectures_names_come_twice);
    ADD(the_lectures_twins_stand_in_two_parts);
    ADD(the_lectures_order_is_girls_then_boys);
}
