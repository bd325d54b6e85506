#include "cmd/compare_report.h"

#include "base/format.h"
#include "base/text.h"
#include "cmd/share/terminal.h"

#include <math.h>
#include <stdio.h>

enum { NAME_COLUMNS = 12 };

// Whether every path fits the column of names; otherwise each stands on a line of its own, its figures below.
static bool names_fit(const Comparison *c) {
    for (size_t g = 0; g < c->n; g++)
        if (utf8_columns(c->groups[g].files.path) > NAME_COLUMNS) return false;
    return true;
}

static void print_name(const char *name, bool fits) {
    if (fits)
        printf("%s%*s", name, NAME_COLUMNS - (int)utf8_columns(name), "");
    else
        printf("%s\n%*s", name, NAME_COLUMNS, "");
}

// Behind a column that stays free; "-" for no number.
static void print_cell(int width, int digits, double number) {
    char text[FORMAT_BYTES];
    printf("%*s", width, isnan(number) ? "-" : format_fitted(number, digits, (size_t)width - 1, text));
}

static void print_groups(const Comparison *c, bool fits) {
    printf("%*s", NAME_COLUMNS + 5, "");
    for (size_t p = 0; p < N_PARTS; p++) printf("%16s", PART_NAMES[p]);
    printf("\n%-*s%5s", NAME_COLUMNS, "run", "runs");
    for (size_t p = 0; p < N_PARTS; p++) printf("%9s%7s", "mean", "sd");
    printf("%8s%7s\n", "params", "time");
    for (size_t g = 0; g < c->n; g++) {
        const GroupFigures *group = &c->groups[g];
        print_name(group->files.path, fits);
        printf("%5zu", group->files.n);
        for (size_t p = 0; p < N_PARTS; p++) {
            print_cell(9, 4, group->loss[p].mean);
            print_cell(7, 4, group->loss[p].sd);
        }
        print_cell(8, 0, group->n_parameters > 0 ? (double)group->n_parameters : (double)NAN);
        bool is_known = !isnan(group->seconds.mean);
        print_cell(is_known ? 6 : 7, 1, group->seconds.mean);
        puts(is_known ? "s" : "");
    }
}

static const char *verdict(const Beside *beside) {
    if (!beside->same_data) return "other data";
    if (!beside->is_tested) return "not tested";
    if (!beside->differs) return "within the spread of seeds";
    return beside->welch.difference < 0 ? "lower beyond seeds' spread" : "higher beyond seeds' spread";
}

static void print_tests(const Comparison *c, bool fits) {
    printf("\n%s loss beside that of %s (Welch's t-test, two-sided):\n\n", PART_NAMES[c->part],
           c->groups[0].files.path);
    printf("%-*s%11s%9s%7s%9s\n", NAME_COLUMNS, "run", "difference", "t", "df", "p");
    for (size_t g = 1; g < c->n; g++) {
        const Beside *beside = &c->beside[g];
        print_name(c->groups[g].files.path, fits);
        print_cell(11, 4, beside->welch.difference);
        print_cell(9, 2, beside->welch.t);
        print_cell(7, 1, beside->welch.df);
        if (beside->welch.p < 0.0001)
            printf("%9s", "<0.0001");
        else
            print_cell(9, 4, beside->welch.p);
        printf("  %s\n", verdict(beside));
    }
}

void compare_print(const Comparison *c) {
    bool fits = names_fit(c);
    print_groups(c, fits);
    if (c->n > 1) print_tests(c, fits);
    if (c->n_tests > 1) {
        printf("\n%zu tests: a difference is called one where p is below %.4f (0.05/%zu).\n", c->n_tests, c->level,
               c->n_tests);
    }
    if (c->n_notes > 0) putchar('\n');
    for (size_t i = 0; i < c->n_notes; i++) terminal_wrap(c->notes[i], 0, 2);
}

static void add_spread(Buffer *out, const char *key, const Spread *spread, const double *figures) {
    json_add_open(out, key, '{');
    json_add_number(out, "mean", spread->mean);
    json_add_number(out, "sd", spread->sd);
    if (figures) {
        json_add_open(out, "losses", '[');
        for (size_t i = 0; i < spread->n; i++) json_number(out, figures[i]);
        json_close(out, ']');
    }
    json_close(out, '}');
}

static void add_group(Buffer *out, const GroupFigures *group) {
    json_open(out, '{');
    json_add_text(out, "run", group->files.path);
    json_add_whole(out, "runs", group->files.n);
    json_add_open(out, "seeds", '[');
    for (size_t i = 0; i < group->files.n; i++) json_whole(out, group->seeds[i]);
    json_close(out, ']');
    for (size_t p = 0; p < N_PARTS; p++)
        if (group->examples[p] > 0) add_spread(out, PART_NAMES[p], &group->loss[p], group->losses[p]);
    json_key(out, "parameters");
    if (group->n_parameters > 0)
        json_whole(out, group->n_parameters);
    else
        json_word(out, "null");
    add_spread(out, "seconds", &group->seconds, NULL);
    json_close(out, '}');
}

static void add_test(Buffer *out, const Comparison *c, size_t g) {
    const Beside *beside = &c->beside[g];
    json_open(out, '{');
    json_add_text(out, "run", c->groups[g].files.path);
    json_add_text(out, "against", c->groups[0].files.path);
    json_add_text(out, "split", PART_NAMES[c->part]);
    json_add_number(out, "difference", beside->welch.difference);
    json_add_number(out, "t", beside->welch.t);
    json_add_number(out, "df", beside->welch.df);
    json_add_number(out, "p", beside->welch.p);
    json_add_number(out, "level", c->level);
    json_add_bool(out, "same_data", beside->same_data);
    json_key(out, "beyond_spread");
    json_word(out, !beside->same_data || !beside->is_tested ? "null" : beside->differs ? "true" : "false");
    json_close(out, '}');
}

bool compare_json(const Comparison *c, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    json_open(&out, '{');
    json_add_open(&out, "groups", '[');
    for (size_t g = 0; g < c->n; g++) add_group(&out, &c->groups[g]);
    json_close(&out, ']');
    json_add_open(&out, "tests", '[');
    for (size_t g = 1; g < c->n; g++) add_test(&out, c, g);
    json_close(&out, ']');
    json_add_open(&out, "notes", '[');
    for (size_t i = 0; i < c->n_notes; i++) json_text(&out, c->notes[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (text) puts(text);
    return text != NULL;
}
