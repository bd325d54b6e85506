#include "cmd/score_print.h"
#include "cmd/share/command.h"

#include <string.h>
#include <unistd.h>

typedef struct ScoreOptions {
    bool per_char, csv, json;
} ScoreOptions;

static const Option OPTIONS[] = {
    {"per-char", 0, OPTION_FLAG, offsetof(ScoreOptions, per_char), NULL,
     "each name character by character, with p, -log p and a bar (full at 10)", 0, 0, NULL},
    {"csv", 0, OPTION_FLAG, offsetof(ScoreOptions, csv), NULL, "one table for programs", 0, 0, NULL},
    {"json", 0, OPTION_FLAG, offsetof(ScoreOptions, json), NULL, "one JSON object", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "score",
    .brief = "how likely a model finds names, line by line",
    .summary = "How likely the model finds each line of FILE, or of standard input where FILE is\n"
               "\"-\" or missing: -log p (natural logarithm) in all (nll) and per character, the\n"
               "perplexity, and the rank, 1 for the likeliest per character. A name's end counts\n"
               "as a character, so that the names of a split have the loss that nomen eval prints.\n"
               "Lines with characters unknown to the model are named on standard error, and get\n"
               "no figures; the exit status is 1 only where no line could be scored.",
    .operand = "RUN [FILE|-]",
    .min_operands = 1,
    .max_operands = 2,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(ScoreOptions),
    .examples = "  nomen score runs/mlp data/names.txt\n"
                "  printf 'emma\\nxqzt\\n' | nomen score runs/mlp --per-char\n",
};

// Why a name is not scored.
static void explain(const Vocab *vocab, Bytes name, Error *err) {
    Arena scratch = {0};
    size_t n;
    uint16_t *ids = arena_alloc(&scratch, name.n, sizeof *ids, err);
    if (ids) vocab_encode(vocab, name.at, name.n, ids, &n, err);
    arena_free(&scratch);
}

enum { MOST_NOTES = 10 };

// The first lines that were not scored, each with its reason, and how many they are.
static void note_unscored(const Vocab *vocab, const NameList *list, const Scores *scores) {
    Bytes before = {list->file.at, 0};
    size_t unscored = scores->n - scores->n_scored, left = unscored < MOST_NOTES ? unscored : MOST_NOTES;
    for (size_t i = 0, line = 1; left > 0; i++) {
        Error why = {0};
        Bytes name = names_at(list, i);
        line = names_next_line(line, before, name);
        before = name;
        if (scores->items[i].n > 0) continue;
        explain(vocab, name, &why);
        command_note("%s: line %zu: %s", list->path, line, why.text);
        left--;
    }
    if (unscored > MOST_NOTES) command_note("%s: %zu more such lines", list->path, unscored - MOST_NOTES);
    if (unscored > 0) command_note("%s: %zu of %zu names not scored", list->path, unscored, scores->n);
}

static bool refuse_all(const Vocab *vocab, const NameList *list, Error *err) {
    Bytes first = names_at(list, 0);
    explain(vocab, first, err);
    error_context(err, "line %zu", names_line(list, first));
    if (list->n > 1) error_prefix(err, "none of the %zu names can be scored; ", list->n);
    return error_context(err, "%s", list->path);
}

static bool print(const ScoreReport *report, const ScoreOptions *o, Error *err) {
    if (o->json) return score_print_json(report, err);
    return o->csv ? score_print_csv(report, err) : score_print_table(report, err);
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const ScoreOptions *o = options;
    SavedModel saved;
    NameList list;
    Scores scores;
    if (o->csv && o->json) {
        error_set(err, "--csv and --json: expected one of them");
        options_wrong(&USAGE, err);
        return command_failed(err);
    }
    const char *path = operands->n == 2 && strcmp(operands->items[1], "-") != 0 ? operands->items[1] : NULL;
    if (!checkpoint_load_model(&saved, operands->items[0], arena, err)) return command_failed(err);
    const Vocab *vocab = &saved.file.vocab;
    if (!path && isatty(STDIN_FILENO)) command_note("names, one a line, end with Ctrl-D:");
    if (!names_read(&list, path, arena, err)) return command_failed(err);
    bool ok = score_names(&scores, &saved.model, vocab, &list, arena, err);
    if (ok && scores.n_scored == 0) ok = refuse_all(vocab, &list, err);
    if (!ok || !print(&(ScoreReport){&saved, &list, &scores, o->per_char}, o, err)) return command_failed(err);
    note_unscored(vocab, &list, &scores);
    return command_done(err);
}

const Command score_command = {COMMANDS_LOOK, &USAGE, run};
