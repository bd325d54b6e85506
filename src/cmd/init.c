#include "base/file.h"
#include "base/text.h"
#include "cmd/share/command.h"
#include "config/config.h"

#include <stdio.h>
#include <string.h>

typedef struct InitOptions {
    const char *data, *output;
} InitOptions;

static const Option OPTIONS[] = {
    {"data", 0, OPTION_TEXT, offsetof(InitOptions, data), "FILE",
     "your names file, one name per line (default: the names that come with nomen)"},
    {"output", 'o', OPTION_TEXT, offsetof(InitOptions, output), "FILE",
     "the new file for the config (default: standard output, also -)"},
};

static const Usage USAGE = {
    .command = "init",
    .brief = "write a first config for a names file",
    .summary = "Writes a config that is ready to train, with sizes and steps that fit the names: counts of character "
               "sequences, a bigram network, an mlp with one hidden layer (the default), an mlp-bn with batch norm, a "
               "wavenet, which joins neighbours in pairs, or an rnn, gru or transformer, which read whole "
               "names.\n\ndata.path in the config is relative if the names file is below the config's directory (for "
               "standard output: below the current directory). Otherwise data.path is absolute. If the file is a table "
               "(CSV), data.column names the column that seems to have the names.",
    .operand = "[counts|bigram|mlp|mlp-bn|wavenet|rnn|gru|transformer]",
    OPTION_TABLE(OPTIONS, InitOptions),
    .examples = "  nomen init wavenet\n"
                "  nomen init mlp --data data/names.txt -o first.json\n",
};

// Returns `path` as a config in `dir` refers to it.
static const char *relative(const char *path, const char *dir, Arena *arena, Error *err) {
    const char *file = path_absolute(arena, path, err), *base = path_absolute(arena, dir[0] ? dir : ".", err);
    if (!file || !base) return NULL;
    size_t n = strlen(base);
    bool is_below = strcmp(base, "/") != 0 && strncmp(file, base, n) == 0 && file[n] == '/';
    return is_below ? file + n + 1 : file;
}

static void note_table(const char *names, const TableGuess *table) {
    char weight[256] = "";
    if (table->weight.name)
        snprintf(weight, sizeof weight, "; data.weight can count each row by the column \"%s\"", table->weight.name);
    else if (table->weight.number > 0)
        snprintf(weight, sizeof weight, "; data.weight can count each row by column %llu",
                 (unsigned long long)table->weight.number);
    if (table->odd.text[0] != '\0')
        command_note("%s seems to be a table, but %s; each row is read as one name", names, table->odd.text);
    else if (table->column.name)
        command_note("%s is a table; data.column takes the names from the column \"%s\"%s", names, table->column.name,
                     weight);
    else if (table->column.number > 0)
        command_note("%s is a table; data.column takes the names from column %llu%s", names,
                     (unsigned long long)table->column.number, weight);
}

static bool refuse_config(const char *path, Arena *arena, Error *err) {
    const char *quoted = path_quote(path, arena, err);
    return quoted && error_set(err, "%s: expected a list of names, found a config; nomen train %s", path, quoted);
}

static bool write_config(Buffer *out, const char *kind, const char *data, const char *output, Error *err) {
    Arena *arena = out->arena;
    const char *dir = path_dir(arena, output, err), *names = data ? data : shipped_file("data/names.txt", arena, err);
    const char *schema = shipped_file("configs/schema.json", arena, err);
    if (!dir || !names || !schema) return false;
    if (names[0] == '\0') return error_set(err, "the names that come with nomen are not found; give --data FILE");
    if (schema[0] != '\0') schema = relative(schema, dir, arena, err);
    const char *name = relative(names, dir, arena, err);
    TableGuess table;
    if (!name || !schema || !starter_write(out, kind, names, name, schema, &table, err)) return false;
    note_table(names, &table);
    return true;
}

static bool write_file(const char *path, Buffer *out, Error *err) {
    const char *text = buffer_text(out, err);
    if (text && path_kind(path) != PATH_NOTHING) return error_set(err, "%s: already exists; give another name", path);
    return text && file_replace(path, text, out->n, err);
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const InitOptions *o = options;
    const char *kind = operands->n > 0 ? operands->items[0] : "mlp";
    const char *output = o->output && strcmp(o->output, "-") != 0 ? o->output : "";
    Buffer out = {.arena = arena};
    const char *input = text_ends_with(kind, ".json") ? kind : o->data;
    if (input && text_ends_with(input, ".json") && path_kind(input) == PATH_FILE)
        return refuse_config(input, arena, err);
    if (!command_choose("kind of config", kind, STARTER_KINDS, err)) {
        const char *names = path_kind(kind) == PATH_FILE ? path_quote(kind, arena, err) : NULL;
        return names && error_usage(err, "unknown kind of config \"%s\"; did you mean --data %s?", kind, names);
    }
    if ((o->data && !path_check(o->data, PATH_FILE, err)) || !write_config(&out, kind, o->data, output, err))
        return false;
    if (!output[0]) return command_print(&out, err);
    const char *quoted = path_quote(output, arena, err);
    if (!quoted || !write_file(output, &out, err)) return false;
    command_note("wrote %s; next: nomen train %s", output, quoted);
    return true;
}

const Command init_command = {COMMANDS_SET_UP, &USAGE, run};
