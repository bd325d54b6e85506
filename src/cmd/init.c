#include "cmd/share/command.h"
#include "config/find.h"
#include "config/starter.h"

#include <string.h>

typedef struct InitOptions {
    const char *data, *output;
} InitOptions;

static const Option OPTIONS[] = {
    {"data", 0, OPTION_TEXT, offsetof(InitOptions, data), "FILE",
     "your names file, one name a line (default: the names that come with nomen)", 0, 0, NULL},
    {"output", 'o', OPTION_TEXT, offsetof(InitOptions, output), "FILE",
     "write the config to this file, which must not exist (default, and -: standard output)", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "init",
    .brief = "write a first config for a names file",
    .summary =
        "Writes a first config that trains as it stands, its context, layers and steps fitted to the names: a "
        "bigram network, an mlp with one hidden layer (the default), an mlp-bn with batch norm, or a wavenet, "
        "which joins neighbours two by two.\n\n"
        "The names file's path is written relative to FILE's directory (to the current directory where the config "
        "goes to standard output) where it lies below it, and from the root on elsewhere.",
    .operand = "[bigram|mlp|mlp-bn|wavenet]",
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(InitOptions),
    .examples = "  nomen init wavenet\n"
                "  nomen init mlp --data data/names.txt -o first.json\n",
};

static bool choose(const Texts *operands, const char **kind, Error *err) {
    *kind = operands->n > 0 ? operands->items[0] : "mlp";
    size_t n = 0;
    for (; FIRST_CONFIGS[n]; n++)
        if (strcmp(FIRST_CONFIGS[n], *kind) == 0) return true;
    size_t near = text_nearest(*kind, FIRST_CONFIGS, n);
    if (near < n)
        error_set(err, "unknown kind of config \"%s\"; did you mean %s?", *kind, FIRST_CONFIGS[near]);
    else
        error_set(err, "unknown kind of config \"%s\": expected bigram, mlp, mlp-bn or wavenet", *kind);
    return options_wrong(&USAGE, err);
}

static bool check_files(const InitOptions *o, Error *err) {
    bool ok = true;
    if (o->data && o->data[0] == '\0')
        ok = error_set(err, "--data: expected a names file, found \"\"");
    else if (o->output && o->output[0] == '\0')
        ok = error_set(err, "--output: expected the name of a file, found \"\"");
    if (!ok) return options_wrong(&USAGE, err);
    return !o->data || path_check(o->data, PATH_FILE, err);
}

// `path` as a config in `dir` would call it.
static const char *relative(const char *path, const char *dir, Arena *arena, Error *err) {
    const char *file = path_absolute(arena, path, err), *base = path_absolute(arena, dir[0] ? dir : ".", err);
    if (!file || !base) return NULL;
    size_t n = strlen(base);
    if (strcmp(base, "/") != 0 && strncmp(file, base, n) == 0 && file[n] == '/') return file + n + 1;
    return file;
}

static bool write_file(const char *path, Buffer *text, Error *err) {
    const char *bytes = buffer_text(text, err);
    if (bytes && path_kind(path) != PATH_NOTHING)
        return error_set(err, "%s: exists, and is not overwritten; give another name", path);
    return bytes && file_replace(path, bytes, text->n, err);
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const InitOptions *o = options;
    const char *kind;
    NamesFigures figures;
    if (!choose(operands, &kind, err) || !check_files(o, err)) return command_failed(err);
    const char *output = o->output && strcmp(o->output, "-") != 0 ? o->output : NULL;
    const char *names = o->data ? o->data : shipped_file("data/names.txt", arena, err);
    const char *schema = shipped_file("configs/schema.json", arena, err);
    const char *dir = path_dir(arena, output ? output : "", err);
    if (!names || !schema || !dir) return command_failed(err);
    if (names[0] == '\0') {
        error_set(err, "the names that come with nomen are not found; give --data FILE");
        return command_failed(err);
    }
    if (!first_config_measure(&figures, names, arena, err)) return command_failed(err);
    names = relative(names, dir, arena, err);
    if (schema[0] != '\0') schema = relative(schema, dir, arena, err);
    if (!names || !schema) return command_failed(err);
    Buffer text = {.arena = arena};
    first_config_write(&text, kind, &figures, names, schema);
    if (!output) return command_print(&text, err);
    if (!write_file(output, &text, err)) return command_failed(err);
    const char *quoted = command_quote(output, arena, err);
    if (!quoted) return command_failed(err);
    command_note("wrote %s; next: nomen train %s", output, quoted);
    return command_done(err);
}

const Command init_command = {COMMANDS_SET_UP, &USAGE, run};
