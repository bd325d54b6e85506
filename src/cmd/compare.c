#include "cmd/compare_report.h"
#include "cmd/share/command.h"

#include <math.h>
#include <string.h>

enum { RUNS_MAX = 64, NOTES_A_GROUP = 3, NOTES_OF_ALL = 1 };

static const double LEVEL = 0.05;

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
    .summary = "Sets runs side by side. RUN is a run, or a directory of runs that differ in their seed (nomen train "
               "--seeds N makes one). Losses are exact, of the last weights; for several seeds their mean and sample "
               "standard deviation (sd).\n\n"
               "Whether a difference is larger than the spread between seeds is asked by Welch's t-test of each group "
               "against the first: p is how often seeds alone would make as large a difference were there none. Below "
               "0.05 it counts as one; with k groups beside the first below 0.05/k (Bonferroni). The test knows "
               "nothing of what was tried before and left out (a run picked by its dev loss is better judged with "
               "--split test), and speaks of other seeds, not of other names.",
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
    error_set(err, "%s is one run; compare takes two or more, or a directory of one run a seed", groups[0].path);
    return options_wrong(&USAGE, err);
}

// Takes the sentence that arena_format or buffer_text made. False where it made none.
static bool add_note(Comparison *c, const char *note) {
    if (note) c->notes[c->n_notes++] = note;
    return note != NULL;
}

// The split that is tested: the one asked for, which all must have, or dev where all have one, else train.
static bool choose_part(Comparison *c, const char *asked, Arena *arena, Error *err) {
    c->part = asked ? PART_TRAIN : PART_DEV;
    for (size_t p = 0; asked && p < N_PARTS; p++)
        if (strcmp(asked, PART_NAMES[p]) == 0) c->part = (Part)p;
    for (size_t g = 0; g < c->n; g++) {
        const char *path = c->groups[g].files.path;
        if (c->groups[g].examples[c->part] > 0) continue;
        if (asked) return error_set(err, "%s: its data has no %s split", path, asked);
        c->part = PART_TRAIN; // which all have
        if (c->n > 1 && !add_note(c, arena_format(arena, err,
                                                  "the data of %s has no dev split, so that the train loss is "
                                                  "compared for all",
                                                  path)))
            return false;
    }
    return true;
}

static bool same_file(const GroupFigures *a, const GroupFigures *b) {
    return strcmp(a->data_sha256, b->data_sha256) == 0;
}

static void test_all(Comparison *c) {
    for (size_t g = 1; g < c->n; g++) {
        const GroupFigures *first = &c->groups[0], *group = &c->groups[g];
        Beside *beside = &c->beside[g];
        beside->same_data = same_file(first, group) && data_same_split(&first->data, &group->data);
        beside->is_tested =
            welch_test(&first->loss[c->part], &group->loss[c->part], &beside->welch) && beside->same_data;
        c->n_tests += beside->is_tested;
    }
    c->level = LEVEL / (double)(c->n_tests > 0 ? c->n_tests : 1);
    for (size_t g = 1; g < c->n; g++) c->beside[g].differs = c->beside[g].is_tested && c->beside[g].welch.p < c->level;
}

static void add_data(Buffer *out, const DataConfig *data) {
    for (size_t p = 0; p < N_PARTS; p++) buffer_print(out, "%s%g", p > 0 ? ", " : "", data->split.parts[p]);
    if (data->shuffle_seed.given)
        buffer_print(out, " shuffled by %llu", (unsigned long long)data->shuffle_seed.value);
    else
        buffer_print(out, " in file order");
    if (data->unique) buffer_print(out, " of different names");
}

// What keeps two groups' losses from being of the same examples.
static bool note_data(Comparison *c, size_t g, Arena *arena, Error *err) {
    const GroupFigures *a = &c->groups[0], *b = &c->groups[g];
    if (g == 0 || c->beside[g].same_data) return true;
    Buffer out = {.arena = arena};
    buffer_print(&out, "%s and %s were not measured on the same examples:", a->files.path, b->files.path);
    if (!same_file(a, b))
        buffer_print(&out, " their names files differ (SHA-256 %.8s, %.8s)", a->data_sha256, b->data_sha256);
    if (!data_same_split(&a->data, &b->data)) {
        buffer_print(&out, "%s the split is ", same_file(a, b) ? "" : ",");
        add_data(&out, &a->data);
        buffer_print(&out, " in the one, ");
        add_data(&out, &b->data);
        buffer_print(&out, " in the other");
    }
    return add_note(c, buffer_text(&out, err));
}

static bool note_unfinished(Comparison *c, const GroupFigures *group, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    if (group->n_unfinished == 0) return true;
    if (group->files.n > 1)
        buffer_print(&out, "%zu of the %zu runs in %s %s not finished: ", group->n_unfinished, group->files.n,
                     group->files.path, group->n_unfinished == 1 ? "is" : "are");
    buffer_print(&out, group->files.n > 1 ? "%s is at step %llu of %llu" : "%s is not finished: step %llu of %llu",
                 group->files.files[group->unfinished], (unsigned long long)group->step,
                 (unsigned long long)group->steps);
    return add_note(c, buffer_text(&out, err));
}

static bool note_group(Comparison *c, size_t g, Arena *arena, Error *err) {
    const GroupFigures *group = &c->groups[g];
    const char *path = group->files.path;
    if (!note_unfinished(c, group, arena, err)) return false;
    if (group->files.n == 1)
        return add_note(
            c,
            arena_format(arena, err,
                         "%s is one run: it has no spread between seeds, so that nothing can be tested with it", path));
    return group->loss[c->part].sd > 0 ||
           add_note(c, arena_format(arena, err, "%s has no spread between its seeds: their losses are equal", path));
}

static bool compare_all(Comparison *c, const CompareOptions *o, Arena *arena, Error *err) {
    c->notes = arena_alloc(arena, c->n * NOTES_A_GROUP + NOTES_OF_ALL, sizeof *c->notes, err);
    c->beside = arena_alloc(arena, c->n, sizeof *c->beside, err);
    if (!c->notes || !c->beside || !choose_part(c, o->split, arena, err)) return false;
    test_all(c);
    for (size_t g = 0; g < c->n; g++)
        if (!note_group(c, g, arena, err) || !note_data(c, g, arena, err)) return false;
    return true;
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const CompareOptions *o = options;
    size_t n = operands->n;
    GroupFiles *files = arena_alloc(arena, n, sizeof *files, err);
    GroupFigures *groups = arena_alloc(arena, n, sizeof *groups, err);
    if (!files || !groups) return command_failed(err);
    for (size_t g = 0; g < n; g++)
        if (!compare_find(&files[g], operands->items[g], o->best, arena, err)) return command_failed(err);
    if (!refuse_one(files, n, err)) return command_failed(err);
    if (!compare_check_distinct(files, n, arena, err)) {
        if (err->kind == ERROR_USAGE) options_wrong(&USAGE, err);
        return command_failed(err);
    }
    for (size_t g = 0; g < n; g++)
        if (!compare_measure(&groups[g], &files[g], arena, err)) return command_failed(err);
    Comparison comparison = {.n = n, .groups = groups};
    if (!compare_all(&comparison, o, arena, err)) return command_failed(err);
    if (!o->json)
        compare_print(&comparison);
    else if (!compare_json(&comparison, arena, err))
        return command_failed(err);
    return command_done(err);
}

const Command compare_command = {COMMANDS_LOOK, &USAGE, run};
