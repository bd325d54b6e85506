#include "study/compare.h"
#include "base/format.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "cmd/share/terminal.h"
#include "study/describe.h"

#include <math.h>
#include <string.h>

enum { RUNS_MAX = 64, NOTES_PER_GROUP = 3, NAME_COLUMNS = 12 };

typedef struct CompareOptions {
    const char *split;
    bool best, json;
} CompareOptions;

static const char *const SPLITS[] = {"train", "dev", "test", NULL};

static const Option OPTIONS[] = {
    {"split", 0, OPTION_CHOICE, offsetof(CompareOptions, split), "SPLIT",
     "the split whose losses are tested: train, dev (default) or test", 0, 0, SPLITS},
    {"best", 0, OPTION_FLAG, offsetof(CompareOptions, best), NULL,
     "measure each run's best.safetensors instead of its last weights", 0, 0, NULL},
    {"json", 0, OPTION_FLAG, offsetof(CompareOptions, json), NULL, "one JSON object instead of tables", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "compare",
    .brief = "runs side by side, and whether they differ beyond chance",
    .summary = "Compares runs. RUN is a run, or a directory of runs that differ in their seed (nomen train --seeds N "
               "makes one). Losses are exact, of the last weights; for several seeds, their mean and sample standard "
               "deviation (sd).\n\n"
               "Welch's t-test of each group against the first tells whether a difference is larger than the spread "
               "between seeds: p is the probability that seeds alone make a difference as large. A difference counts "
               "if p is below 0.05, or below 0.05/k with k groups after the first (Bonferroni). The test does not "
               "know which runs were tried before and left out (a run picked by its dev loss is better judged with "
               "--split test), and it is about other seeds, not about other names.",
    .operand = "RUN...",
    .min_operands = 1,
    .max_operands = RUNS_MAX,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(CompareOptions),
    .examples = "  nomen compare runs/mlp runs/short\n"
                "  nomen compare runs/mlp runs/three --split test --json\n",
};

static bool refuse_one(const GroupFiles *groups, size_t n, Error *err) {
    if (n > 1 || groups[0].n > 1) return true;
    error_set(err, "%s is one run; compare takes two or more, or a directory of one run per seed", groups[0].path);
    return options_wrong(&USAGE, err);
}

// Adds what arena_format or buffer_text returned. Returns false if that is NULL.
static bool add_note(Texts *notes, const char *note) {
    if (note) notes->items[notes->n++] = note;
    return note != NULL;
}

// The split to test: the one asked for, which all groups must have; otherwise dev if all groups have one, else train.
static bool choose_part(GroupComparison *c, const char *asked, Texts *notes, Arena *arena, Error *err) {
    c->part = PART_DEV;
    for (size_t p = 0; asked && p < N_PARTS; p++)
        if (strcmp(asked, PART_NAMES[p]) == 0) c->part = (Part)p;
    for (size_t g = 0; g < c->n; g++) {
        const char *path = c->groups[g].files.path;
        if (c->groups[g].examples[c->part] > 0) continue;
        if (asked) return error_set(err, "%s: its data has no %s split", path, asked);
        c->part = PART_TRAIN;
        if (c->n > 1)
            return add_note(
                notes,
                arena_format(arena, err, "the data of %s has no dev split, so the train losses are compared", path));
    }
    return true;
}

static void write_data(Buffer *out, const DataConfig *data) {
    char text[DESCRIBE_SPLIT_BYTES];
    buffer_print(out, "%s", describe_split(data, text) + strlen("split "));
}

// Notes what keeps the losses of two groups from being of the same examples.
static bool note_data(const GroupComparison *c, size_t g, Texts *notes, Arena *arena, Error *err) {
    const GroupResult *a = &c->groups[0], *b = &c->groups[g];
    if (g == 0 || c->tests[g].same_data) return true;
    Buffer out = {.arena = arena};
    buffer_print(&out, "%s and %s were not measured on the same examples:", a->files.path, b->files.path);
    if (!compare_same_file(a, b))
        buffer_print(&out, " their names files differ (SHA-256 %.8s, %.8s)", a->data_sha256, b->data_sha256);
    if (!data_same_split(&a->data, &b->data)) {
        buffer_print(&out, "%s the split is ", compare_same_file(a, b) ? "" : ",");
        write_data(&out, &a->data);
        buffer_print(&out, " in the one, ");
        write_data(&out, &b->data);
        buffer_print(&out, " in the other");
    }
    return add_note(notes, buffer_text(&out, err));
}

static bool note_unfinished(const GroupResult *group, Texts *notes, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    if (group->n_unfinished == 0) return true;
    if (group->files.n > 1)
        buffer_print(&out, "%zu of the %zu runs in %s %s not finished: ", group->n_unfinished, group->files.n,
                     group->files.path, group->n_unfinished == 1 ? "is" : "are");
    buffer_print(&out, group->files.n > 1 ? "%s is at step %llu of %llu" : "%s is not finished: step %llu of %llu",
                 group->files.files[group->unfinished], (unsigned long long)group->step,
                 (unsigned long long)group->steps);
    return add_note(notes, buffer_text(&out, err));
}

static bool note_spread(const GroupComparison *c, size_t g, Texts *notes, Arena *arena, Error *err) {
    const GroupResult *group = &c->groups[g];
    if (group->loss[c->part].sd > 0) return true;
    return add_note(notes, arena_format(arena, err,
                                        group->files.n == 1
                                            ? "%s is one run: without a spread between seeds, no test is possible"
                                            : "%s has no spread between its seeds: their losses are equal",
                                        group->files.path));
}

static bool find_notes(const GroupComparison *c, Texts *notes, Arena *arena, Error *err) {
    for (size_t g = 0; g < c->n; g++)
        if (!note_unfinished(&c->groups[g], notes, arena, err) || !note_spread(c, g, notes, arena, err) ||
            !note_data(c, g, notes, arena, err))
            return false;
    return true;
}

static void write_groups(Buffer *out, const GroupComparison *c) {
    static const Column columns[] = {
        {"run", NULL, -NAME_COLUMNS, 0, 0}, {"runs", NULL, 4, 0, 0}, {"mean", NULL, 8, 'f', 4}, {"sd", NULL, 6, 'f', 4},
        {"mean", NULL, 8, 'f', 4},          {"sd", NULL, 6, 'f', 4}, {"mean", NULL, 8, 'f', 4}, {"sd", NULL, 6, 'f', 4},
        {"params", NULL, 7, 'f', 0},        {"time", NULL, 6, 0, 0}};
    const Table table = {out, TABLE_TEXT, 0, sizeof columns / sizeof *columns, columns};
    buffer_print(out, "%*s", NAME_COLUMNS + 5, "");
    for (size_t p = 0; p < N_PARTS; p++) buffer_print(out, "%16s", PART_NAMES[p]);
    buffer_print(out, "\n");
    table_head(&table);
    for (size_t g = 0; g < c->n; g++) {
        const GroupResult *group = &c->groups[g];
        const Spread *train = &group->loss[PART_TRAIN], *dev = &group->loss[PART_DEV], *test = &group->loss[PART_TEST];
        double seconds = group->seconds.mean, n = (double)group->n_parameters;
        char text[FORMAT_BYTES], time[FORMAT_BYTES + 1];
        snprintf(time, sizeof time, "%ss", format_fitted(seconds, 1, 5, text));
        table_row(&table, (Cell[]){cell_text(group->files.path), cell_count(group->files.n), cell_known(train->mean),
                                   cell_known(train->sd), cell_known(dev->mean), cell_known(dev->sd),
                                   cell_known(test->mean), cell_known(test->sd), n > 0 ? cell_number(n) : cell_none(),
                                   isnan(seconds) ? cell_none() : cell_text(time)});
    }
}

static const char *verdict(const GroupTest *test) {
    if (!test->same_data) return "other data";
    if (!test->is_tested) return "not tested";
    if (!test->differs) return "within seeds' spread";
    return test->welch.difference < 0 ? "lower beyond seeds' spread" : "higher beyond seeds' spread";
}

static void write_tests(Buffer *out, const GroupComparison *c, TableFormat format) {
    static const Column columns[] = {{"run", "run", -NAME_COLUMNS, 0, 0},
                                     {NULL, "against", 0, 0, 0},
                                     {NULL, "split", 0, 0, 0},
                                     {"difference", "difference", 10, 'f', 4},
                                     {"t", "t", 8, 'f', 2},
                                     {"df", "df", 6, 'f', 1},
                                     {NULL, "p", 0, 0, 0},
                                     {"p", NULL, 8, 'f', 4},
                                     {NULL, "level", 0, 0, 0},
                                     {NULL, "same_data", 0, 0, 0},
                                     {NULL, "beyond_spread", 0, 0, 0},
                                     {"verdict", NULL, 0, 0, 0}};
    const Table table = {out, format, 0, sizeof columns / sizeof *columns, columns};
    table_head(&table);
    for (size_t g = 1; g < c->n; g++) {
        const GroupTest *test = &c->tests[g];
        const Welch *welch = &test->welch;
        table_row(&table, (Cell[]){cell_text(c->groups[g].files.path), cell_text(c->groups[0].files.path),
                                   cell_text(PART_NAMES[c->part]), cell_known(welch->difference), cell_known(welch->t),
                                   cell_known(welch->df), cell_known(welch->p),
                                   welch->p < 0.0001 ? cell_text("<0.0001") : cell_known(welch->p),
                                   cell_number(c->level), cell_flag(test->same_data),
                                   test->is_tested ? cell_flag(test->differs) : cell_none(), cell_text(verdict(test))});
    }
}

static void write_text(Buffer *out, const GroupComparison *c, const Texts *notes) {
    write_groups(out, c);
    if (c->n > 1) {
        buffer_print(out, "\n%s loss compared with that of %s (Welch's t-test, two-sided):\n\n", PART_NAMES[c->part],
                     c->groups[0].files.path);
        write_tests(out, c, TABLE_TEXT);
    }
    if (c->n_tests > 1)
        buffer_print(out, "\n%zu tests: a difference counts if p is below %.4f (0.05/%zu).\n", c->n_tests, c->level,
                     c->n_tests);
    if (notes->n > 0) buffer_print(out, "\n");
    for (size_t i = 0; i < notes->n; i++) {
        size_t begin = out->n;
        buffer_print(out, "%s", notes->items[i]);
        terminal_wrap_tail(out, begin, 0, 2);
    }
}

static void write_spread(Buffer *out, const char *key, const Spread *spread, const double *losses) {
    json_add_open(out, key, '{');
    json_add_number(out, "mean", spread->mean);
    json_add_number(out, "sd", spread->sd);
    if (losses) json_add_open(out, "losses", '[');
    for (size_t i = 0; losses && i < spread->n; i++) json_number(out, losses[i]);
    if (losses) json_close(out, ']');
    json_close(out, '}');
}

static void write_json(Buffer *out, const GroupComparison *c, const Texts *notes) {
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
    for (size_t i = 0; i < notes->n; i++) json_text(out, notes->items[i]);
    json_close(out, ']');
    json_close(out, '}');
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const CompareOptions *o = options;
    size_t n = operands->n;
    GroupFiles *files = arena_alloc(arena, n, sizeof *files, err);
    GroupResult *groups = arena_alloc(arena, n, sizeof *groups, err);
    Texts notes = {.items = arena_alloc(arena, 1 + n * NOTES_PER_GROUP, sizeof *notes.items, err)};
    if (!files || !groups || !notes.items) return command_failed(err);
    for (size_t g = 0; g < n; g++)
        if (!compare_find(&files[g], operands->items[g], o->best, arena, err)) return command_failed(err);
    if (!refuse_one(files, n, err)) return command_failed(err);
    if (!compare_check_distinct(files, n, arena, err)) {
        if (err->kind == ERROR_USAGE) options_wrong(&USAGE, err);
        return command_failed(err);
    }
    for (size_t g = 0; g < n; g++)
        if (!compare_measure(&groups[g], &files[g], arena, err)) return command_failed(err);
    GroupComparison c = {.n = n, .groups = groups};
    Buffer out = {.arena = arena};
    if (!choose_part(&c, o->split, &notes, arena, err) || !compare_test(&c, arena, err) ||
        !find_notes(&c, &notes, arena, err))
        return command_failed(err);
    if (o->json)
        write_json(&out, &c, &notes);
    else
        write_text(&out, &c, &notes);
    return command_print(&out, err);
}

const Command compare_command = {COMMANDS_LOOK, &USAGE, run};
