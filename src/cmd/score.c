#include "study/score.h"
#include "base/json.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "train/load.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

typedef struct ScoreOptions {
    bool per_char, csv, json;
} ScoreOptions;

static const Option OPTIONS[] = {
    {"per-char", 0, OPTION_FLAG, offsetof(ScoreOptions, per_char), NULL,
     "show each character with p, -log p and a bar, full at 10"},
    {"csv", 0, OPTION_FLAG, offsetof(ScoreOptions, csv), NULL, "one table for programs"},
    {"json", 0, OPTION_FLAG, offsetof(ScoreOptions, json), NULL, "one JSON object"},
};

static const Usage USAGE = {
    .command = "score",
    .brief = "report how likely a model finds each name",
    .summary = "Reports how likely the model finds each line of FILE. Without FILE, or if FILE is \"-\", it reads "
               "standard input. nll is -log p (natural logarithm) of the whole name, per char is nll per character. "
               "Rank 1 is the name with the lowest nll per character. The end of a name counts as a character, so the "
               "names of a split have the loss that nomen eval prints.\n\nLines with characters unknown to the model "
               "are not scored, nor are names that are too long for a network that reads whole names. Standard error "
               "reports their number. Blank lines are skipped. The exit status is 1 only if no line could be scored.",
    .operand = "RUN [FILE|-]",
    .max_operands = 2,
    OPTION_TABLE(OPTIONS, ScoreOptions),
    .examples = "  nomen score runs/mlp data/names.txt\n"
                "  printf 'emma\\nxqzt\\n' | nomen score runs/mlp --per-char\n",
};

// A full bar: one chance in 22,026. It is fixed so that the bars of names, files and models can be compared.
#define FULL_BAR_NATS 10.0

typedef struct Report {
    const ScoreOptions *options;
    SavedModel *saved;
    const NameList *list;
    Scores scores;
} Report;

// A name to be written.
typedef struct Entry {
    size_t line; // of the input
    Cell name;
    const NameScore *score;
    const uint16_t *ids; // (score->n) and their losses, for --per-char
    const float *losses;
} Entry;

static const Column COLUMNS[] = {
    {"line", "line", 8},
    {"rank", NULL, 8},
    {NULL, "name"},
    {NULL, "examples"},
    {"nll", "nll", 11, 'f', 4},
    {"per char", "nll_per_char", 9, 'f', 4},
    {"perplexity", "perplexity", 11, 'f', 4},
    {"name", NULL, 0},
    {NULL, "rank"},
};

// Writes a name's row, or the row of all names, which has no rank.
static void write_row(const Table *table, Cell line, Cell name, const NameScore *score) {
    if (score->n == 0) {
        const Cell none = cell_none();
        table_row(table, (Cell[]){line, none, name, none, none, none, none, name, none});
        return;
    }
    const Cell rank = score->rank > 0 ? cell_count(score->rank) : cell_text("");
    double mean = score->nll / (double)score->n;
    table_row(table, (Cell[]){line, rank, name, cell_count(score->n), cell_number(score->nll), cell_number(mean),
                              cell_number(exp(mean)), name, rank});
}

static void add_sums(Buffer *out, const NameScore *score) {
    json_add_whole(out, "examples", score->n);
    json_add_number(out, "nll", score->nll);
    json_add_number(out, "nll_per_char", score->nll / (double)score->n);
    json_add_number(out, "perplexity", exp(score->nll / (double)score->n));
}

// The columns of a symbol. JSON has the first three in the entry itself.
enum { ENTRY_COLUMNS = 3, SYMBOL_COLUMNS = 8 };

static void write_symbols(Buffer *out, TableFormat format, const Vocab *vocab, const Entry *entry) {
    size_t n = entry->score->n, skipped = format == TABLE_JSON ? ENTRY_COLUMNS : 0;
    const Column columns[SYMBOL_COLUMNS] = {{NULL, "line"},   {NULL, "name"},           {NULL, "position"},
                                            {"", "char", -6}, {"p", NULL, 8, 'f', 4},   {"-log p", "nll", 9, 'f', 4},
                                            {NULL, "p"},      {"", NULL, bar_width(28)}};
    const Table table = {out, format, 2, SYMBOL_COLUMNS - skipped, columns + skipped};
    if (format == TABLE_TEXT && n > 0) table_head(&table);
    for (size_t k = 0; k < n; k++) {
        double loss = (double)entry->losses[k];
        const Cell p = cell_known(exp(-loss)), symbol = cell_symbol(vocab->code_points[entry->ids[k]]);
        const Cell cells[SYMBOL_COLUMNS] = {
            cell_count(entry->line),       entry->name, cell_count(k + 1), symbol, p, cell_known(loss), p,
            cell_bar(loss / FULL_BAR_NATS)};
        table_row(&table, cells + skipped);
    }
    if (n == 0 && format == TABLE_CSV) table_row(&table, (Cell[SYMBOL_COLUMNS]){cell_count(entry->line), entry->name});
}

static void write_json(Buffer *out, const Report *report, const Entry *entry) {
    bool is_scored = entry->score->n > 0;
    json_open(out, '{');
    json_add_whole(out, "line", entry->line);
    json_key(out, "name");
    json_bytes(out, entry->name.text, (size_t)entry->name.count);
    json_add_bool(out, "scored", is_scored);
    if (is_scored) add_sums(out, entry->score);
    if (is_scored) json_add_whole(out, "rank", entry->score->rank);
    if (is_scored && report->options->per_char) {
        json_add_open(out, "chars", '[');
        write_symbols(out, TABLE_JSON, &report->saved->file.vocab, entry);
        json_close(out, ']');
    }
    json_close(out, '}');
}

static void write_entry(const Table *table, const Report *report, const Entry *entry) {
    const bool per_char = report->options->per_char;
    if (table->format == TABLE_JSON)
        write_json(table->out, report, entry);
    else if (table->format == TABLE_TEXT || !per_char)
        write_row(table, cell_count(entry->line), entry->name, entry->score);
    if (table->format == TABLE_JSON || !per_char) return;
    write_symbols(table->out, table->format, &report->saved->file.vocab, entry);
    if (table->format == TABLE_TEXT) buffer_print(table->out, "\n");
}

// Prints the buffer and empties it, so that memory does not grow with the list.
static void flush(Buffer *out) {
    if (!out->failed) fwrite(out->bytes, 1, out->n, stdout);
    out->n = 0;
}

static bool print_entries(const Table *table, const Report *report, Error *err) {
    const NameList *list = report->list;
    size_t longest = 0, line = 1, n;
    Bytes before = {list->file.at, 0};
    for (size_t i = 0; i < list->n; i++)
        if (report->scores.items[i].n > longest) longest = report->scores.items[i].n;
    uint16_t *ids = arena_alloc(table->out->arena, longest, sizeof *ids, err);
    float *losses = arena_alloc(table->out->arena, longest, sizeof *losses, err);
    if (!ids || !losses) return false;
    for (size_t i = 0; i < list->n && !ferror(stdout); i++) {
        Bytes name = names_at(list, i);
        line = names_next_line(line, before, name);
        before = name;
        const Entry entry = {line, cell_bytes(name.at, name.n), &report->scores.items[i], ids, losses};
        if (report->options->per_char && entry.score->n > 0) {
            if (!score_encode(&report->saved->model, &report->saved->file.vocab, name.at, name.n, ids, &n, err))
                return false;
            score_stream(&report->saved->model, ids, n, losses);
        }
        write_entry(table, report, &entry);
        flush(table->out);
    }
    return true;
}

static void write_all(const Table *table, const Scores *scores) {
    const NameScore all = {.n = scores->n_examples, .nll = scores->nll};
    Buffer *out = table->out;
    char names[32];
    if (table->format == TABLE_JSON) {
        json_format(out, "'all': {'names': %zu, 'scored': %zu", scores->n, scores->n_scored);
        add_sums(out, &all);
        json_close(out, '}');
    } else if (table->format == TABLE_TEXT) {
        snprintf(names, sizeof names, "%zu name%s", scores->n_scored, scores->n_scored == 1 ? "" : "s");
        write_row(table, cell_text("all"), cell_text(names), &all);
    }
}

static bool print(const Report *report, Arena *arena, Error *err) {
    const ScoreOptions *o = report->options;
    Buffer out = {.arena = arena};
    const TableFormat format = o->json ? TABLE_JSON : o->csv ? TABLE_CSV : TABLE_TEXT;
    const Table table = {&out, format, 0, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS};
    if (o->per_char && o->csv)
        buffer_print(&out, "line,name,position,char,nll,p\n");
    else
        table_head(&table);
    if (o->json) json_open(&out, '{');
    if (o->json) json_add_open(&out, "names", '[');
    if (!print_entries(&table, report, err)) return false;
    if (o->json) json_close(&out, ']');
    write_all(&table, &report->scores);
    if (o->json) json_close(&out, '}');
    return command_print(&out, err);
}

// Sets err to the first line that was not scored, the reason, and the number of such lines.
static void explain_unscored(const Report *report, Error *err) {
    const NameList *list = report->list;
    Arena scratch = {0};
    size_t i = 0, n;
    while (report->scores.items[i].n > 0) i++;
    Bytes name = names_at(list, i);
    uint16_t *ids = arena_alloc(&scratch, name.n + 1, sizeof *ids, err);
    if (ids) score_encode(&report->saved->model, &report->saved->file.vocab, name.at, name.n, ids, &n, err);
    arena_free(&scratch);
    error_context(err, "line %zu", names_line(list, name));
    error_prefix(err, "%zu of %zu names cannot be scored; ", list->n - report->scores.n_scored, list->n);
    error_context(err, "%s", list->path);
}

static bool print_report(const Report *report, Arena *arena, Error *err) {
    Error unscored = {0};
    if (report->scores.n_scored < report->list->n) explain_unscored(report, &unscored);
    if (report->scores.n_scored == 0) {
        *err = unscored;
        return false;
    }
    if (!print(report, arena, err)) return false;
    if (unscored.text[0] != '\0') command_note("%s", unscored.text);
    return true;
}

// Loads the model and reads the names in all processes of the world.
static bool load(SavedModel *saved, NameList *list, const char *run, const char *path, World world, Arena *arena,
                 Error *err) {
    if (!load_model_in(saved, run, world, arena, err)) return false;
    const NameFormat format = {.normalize = saved->config.data.format.normalize};
    if (!path && isatty(STDIN_FILENO)) command_note("type names, one per line; Ctrl-D ends the list");
    return world_agree(world, names_read(list, path, &format, arena, err), err) &&
           world_agree_on(world, "names file", list->sha256, sizeof list->sha256, err);
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const ScoreOptions *o = options;
    SavedModel saved;
    NameList list;
    Report report = {o, &saved, &list, {0}};
    if (o->csv && o->json) return error_usage(err, "--csv and --json: expected one of them");
    const char *path = operands->n == 2 && strcmp(operands->items[1], "-") != 0 ? operands->items[1] : NULL;
    const World all = world_here(), world = path ? all : WORLD_ALONE; // only process 0 has a standard input
    bool ok = true;
    if (path || all.rank == 0)
        ok = load(&saved, &list, operands->items[0], path, world, arena, err) &&
             score_names(&report.scores, &saved.model, &saved.file.vocab, &list, world, arena, err) &&
             (all.rank > 0 || print_report(&report, arena, err));
    return world_agree(all, ok, err);
}

const Command score_command = {COMMANDS_LOOK, &USAGE, run, .is_parallel = true};
