// The lectures' figures, through the built program, to the digits that the lectures print.
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A printed figure agrees when it differs by at most 0.6 units of its last decimal: the lecture's own figure is
// rounded, and two float32 implementations that add in another order differ by a few units of the seventh digit.
static void expect_figure(double found, const char *printed, const char *what) {
    const char *point = strchr(printed, '.');
    double unit = pow(10, -(double)strlen(point + 1));
    ck_assert_msg(fabs(found - strtod(printed, NULL)) <= 0.6 * unit, "%s: %.9g, the lecture has %s", what, found,
                  printed);
}

static const char *train(const char *config, const char *options) {
    const char *run = scratch("run");
    Output made = nomen("train %s --data " LECTURE_NAMES " --quiet --force --run %s %s", config, run, options);
    ck_assert_msg(made.status == 0, "%s", made.err);
    return run;
}

// A field of the row for `step` in metrics.csv: 2 is the minibatch's loss, 3 train, 4 dev.
static double metric(const char *run, unsigned long step, int field) {
    char path[512], start[32];
    snprintf(path, sizeof path, "%s/metrics.csv", run);
    snprintf(start, sizeof start, "\n%lu,", step);
    const char *at = strstr(read_text(path, NULL), start);
    ck_assert_msg(at != NULL, "no row for step %lu", step);
    for (at++; field > 0; field--) at = strchr(at, ',') + 1;
    return strtod(at, NULL);
}

static void expect_names(const char *run, const char *options, const char *names) {
    char *found = nomen("sample %s %s", run, options).out;
    for (char *at = found; *at; at++)
        if (*at == '\n') *at = at[1] ? ' ' : '\0';
    ck_assert_str_eq(found, names);
}

START_TEST(counts_give_the_losses_and_names_of_part_1) {
    const char *run = train("configs/bigram-counts.json", "");
    expect_figure(metric(run, 0, 3), "2.4546", "counts + 1");
    expect_names(run, "-n 5 --method inverse", "mor axx minaymoryles kondlaisah anchshizarie");
    expect_names(run, "-n 5 --method race", "cexze momasurailezitynn konimittain llayn ka");
    run = train("configs/bigram-counts.json", "--set model.smoothing=0");
    expect_figure(metric(run, 0, 3), "2.4540", "counts");
}
END_TEST

START_TEST(the_bigram_network_gives_the_losses_of_part_1) {
    const char *run = train("configs/bigram.json", "");
    expect_figure(metric(run, 0, 2), "3.768619", "step 0");
    expect_figure(metric(run, 1, 2), "3.378807", "step 1");
    expect_figure(metric(run, 2, 2), "3.161091", "step 2");
    expect_figure(metric(run, 19, 2), "2.588681", "step 19");
}
END_TEST

#define INIT(w1, b1, w2, b2)                                                                               \
    "--set 'model.layers[2].weight={\"normal\":" w1 "}' --set 'model.layers[2].bias={\"normal\":" b1 "}' " \
    "--set 'model.layers[4].weight={\"normal\":" w2 "}' --set 'model.layers[4].bias={\"normal\":" b2 "}' "
#define ALL_RANDN INIT("1", "1", "1", "1")
#define SOFTMAX_FIXED INIT("1", "1", "0.01", "0")

START_TEST(the_mlp_rows_begin_and_go_on_as_in_parts_2_and_3) {
    expect_figure(metric(train("configs/mlp.json", ALL_RANDN "--steps 1"), 0, 2), "27.8817", "all randn, step 0");
    expect_figure(metric(train("configs/mlp.json", SOFTMAX_FIXED "--steps 1"), 0, 2), "3.3221",
                  "softmax fixed, step 0");
    const char *run = train("configs/mlp.json", "--steps 20001");
    expect_figure(metric(run, 0, 2), "3.3179", "Kaiming, step 0");
    expect_figure(metric(run, 20000, 2), "2.3270", "Kaiming, step 20000");
}
END_TEST

START_TEST(the_kaiming_row_is_the_lectures_to_its_end) {
    const char *run = train("configs/mlp.json", "");
    expect_figure(metric(run, 20000, 2), "2.3270", "step 20000");
    expect_figure(metric(run, 40000, 2), "1.9468", "step 40000");
    expect_figure(metric(run, 180000, 2), "1.9751", "step 180000");
    expect_figure(metric(run, 200000, 3), "2.0377", "train");
    expect_figure(metric(run, 200000, 4), "2.1070", "dev");
    expect_names(
        run, "-s 2147483657",
        "carmahzaylyn kiffinleige tyrencessa jazon nadelynn jareei nellara chaiivan legyn ham joce quint salin "
        "alianni waveron jaryxin kaellissa med edi abette");
}
END_TEST

START_TEST(the_softmax_fixed_row_is_the_lectures_to_its_end) {
    const char *run = train("configs/mlp.json", SOFTMAX_FIXED);
    expect_figure(metric(run, 20000, 2), "2.4196", "step 20000");
    expect_figure(metric(run, 40000, 2), "2.0601", "step 40000");
    expect_figure(metric(run, 100000, 2), "1.8329", "step 100000");
    expect_figure(metric(run, 200000, 3), "2.0696", "train");
    expect_figure(metric(run, 200000, 4), "2.1311", "dev");
}
END_TEST

// This run starts at a loss of 27 and is chaotic: PyTorch itself has 2.4895 at step 20,000 with one BLAS and 2.5238
// with another, and anything from 2.47 to 2.61 when the initial weights change by one part in ten million
// (tests/golden/chaos.py). Its later figures belong to one build of PyTorch; what float32 programs can share is the
// start and the level reached.
START_TEST(the_all_randn_row_reaches_the_lectures_level) {
    const char *run = train("configs/mlp.json", ALL_RANDN);
    expect_figure(metric(run, 0, 2), "27.8817", "step 0");
    ck_assert_double_eq_tol(metric(run, 200000, 3), 2.1243, 0.01);
    ck_assert_double_eq_tol(metric(run, 200000, 4), 2.1667, 0.01);
}
END_TEST

SUITE(lecture, NEEDS_LECTURE) {
    ADD(counts_give_the_losses_and_names_of_part_1);
    ADD(the_bigram_network_gives_the_losses_of_part_1);
    ADD(the_mlp_rows_begin_and_go_on_as_in_parts_2_and_3);
}

SUITE(lecture_long, NEEDS_LONG) {
    ADD(the_kaiming_row_is_the_lectures_to_its_end);
    ADD(the_softmax_fixed_row_is_the_lectures_to_its_end);
    ADD(the_all_randn_row_reaches_the_lectures_level);
}
