// Charts and reports at terminals of every width: no value is lost, and no line wraps if there is room for it.
#include "cli/run.h"
#include "cli/terminal_run.h"

static size_t count(const char *text, const char *part) {
    size_t n = 0;
    for (; (text = strstr(text, part)); text++) n++;
    return n;
}

static size_t widest_line(const char *text) {
    size_t most = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t n = utf8_count(line, strcspn(line, "\n"));
        if (n > most) most = n;
    }
    return most;
}

START_TEST(temperatures_are_side_by_side) {
    static const unsigned short widths[] = {80, 400};
    for (size_t i = 0; i < COUNT(widths); i++) {
        TerminalRun run = nomen_at_terminal(widths[i], 0, "", "softmax 1 2 5 -t 0.1,0.5,1,2,10");
        ck_assert_msg(run.status == 0 && run.n_wraps == 0, "%s", run.screen);
        ck_assert_uint_eq(count(run.bytes, "T="), 5);
        ck_assert_uint_eq(count(run.bytes, "0.4147"), 1);
    }
}
END_TEST

START_TEST(bars_are_narrower_than_120_columns) {
    TerminalRun run = nomen_at_terminal(400, 0, "LC_ALL=C.UTF-8", "softmax 0 50 -t 1,2");
    ck_assert_uint_lt(widest_line(run.screen), 120);
}
END_TEST

START_TEST(an_axis_has_three_rates) {
    write_config();
    static const struct {
        unsigned short columns;
        const char *settings, *rates;
        const char *dot;
    } cases[] = {{51, "LC_ALL=C", "--from 1.23e-9 --to 1.23e-4", "*"},
                 {60, "LC_ALL= LC_CTYPE= LANG=en_US.utf8", "--from 0.001 --to 1", "\u2022"},
                 {60, "LC_ALL=de_DE.ISO-8859-1", "--from 0.1 --to 12345", "*"},
                 {300, "LC_ALL=C.UTF-8", "--from 0.001 --to 1", "\u2022"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        TerminalRun run = nomen_at_terminal(cases[i].columns, 0, cases[i].settings,
                                            textf("lr-find c.json %s --steps 20", cases[i].rates));
        ck_assert_int_eq(run.status, 0);
        const char *axis = strstr(run.bytes, "+---");
        ck_assert_msg(axis != NULL && strstr(run.bytes, cases[i].dot) != NULL, "%s", run.bytes);
        const char *names = strchr(axis, '\n') + 1, *end = strchr(names, '\r');
        size_t n = 0;
        for (const char *at = names; at < end; at++) n += *at != ' ' && (at == names || at[-1] == ' ');
        ck_assert_msg(n == 3, "%hu columns: %.*s", cases[i].columns, (int)(end - names), names);
        ck_assert_uint_le(widest_line(axis), cases[i].columns < 121 ? cases[i].columns + 1U : 122);
    }
}
END_TEST

START_TEST(an_audit_fits_a_narrow_terminal) {
    write_text(scratch("names.txt"), "\u65e5\u672c\nada\nbob\nada\nada\nb\u200bb\n");
    TerminalRun wide = nomen_at_terminal(80, 0, "", "audit names.txt");
    ck_assert_msg(wide.status == 0 && wide.n_wraps == 0, "%s", wide.screen);
    TerminalRun run = nomen_at_terminal(12, 0, "", "audit names.txt");
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.screen, "lines"));
    ck_assert_uint_ge(count(run.bytes, "U+200B"), 1);
}
END_TEST

START_TEST(scores_have_no_bars_on_narrow_terminals) {
    static const unsigned short widths[] = {20, 24, 80};
    write_text(scratch("names.txt"), "ada\nbob\nada\nana\n");
    write_json(scratch("n.json"), "{'data': {'path': 'names.txt', 'split': [1]}, 'model': {'ngram': 2}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("n.json"), scratch("run")).status, 0);
    write_text(scratch("name.txt"), "bo\n");
    for (size_t i = 0; i < COUNT(widths); i++) {
        TerminalRun run = nomen_at_terminal(widths[i], 0, "LC_ALL=C", "score run name.txt --per-char");
        ck_assert_int_eq(run.status, 0);
        const char *row = strstr(run.bytes, "\n  b ");
        ck_assert_msg(row != NULL, "%s", run.bytes);
        ck_assert_int_eq(memchr(row, '#', strcspn(row + 1, "\r")) != NULL, widths[i] == 80);
    }
}
END_TEST

START_TEST(a_terminal_without_a_width_counts_as_80_columns) {
    const char *wide = textf("%s", nomen_at_terminal(80, 0, "", "softmax 1 2 5 -t 0.1,1,10").bytes);
    ck_assert_str_eq(nomen_at_terminal(0, 0, "", "softmax 1 2 5 -t 0.1,1,10").bytes, wide);
}
END_TEST

SUITE(cli_narrow, NEEDS_NOTHING) {
    ADD(temperatures_are_side_by_side);
    ADD(bars_are_narrower_than_120_columns);
    ADD(an_axis_has_three_rates);
    ADD(an_audit_fits_a_narrow_terminal);
    ADD(scores_have_no_bars_on_narrow_terminals);
    ADD(a_terminal_without_a_width_counts_as_80_columns);
}
