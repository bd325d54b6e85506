// nomen verify on the configs that expect results of the lectures, of makemore.py and of microgpt.
#include "testing.h"

#include "golden/golden_microgpt.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

enum { N_CONFIGS = 14 }; // in configs/lectures

START_TEST(every_config_begins_as_in_the_lectures) {
    Output output = nomen("verify --quick configs/lectures/*.json");
    ck_assert_msg(output.status == 0, "%s%s", output.out, output.err);
    char start[32];
    snprintf(start, sizeof start, "\n%d configs, ", N_CONFIGS);
    const char *last = strstr(output.out, start);
    ck_assert_ptr_nonnull(last);
    unsigned long agree = 0;
    ck_assert_int_eq(sscanf(last + strlen(start), "%*u values: %lu agree, ", &agree), 1);
    ck_assert_uint_ge(agree, 60); // 29 of them the deep network's, which is trained to its end
}
END_TEST

START_TEST(the_originals_losses_and_names_are_met) {
    Output output = nomen("verify configs/makemore/*.json configs/microgpt.json");
    ck_assert_msg(output.status == 0, "%s%s", output.out, output.err);
    ck_assert_ptr_null(strstr(output.out, "left out"));
}
END_TEST

// A float that lies on the edge between two decimals may round to the other.
START_TEST(microgpt_prints_its_losses_at_every_step) {
    const char *run = scratch("run");
    Output made = nomen("train microgpt --quiet --run '%s'", run);
    ck_assert_msg(made.status == 0, "%s", made.err);
    const char *row = strchr(read_text(textf("%s/metrics.csv", run), NULL), '\n');
    unsigned n_other = 0;
    for (size_t step = 0; step < COUNT(golden_microgpt); step++, row = strchr(row + 1, '\n')) {
        unsigned long found_step = 0;
        double loss = 0, expected = golden_microgpt[step] / 1e4;
        ck_assert_int_eq(sscanf(row, "\n%lu,%*f,%lf", &found_step, &loss), 2);
        ck_assert_uint_eq(found_step, step);
        ck_assert_double_eq_tol(loss, expected, 0.5e-4 + 1e-6);
        n_other += strcmp(textf("%.4f", loss), textf("%.4f", expected)) != 0;
    }
    ck_assert_uint_le(n_other, 2);
}
END_TEST

// makemore.py with --type bigram prints these losses at step 500.
START_TEST(eval_estimates_losses_as_makemore_prints_them) {
    double train = 0, test = 0;
    ck_assert_int_eq(nomen("train makemore/bigram --steps 501 --quiet --run '%s'", scratch("run")).status, 0);
    Output output = nomen("eval --json '%s'", scratch("run"));
    const char *found = strstr(output.out, "\"makemore\":");
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(sscanf(found, "\"makemore\":{\"train\":%lf,\"test\":%lf}", &train, &test), 2);
    ck_assert_double_eq_tol(train, 3.1172915, 1e-6);
    ck_assert_double_eq_tol(test, 3.1151447, 1e-6);
    found = strstr(nomen("eval '%s'", scratch("run")).out, "\nmakemore.py: train 3.1173, test 3.1151 (means of");
    ck_assert_ptr_nonnull(found);
}
END_TEST

START_TEST(a_changed_digit_is_noticed) {
    char *text = read_text("configs/lectures/part3-deep.json", NULL), *value = strstr(text, "\"2.4003\"");
    ck_assert_ptr_nonnull(value);
    value[6] = '4';
    write_text(scratch("deep.json"), text);
    Output output = nomen("verify '%s' --data " LECTURE_NAMES, scratch("deep.json"));
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.err, "nomen: 1 of the expected values is off\n");
}
END_TEST

START_TEST(every_config_ends_as_in_the_lectures) {
    Output output = nomen("verify configs/lectures/*.json");
    ck_assert_msg(output.status == 0, "%s%s", output.out, output.err);
    ck_assert_ptr_null(strstr(output.out, "left out"));
}
END_TEST

START_TEST(every_config_has_the_gradients_of_the_autograd) {
    glob_t found;
    ck_assert_int_eq(glob("configs/lectures/*.json", 0, NULL, &found), 0);
    ck_assert_uint_eq(found.gl_pathc, N_CONFIGS);
    ck_assert_int_eq(glob("configs/b*.json", GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        if (strstr(read_text(path, NULL), "\"ngram\"")) continue;
        Output output = nomen("gradcheck %s --batch 4", path);
        ck_assert_msg(output.status == 0, "%s: %s%s", path, output.out, output.err);
    }
    globfree(&found);
}
END_TEST

// This run is chaotic (see its config): float32 programs agree only on the level that it reaches.
START_TEST(the_all_randn_config_reaches_the_lectures_level) {
    const char *run = scratch("run");
    Output made = nomen("train configs/lectures/part2-all-randn.json --quiet --run '%s'", run);
    ck_assert_msg(made.status == 0, "%s", made.err);
    double train = 0, dev = 0;
    Output losses = nomen("eval '%s'", run);
    ck_assert_int_eq(sscanf(strstr(losses.out, "\ntrain"), "\ntrain %lf", &train), 1);
    ck_assert_int_eq(sscanf(strstr(losses.out, "\ndev"), "\ndev %lf", &dev), 1);
    ck_assert_double_eq_tol(train, 2.1243, 0.01);
    ck_assert_double_eq_tol(dev, 2.1667, 0.01);
}
END_TEST

// The documented 1.9328 is the mean of three seeds, and this one's; part 5 ends at 1.9937.
START_TEST(our_best_config_is_well_below_part_5) {
    const char *run = scratch("run");
    Output made = nomen("train configs/best.json --data " LECTURE_NAMES " --quiet --run '%s'", run);
    ck_assert_msg(made.status == 0, "%s", made.err);
    double dev = 0;
    ck_assert_int_eq(sscanf(strstr(nomen("eval '%s'", run).out, "\ndev"), "\ndev %lf", &dev), 1);
    ck_assert_double_eq_tol(dev, 1.9328, 0.00005);
}
END_TEST

SUITE(lecture, NEEDS_LECTURE) {
    ADD(every_config_begins_as_in_the_lectures);
    ADD(a_changed_digit_is_noticed);
    ADD(the_originals_losses_and_names_are_met);
    ADD(microgpt_prints_its_losses_at_every_step);
    ADD(eval_estimates_losses_as_makemore_prints_them);
}

SUITE(lecture_long, NEEDS_LONG) {
    ADD(every_config_ends_as_in_the_lectures);
    ADD(every_config_has_the_gradients_of_the_autograd);
    ADD(the_all_randn_config_reaches_the_lectures_level);
    ADD(our_best_config_is_well_below_part_5);
}
