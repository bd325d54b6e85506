// The status line of training: its curve, its parts by the terminal's width, its numbers.
#include "testing.h"

#include "base/format.h"
#include "cmd/train/progress.h"

#include <math.h>

static StatusLine line_of(size_t room) { return (StatusLine){.room = room}; }

START_TEST(a_curve_rises_and_falls_with_its_numbers) {
    static const double values[] = {1, 2, 3, 4, 5, 4, 1};
    StatusLine line = line_of(STATUS_CURVE);
    status_add_curve(&line, "", COUNT(values), values);
    ck_assert_str_eq(line.text, "_.-^\"^_        ");
    line = (StatusLine){.room = STATUS_CURVE, .is_utf8 = true};
    status_add_curve(&line, "", COUNT(values), values);
    ck_assert_str_eq(line.text, "\u2581\u2583\u2585\u2586\u2588\u2586\u2581        ");
    line = line_of(STATUS_CURVE - 1);
    status_add_curve(&line, "", COUNT(values), values);
    status_add_curve(&line, "", 0, NULL);
    ck_assert_str_eq(line.text, "");
}
END_TEST

START_TEST(equal_values_and_a_first_fall_leave_a_curve_to_see) {
    static const double flat[8] = {2, 2, 2, 2, 2, 2, 2, 2}, falling[8] = {1000, 7, 6, 5, 4, 3, 2, 1};
    StatusLine line = line_of(STATUS_CURVE);
    status_add_curve(&line, "", 8, flat);
    ck_assert_str_eq(line.text, "________       ");
    line = line_of(STATUS_CURVE);
    status_add_curve(&line, "", 8, falling);
    ck_assert_str_eq(line.text, "\"\"^^-.._       ");
}
END_TEST

START_TEST(the_curve_has_the_means_of_equal_shares_of_the_steps) {
    static const uint64_t steps[] = {1, 4, 15, 1000, 30001};
    for (size_t i = 0; i < COUNT(steps); i++) {
        Config config = {.train.steps = 100 + steps[i]};
        Trainer trainer = {.config = &config, .state.step = 100};
        Progress progress = progress_start(&trainer);
        progress.shown_seconds = INFINITY; // nothing is printed
        for (uint64_t k = 1; k <= steps[i]; k++)
            progress_step(&progress, &(MetricsRow){.step = 100 + k, .loss = (double)k});
        ck_assert_uint_le(progress.n_curve, STATUS_CURVE);
        ck_assert(steps[i] < STATUS_CURVE || progress.n_curve == STATUS_CURVE);
        double share = (double)steps[i] / STATUS_CURVE;
        for (size_t c = 0; c < progress.n_curve && steps[i] >= STATUS_CURVE; c++)
            ck_assert_double_eq_tol(progress.curve[c], ((double)c + 0.5) * share + 0.5, 1);
        ck_assert_double_eq(progress.loss, (double)steps[i]);
    }
}
END_TEST

START_TEST(parts_that_do_not_fit_are_left_out) {
    static const struct {
        size_t room;
        const char *text;
    } cases[] = {{0, ""},
                 {4, ""},
                 {5, "first"},
                 {11, "first"},
                 {12, "first  third"},
                 {14, "first  second"},
                 {19, "first  second"},
                 {20, "first  second  third"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        StatusLine line = line_of(cases[i].room);
        status_add(&line, "", "%s", "first");
        status_add(&line, STATUS_GREEN, "se%s", "cond");
        status_add(&line, "", "%s", "third");
        ck_assert_str_eq(line.text, cases[i].text);
    }
    StatusLine line = {.room = 13, .has_color = true};
    status_add(&line, "", "first");
    status_add(&line, STATUS_GREEN, "second");
    ck_assert_str_eq(line.text, "first  \033[32msecond\033[m");
}
END_TEST

static void expect_line(const Progress *progress, MetricsRow row, size_t room, const char *expected) {
    StatusLine line = line_of(room);
    progress_write(progress, &row, &line);
    ck_assert_str_eq(line.text, expected);
}

// Training with one column of its curve.
static Progress shown(const Trainer *trainer, double loss) {
    Progress progress = progress_start(trainer);
    progress.loss = progress.curve[0] = loss;
    progress.n_curve = 1;
    return progress;
}

// 10,000 steps in the second since the run was resumed, after 100,000 in ten seconds.
START_TEST(speed_and_time_left_are_of_this_command) {
    Config config = {.train.steps = 200000};
    Trainer trainer = {.config = &config, .state = {.step = 100000, .seconds = 10, .best_dev_loss = 2.25}};
    Progress progress = shown(&trainer, 2.5);
    MetricsRow row = {.step = 110000, .loss = 2.5, .seconds = 11};
    expect_line(&progress, row, 200,
                " 55%  loss 2.5000  _                0:09 left  10000 steps/s  step 110000/200000");
    progress.row.dev_loss = 2.3;
    expect_line(&progress, row, 200,
                " 55%  loss 2.5000  _                dev 2.3000 best 2.2500  0:09 left  10000 steps/s  "
                "step 110000/200000");
    progress.row.dev_loss = trainer.state.best_dev_loss = 2.125;
    expect_line(&progress, row, 77, " 55%  loss 2.5000  _                dev 2.1250 best  0:09 left  10000 steps/s");
    expect_line(&progress, row, 34, " 55%  loss 2.5000  _              ");
    expect_line(&progress, row, 17, " 55%  loss 2.5000");
    expect_line(&progress, row, 5, " 55%");
    row.seconds = 610;
    expect_line(&progress, row, 66, " 55%  loss 2.5000  _                dev 2.1250 best  1:30:00 left");
    row = (MetricsRow){.step = 110000, .loss = NAN, .seconds = 11};
    expect_line(&progress, row, 200, " 55%  loss 2.5000  _                dev 2.1250 best  10000 steps/s");
}
END_TEST

START_TEST(numbers_fit_their_columns) {
    static const struct {
        double value;
        int digits;
        size_t most;
        const char *text;
    } cases[] = {
        {2.10634, 4, 8, "2.1063"},  {999.99996, 4, 8, "1000.000"}, {999999.9, 4, 8, "999999.9"},
        {1e6, 4, 8, "1.00e+06"},    {9.9999e5, 4, 6, "1e+06"},     {12.3456, 4, 6, "12.346"},
        {1e100, 4, 8, "1.0e+100"},  {-12.3456, 4, 6, "-12.35"},    {11897, 0, 7, "11897"},
        {123456789, 0, 7, "1e+08"}, {1234.5, 1, 5, "1234"},        {123456, 1, 5, "1e+05"},
        {INFINITY, 4, 8, "inf"},    {-NAN, 4, 8, "nan"},           {0, 4, 8, "0.0000"},
        {0.00001, 4, 8, "0.0000"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FORMAT_BYTES];
        ck_assert_str_eq(format_fitted(cases[i].value, cases[i].digits, cases[i].most, text), cases[i].text);
    }
    static const struct {
        double value;
        const char *text;
    } losses[] = {{2.10634, "2.1063"},         {999999.5, "999999.5000"},     {1e6, "1.0000e+06"},
                  {1.7976e308, "1.7976e+308"}, {-1.7976e308, "-1.7976e+308"}, {-NAN, "nan"}};
    for (size_t i = 0; i < COUNT(losses); i++) {
        char text[FORMAT_BYTES];
        ck_assert_str_eq(format_loss(losses[i].value, text), losses[i].text);
    }
}
END_TEST

SUITE(progress, NEEDS_NOTHING) {
    ADD(a_curve_rises_and_falls_with_its_numbers);
    ADD(equal_values_and_a_first_fall_leave_a_curve_to_see);
    ADD(the_curve_has_the_means_of_equal_shares_of_the_steps);
    ADD(parts_that_do_not_fit_are_left_out);
    ADD(speed_and_time_left_are_of_this_command);
    ADD(numbers_fit_their_columns);
}
