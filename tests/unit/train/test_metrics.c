// Reading metrics.csv.
#include "testing.h"

#include "train/metrics.h"

#include <math.h>

#define OLD_HEADER "step,lr,loss,train_loss,dev_loss,seconds"
#define HEADER OLD_HEADER ",mean_loss"

static bool read_rows(const char *text, Metrics *metrics, Error *err) {
    static Arena arena; // lives as long as the test
    write_text(scratch("m.csv"), text);
    return metrics_read(metrics, scratch("m.csv"), &arena, err);
}

START_TEST(rows_are_read_up_to_a_cut) {
    static const char rows[] = HEADER "\n0,0.1,3.5,,,0.25,\n10,0.1,,2.5,2.75,1,3\n";
    Metrics metrics;
    Error err = {0};
    for (int is_cut = 0; is_cut < 2; is_cut++) {
        ck_assert_msg(read_rows(textf("%s%s", rows, is_cut ? "20,0.1,,2." : ""), &metrics, &err), "%s", err.text);
        ck_assert_uint_eq(metrics.n, 2);
        ck_assert_uint_eq(metrics.rows[1].step, 10);
        ck_assert_double_eq_tol(metrics.rows[0].loss, 3.5, 1e-15);
        ck_assert(isnan(metrics.rows[0].dev_loss) && isnan(metrics.rows[1].loss));
        ck_assert_double_eq_tol(metrics.rows[1].dev_loss, 2.75, 1e-15);
        ck_assert(isnan(metrics.rows[0].mean_loss) && metrics.rows[1].mean_loss == 3);
    }
    ck_assert(read_rows(HEADER "\n", &metrics, &err));
    ck_assert_uint_eq(metrics.n, 0);
    // Older versions wrote no means.
    ck_assert(read_rows(OLD_HEADER "\n0,0.1,3.5,,,0.25\n5,0.1,3,,,", &metrics, &err));
    ck_assert_uint_eq(metrics.n, 1);
    ck_assert(metrics.rows[0].loss == 3.5 && metrics.rows[0].seconds == 0.25 && isnan(metrics.rows[0].mean_loss));
}
END_TEST

#define LINE(n) "line " #n ": expected \"" HEADER "\" in numbers, with a step no smaller than before, found "

START_TEST(damaged_rows_are_refused) {
    static const char *const cases[][2] = {
        {"", "line 1: expected \"" HEADER "\", found \"\""},
        {"step,lr", "line 1: expected \"" HEADER "\", found \"step,lr\""},
        {HEADER "\n5,0.1,1,,,1,\n5,0.1,1,,,1,\n4,0.1,1,,,1,\n", LINE(4) "\"4,0.1,1,,,1,\""},
        {"step,lr,loss,train_loss,dev_loss,minutes\n0,0.1,3,,,1\n",
         "line 1: expected \"" HEADER "\", found \"step,lr,loss,train_loss,dev_loss,minutes\""},
        {HEADER "\n0,0.1,3\n", LINE(2) "\"0,0.1,3\""},
        {HEADER "\n0,0.1,3,,,1\n", LINE(2) "\"0,0.1,3,,,1\""},
        {HEADER "\n0,0.1,3,,,1,2,3\n", LINE(2) "\"0,0.1,3,,,1,2,3\""},
        {HEADER "\n0,0.1,\n5,1,2,3,4,5,6\n", LINE(2) "\"0,0.1,\""},
        {HEADER "\n-1,0.1,3,,,1,\n", LINE(2) "\"-1,0.1,3,,,1,\""},
        {HEADER "\n0;0.1,3,,,1,\n", LINE(2) "\"0;0.1,3,,,1,\""},
        {HEADER "\n0,rate,3,,,1,\n", LINE(2) "\"0,rate,3,,,1,\""},
        {HEADER "\n0,0.1,3,2x,,1,\n", LINE(2) "\"0,0.1,3,2x,,1,\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Metrics metrics;
        Error err = {0};
        ck_assert(!read_rows(cases[i][0], &metrics, &err));
        ck_assert_str_eq(err.text, textf("%s: %s", scratch("m.csv"), cases[i][1]));
    }
}
END_TEST

SUITE(metrics, NEEDS_NOTHING) {
    ADD(rows_are_read_up_to_a_cut);
    ADD(damaged_rows_are_refused);
}
