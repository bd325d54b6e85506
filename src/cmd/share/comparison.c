#include "cmd/share/comparison.h"

#include "base/json.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "cmd/share/terminal.h"
#include "study/compare.h"
#include "study/describe.h"

#include <math.h>
#include <string.h>

enum { NAME_COLUMNS = 12 };

// The losses of counts do not depend on a seed, so they are compared without a test.
static bool is_counts(const GroupResult *group) { return group->n_parameters == 0; }

static bool all_are_counts(const GroupComparison *c) {
    for (size_t g = 0; g < c->n; g++)
        if (!is_counts(&c->groups[g])) return false;
    return true;
}

// The notes below are sentences, each with a line end.

// Sets the part to test: the one asked for, which all groups must have; otherwise dev if all groups have one, else
// train.
static bool choose_part(GroupComparison *c, const char *asked, Buffer *notes, Error *err) {
    c->part = PART_DEV;
    for (size_t p = 0; asked && p < N_PARTS; p++)
        if (strcmp(asked, PART_NAMES[p]) == 0) c->part = (Part)p;
    for (size_t g = 0; g < c->n; g++) {
        const char *path = c->groups[g].files.path;
        if (c->groups[g].examples[c->part] > 0) continue;
        if (asked) return error_set(err, "%s: its data has no %s split", path, asked);
        c->part = PART_TRAIN;
        if (c->n > 1) buffer_print(notes, "the data of %s has no dev split, so the train losses are compared\n", path);
    }
    return true;
}

// Why two groups were not measured on the same examples.
static const char *what_differs(const GroupResult *a, const GroupResult *b) {
    if (strcmp(a->data_sha256, b->data_sha256) != 0) return "names files";
    return data_same_split(&a->data, &b->data) ? "limits of a name's length" : "splits";
}

static void note_spreads(Buffer *notes, const GroupComparison *c) {
    size_t n = 0;
    for (size_t g = 0; g < c->n; g++) n += c->groups[g].loss[c->part].sd > 0;
    if (all_are_counts(c) || n == c->n || (c->n == 1 && c->groups[0].files.n == 1)) return;
    if (n == 0 && c->n > 1) buffer_print(notes, "no run has a spread between seeds, so no test is possible\n");
    for (size_t g = 0; g < c->n && (n > 0 || c->n == 1); g++)
        if (!(c->groups[g].loss[c->part].sd > 0))
            buffer_print(notes, "%s %s, so no test is possible\n", c->groups[g].files.path,
                         is_counts(&c->groups[g]) ? "is counts, which have no spread" : "has no spread between seeds");
}

static void note_all(Buffer *notes, const GroupComparison *c) {
    note_spreads(notes, c);
    for (size_t g = 0; g < c->n; g++) {
        const GroupResult *group = &c->groups[g];
        if (group->n_unfinished > 0)
            buffer_print(notes, "%zu of %zu runs in %s not finished\n", group->n_unfinished, group->files.n,
                         group->files.path);
        char noise[DESCRIBE_NOISE_BYTES];
        for (size_t i = 0; i < group->files.n; i++)
            if (describe_noise(group->losses[PART_TRAIN][i], group->n_symbols, noise))
                buffer_print(notes, "%s: %s\n", group->files.is_group ? group->files.files[i] : group->files.path,
                             noise);
        for (size_t p = 0; p < N_PARTS; p++)
            if (isinf(group->loss[p].mean))
                buffer_print(notes, "%s: " INFINITE_LOSS "\n", group->files.path, PART_NAMES[p]);
        if (g > 0 && !c->tests[g].same_data)
            buffer_print(notes, "%s and %s were not measured on the same examples: their %s differ\n",
                         c->groups[0].files.path, group->files.path, what_differs(&c->groups[0], group));
    }
}

static void write_groups(Buffer *out, const GroupComparison *c) {
    static const Column columns[] = {
        {"run", NULL, -NAME_COLUMNS}, {"runs", NULL, 4},          {"mean", NULL, 8, 'f', 4}, {"sd", NULL, 6, 'f', 4},
        {"mean", NULL, 8, 'f', 4},    {"sd", NULL, 6, 'f', 4},    {"mean", NULL, 8, 'f', 4}, {"sd", NULL, 6, 'f', 4},
        {"params", NULL, 7, 'f', 0},  {"time s", NULL, 6, 'f', 1}};
    const Table table = {out, TABLE_TEXT, 0, sizeof columns / sizeof *columns, columns};
    buffer_print(out, "%*s", NAME_COLUMNS + 5, "");
    for (size_t p = 0; p < N_PARTS; p++) buffer_print(out, "%16s", PART_NAMES[p]);
    buffer_print(out, "\n");
    table_head(&table);
    for (size_t g = 0; g < c->n; g++) {
        const GroupResult *group = &c->groups[g];
        const Spread *train = &group->loss[PART_TRAIN], *dev = &group->loss[PART_DEV], *test = &group->loss[PART_TEST];
        double n = (double)group->n_parameters;
        table_row(&table, (Cell[]){cell_text(group->files.path), cell_count(group->files.n), cell_known(train->mean),
                                   cell_known(train->sd), cell_known(dev->mean), cell_known(dev->sd),
                                   cell_known(test->mean), cell_known(test->sd), n > 0 ? cell_number(n) : cell_none(),
                                   cell_known(group->seconds.mean)});
    }
}

static const char *verdict(const GroupComparison *c, size_t g) {
    const GroupTest *test = &c->tests[g];
    double difference = test->welch.difference;
    if (!test->same_data) return "other data";
    if (is_counts(&c->groups[0]) && is_counts(&c->groups[g]))
        return difference < 0 ? "lower" : difference > 0 ? "higher" : "equal";
    if (!test->is_tested) return "not tested";
    if (!test->differs) return "within seeds' spread";
    return difference < 0 ? "lower beyond seeds' spread" : "higher beyond seeds' spread";
}

static void write_tests(Buffer *out, const GroupComparison *c, TableFormat format) {
    bool tests = !all_are_counts(c);
    const Column columns[] = {{"run", "run", -NAME_COLUMNS},
                              {NULL, "against"},
                              {NULL, "split"},
                              {"difference", "difference", 10, 'f', 4},
                              {tests ? "t" : NULL, "t", 8, 'f', 2},
                              {tests ? "df" : NULL, "df", 6, 'f', 1},
                              {tests ? "p" : NULL, "p", 8, 'g', 2},
                              {NULL, "level"},
                              {NULL, "same_data"},
                              {NULL, "beyond_spread"},
                              {"verdict", NULL, 0}};
    const Table table = {out, format, 0, sizeof columns / sizeof *columns, columns};
    table_head(&table);
    for (size_t g = 1; g < c->n; g++) {
        const GroupTest *test = &c->tests[g];
        const Welch *welch = &test->welch;
        table_row(&table, (Cell[]){cell_text(c->groups[g].files.path), cell_text(c->groups[0].files.path),
                                   cell_text(PART_NAMES[c->part]), cell_known(welch->difference), cell_known(welch->t),
                                   cell_known(welch->df), cell_known(welch->p), cell_number(c->level),
                                   cell_flag(test->same_data), test->is_tested ? cell_flag(test->differs) : cell_none(),
                                   cell_text(verdict(c, g))});
    }
}

static void write_text(Buffer *out, const GroupComparison *c, const char *notes) {
    write_groups(out, c);
    if (c->n > 1) {
        buffer_print(out, "\n%s loss compared with that of %s%s:\n\n", PART_NAMES[c->part], c->groups[0].files.path,
                     all_are_counts(c) ? "" : " (Welch's t-test, two-sided)");
        write_tests(out, c, TABLE_TEXT);
    }
    if (c->n_tests > 1)
        buffer_print(out, "\n%zu tests: a difference counts if p is below %.4f (0.05/%zu).\n", c->n_tests, c->level,
                     c->n_tests);
    if (*notes) buffer_print(out, "\n");
    for (size_t n; (n = strcspn(notes, "\n")) > 0; notes += n + 1) {
        size_t begin = out->n;
        buffer_add(out, notes, n);
        terminal_wrap_tail(out, begin, 0, 2);
    }
}

static void write_spread(Buffer *out, const char *key, const Spread *spread, const double *losses) {
    json_add_open(out, key, '{');
    json_add_number(out, "mean", spread->mean);
    json_add_number(out, "sd", spread->sd);
    if (losses) json_add_numbers(out, "losses", spread->n, losses);
    json_close(out, '}');
}

static void write_json(Buffer *out, const GroupComparison *c, const char *notes) {
    json_open(out, '{');
    json_add_open(out, "groups", '[');
    for (size_t g = 0; g < c->n; g++) {
        const GroupResult *group = &c->groups[g];
        json_open(out, '{');
        json_add_text(out, "run", group->files.path);
        json_add_whole(out, "runs", group->files.n);
        json_add_open(out, "seeds", '[');
        for (size_t i = 0; i < group->files.n; i++) json_whole(out, group->seeds[i]);
        json_close(out, ']');
        for (size_t p = 0; p < N_PARTS; p++)
            if (group->examples[p] > 0) write_spread(out, PART_NAMES[p], &group->loss[p], group->losses[p]);
        json_add_number(out, "parameters", group->n_parameters > 0 ? (double)group->n_parameters : (double)NAN);
        write_spread(out, "seconds", &group->seconds, NULL);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_add_open(out, "tests", '[');
    write_tests(out, c, TABLE_JSON);
    json_close(out, ']');
    json_add_open(out, "notes", '[');
    for (size_t n; (n = strcspn(notes, "\n")) > 0; notes += n + 1) json_bytes(out, notes, n);
    json_close(out, ']');
    json_close(out, '}');
}

bool comparison_print(size_t n, const char *const *runs, const char *split, bool best, bool json, Arena *arena,
                      Error *err) {
    GroupFiles *files = arena_alloc(arena, n, sizeof *files, err);
    GroupResult *groups = arena_alloc(arena, n, sizeof *groups, err);
    if (!files || !groups) return false;
    for (size_t g = 0; g < n; g++)
        if (!compare_find(&files[g], runs[g], best, arena, err)) return false;
    for (size_t g = 0; g < n; g++)
        if (!compare_measure(&groups[g], &files[g], arena, err)) return false;
    GroupComparison c = {.n = n, .groups = groups};
    Buffer out = {.arena = arena}, notes = {.arena = arena};
    if (!choose_part(&c, split, &notes, err) || !compare_test(&c, arena, err)) return false;
    note_all(&notes, &c);
    const char *text = buffer_text(&notes, err);
    if (!text) return false;
    if (json)
        write_json(&out, &c, text);
    else
        write_text(&out, &c, text);
    return command_print(&out, err);
}
