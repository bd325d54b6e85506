// The status line of training: its curve, its parts by the terminal's width, its numbers.
#include "testing.h"

#include "base/format.h"
#include "base/text.h"
#include "cmd/train/progress.h"

#include <math.h>
#include <string.h>

START_TEST(a_curve_rises_and_falls_with_its_series) {
    Sparkline sparkline = {.n = 0};
    char text[SPARKLINE_BYTES];
    ck_assert_uint_eq(sparkline_draw(&sparkline, 10, true, text), 0);
    ck_assert_str_eq(text, "");
    static const double values[] = {1, 2, 3, 4, 5, 4, 1};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) sparkline_add(&sparkline, values[i]);
    ck_assert_uint_eq(sparkline_draw(&sparkline, 10, true, text), 7);
    ck_assert_str_eq(text, "\u2581\u2583\u2585\u2586\u2588\u2586\u2581");
    ck_assert_uint_eq(sparkline_draw(&sparkline, 10, false, text), 7);
    ck_assert_str_eq(text, "_.-^\"^_");
}
END_TEST

START_TEST(a_long_series_is_kept_as_means_in_their_order) {
    Sparkline sparkline = {.n = 0};
    const size_t n = 1000000;
    for (size_t i = 0; i < n; i++) sparkline_add(&sparkline, (double)i);
    double each = ldexp(1, (int)sparkline.joined);
    ck_assert_uint_ge(sparkline.n, SPARKLINE_POINTS / 2 - 1);
    ck_assert_uint_lt(sparkline.n, SPARKLINE_POINTS);
    ck_assert_double_eq((double)sparkline.n * each + (double)sparkline.n_sum, (double)n);
    for (size_t i = 0; i < sparkline.n; i++) ck_assert_double_eq(sparkline.means[i], ((double)i + 0.5) * each - 0.5);
    char text[SPARKLINE_BYTES];
    ck_assert_uint_eq(sparkline_draw(&sparkline, 1000, false, text), SPARKLINE_COLUMNS);
    for (size_t i = 1; i < SPARKLINE_COLUMNS; i++) {
        static const char levels[] = "_.-^\"";
        ck_assert(strchr(levels, text[i - 1]) <= strchr(levels, text[i]));
    }
    ck_assert_int_eq(text[0], '_');
    ck_assert_int_eq(text[SPARKLINE_COLUMNS - 1], '"');
}
END_TEST

START_TEST(equal_values_and_a_first_fall_leave_a_curve_to_see) {
    Sparkline flat = {.n = 0}, falling = {.n = 0};
    char text[SPARKLINE_BYTES];
    for (size_t i = 0; i < 8; i++) sparkline_add(&flat, 2);
    sparkline_draw(&flat, 8, false, text);
    ck_assert_str_eq(text, "________");
    for (size_t i = 0; i < 8; i++) sparkline_add(&falling, i == 0 ? 1000 : 8 - (double)i);
    sparkline_draw(&falling, 8, false, text);
    ck_assert_str_eq(text, "\"\"^^-.._");
}
END_TEST

START_TEST(parts_give_way_by_their_rank) {
    Sparkline sparkline = {.n = 0};
    for (size_t i = 0; i < 100; i++) sparkline_add(&sparkline, (double)i);
    const StatusPart parts[] = {{.rank = 3, .text = "third"},
                                {.rank = 1, .text = "first"},
                                {.rank = 9, .text = ""},
                                {.rank = 2, .text = "second", .color = STATUS_GREEN},
                                {.rank = 4, .curve = &sparkline}};
    static const struct {
        size_t columns;
        const char *text;
    } cases[] = {
        {0, ""},
        {7, ""},
        {8, "first"},
        {15, "third  first"}, // "second" needs a column more
        {16, "first  second"},
        {22, "first  second"},
        {23, "third  first  second"},
        {30, "third  first  second"},
        {31, "third  first  second  __..-^"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[STATUS_BYTES];
        status_fit(parts, 5, &(StatusStyle){.columns = cases[i].columns}, text);
        size_t same = cases[i].columns == 31 ? 22 : strlen(cases[i].text);
        ck_assert_msg(strlen(text) == strlen(cases[i].text) && strncmp(text, cases[i].text, same) == 0,
                      "at %zu columns: \"%s\"", cases[i].columns, text);
    }
    char text[STATUS_BYTES];
    status_fit(parts, 4, &(StatusStyle){.columns = 16, .has_color = true}, text);
    ck_assert_str_eq(text, "first  \033[32msecond\033[m");
    status_fit(parts, 5, &(StatusStyle){.columns = 1000, .is_utf8 = true}, text);
    ck_assert_uint_eq(utf8_count(text, strlen(text)), 22 + SPARKLINE_COLUMNS);
}
END_TEST

static void expect_line(const Progress *progress, MetricsRow row, size_t columns, const char *expected) {
    StatusPart parts[STATUS_PARTS];
    char text[STATUS_BYTES];
    size_t n = progress_parts(progress, &row, parts);
    ck_assert_uint_le(n, STATUS_PARTS);
    status_fit(parts, n, &(StatusStyle){.columns = columns}, text);
    ck_assert_str_eq(text, expected);
}

// 10,000 steps in the second since the run was resumed, after 100,000 in ten seconds.
START_TEST(speed_and_time_left_are_of_this_command) {
    Config config = {.train.steps = 200000};
    Trainer trainer = {.config = &config, .state = {.step = 100000, .seconds = 10, .best_dev_loss = 2.25}};
    Progress progress = progress_start(&trainer);
    progress.loss = 2.5;
    MetricsRow row = {.step = 110000, .loss = 2.5, .seconds = 11};
    expect_line(&progress, row, 200,
                " 55%  step 110000/200000  10000 steps/s  0:09 left  best dev 2.2500  loss 2.5000");
    progress.row.dev_loss = 2.3;
    expect_line(&progress, row, 200,
                " 55%  step 110000/200000  10000 steps/s  0:09 left  dev 2.3000 best 2.2500  loss 2.5000");
    progress.row.dev_loss = trainer.state.best_dev_loss = 2.125;
    expect_line(&progress, row, 80, " 55%  10000 steps/s  0:09 left  dev 2.1250 best  loss 2.5000");
    expect_line(&progress, row, 40, " 55%  0:09 left  loss 2.5000");
    expect_line(&progress, row, 20, " 55%  loss 2.5000");
    expect_line(&progress, row, 8, " 55%");
    row.loss = NAN;
    expect_line(&progress, row, 80, " 55%  10000 steps/s  dev 2.1250 best  loss 2.5000");
}
END_TEST

// Every part stays within 80 columns.
START_TEST(no_size_of_a_number_breaks_the_line) {
    Config config = {.train.steps = 1000000000000000};
    Trainer trainer = {.config = &config, .state.best_dev_loss = 123456789};
    Progress progress = progress_start(&trainer);
    progress.loss = 4.5874e70;
    progress.row.dev_loss = 12345.678901;
    trainer.state.best_dev_loss = 999.99996;
    expect_line(&progress, (MetricsRow){.step = 1000, .loss = 1, .seconds = 1}, 80,
                "  0%  1.16e+07 days left  dev 12345.68 best 1000.000  loss 4.59e+70");
    progress.row.dev_loss = 1e300;
    trainer.state.best_dev_loss = 1e6;
    for (size_t i = 0; i < 100; i++) sparkline_add(&progress.losses, (double)i);
    StatusPart parts[STATUS_PARTS];
    char text[STATUS_BYTES];
    MetricsRow row = {.step = 1000, .loss = 1, .seconds = 100};
    status_fit(parts, progress_parts(&progress, &row, parts), &(StatusStyle){.columns = 80}, text);
    ck_assert_ptr_nonnull(strstr(text, "  dev 1.0e+300 best 1.00e+06  loss 4.59e+70  "));
    ck_assert_uint_le(strlen(text), 77);
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
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[FORMAT_BYTES];
        ck_assert_str_eq(format_fitted(cases[i].value, cases[i].digits, cases[i].most, text), cases[i].text);
    }
    static const struct {
        double value;
        const char *text;
    } losses[] = {{2.10634, "2.1063"},         {999999.5, "999999.5000"},     {1e6, "1.0000e+06"},
                  {1.7976e308, "1.7976e+308"}, {-1.7976e308, "-1.7976e+308"}, {-NAN, "nan"}};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        char text[FORMAT_BYTES];
        ck_assert_str_eq(format_loss(losses[i].value, text), losses[i].text);
    }
}
END_TEST

SUITE(progress, NEEDS_NOTHING) {
    ADD(a_curve_rises_and_falls_with_its_series);
    ADD(a_long_series_is_kept_as_means_in_their_order);
    ADD(equal_values_and_a_first_fall_leave_a_curve_to_see);
    ADD(parts_give_way_by_their_rank);
    ADD(speed_and_time_left_are_of_this_command);
    ADD(no_size_of_a_number_breaks_the_line);
    ADD(numbers_fit_their_columns);
}
