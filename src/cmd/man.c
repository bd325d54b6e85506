// Manual pages, in the macros of man(7), out of the option tables and the config's tables.
#include "cmd/share/command.h"
#include "config/schema.h"

#include <string.h>

static const Usage USAGE = {
    .command = "man",
    .brief = "a manual page, of nomen, a command or the config",
    .summary =
        "Prints a manual page as roff: nomen(1), or that of the command named, or nomen-config(5), which lists a "
        "config's keys. make install puts all of them where man looks.",
    .operand = "[COMMAND|config]",
    .max_operands = 1,
    .examples = "  nomen man > nomen.1\n"
                "  nomen man train > nomen-train.1\n",
};

// Text as it stands: neither a backslash nor a dash nor the start of a line means anything to roff.
static void add_bytes(Buffer *out, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool starts = out->n == 0 || out->bytes[out->n - 1] == '\n';
        if (starts && (text[i] == '.' || text[i] == '\'')) buffer_print(out, "\\&");
        if (text[i] == '\\' || text[i] == '-')
            buffer_print(out, text[i] == '-' ? "\\-" : "\\e");
        else
            buffer_add(out, &text[i], 1);
    }
}

static void add_text(Buffer *out, const char *text) { add_bytes(out, text, strlen(text)); }

// Sentences: line ends are spaces, an empty line parts paragraphs.
static void add_prose(Buffer *out, const char *text) {
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, "\n");
        add_bytes(out, at, n);
        buffer_print(out, at[n] == '\n' && at[n + 1] == '\n' ? "\n.PP\n" : "\n");
        at += n;
        at += strspn(at, "\n");
    }
}

static void add_heading(Buffer *out, const char *name, const char *section, const char *brief) {
    buffer_print(out, ".\\\" Made by nomen man.\n.TH %s %s \"%s\" \"nomen %s\"\n.SH NAME\n", name, section, NOMEN_DATE,
                 NOMEN_VERSION);
    add_text(out, name);
    buffer_print(out, " \\- ");
    add_text(out, brief);
    buffer_print(out, "\n");
}

static void add_option(Buffer *out, const Option *option) {
    buffer_print(out, ".TP\n\\fB");
    if (option->letter) buffer_print(out, "\\-%c\\fR, \\fB", option->letter);
    buffer_print(out, "\\-\\-");
    add_text(out, option->name);
    bool maybe = option->kind == OPTION_MAYBE;
    buffer_print(out, "\\fR");
    if (option->argument) {
        buffer_print(out, maybe ? "[=\\fI" : " \\fI");
        add_text(out, option->argument);
        buffer_print(out, maybe ? "\\fR]" : "\\fR");
    }
    buffer_print(out, "\n");
    add_prose(out, option->help);
}

static void add_command_page(Buffer *out, const Usage *usage) {
    char name[64] = "nomen-";
    strncat(name, usage->command, sizeof name - strlen(name) - 1);
    add_heading(out, name, "1", usage->brief);
    buffer_print(out, ".SH SYNOPSIS\n\\fBnomen ");
    add_text(out, usage->command);
    buffer_print(out, usage->operand[0] ? "\\fR " : "\\fR");
    add_text(out, usage->operand);
    buffer_print(out, " [\\fIOPTION\\fR]...\n.SH DESCRIPTION\n");
    add_prose(out, usage->summary);
    buffer_print(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < usage->n_options; i++) add_option(out, &usage->options[i]);
    buffer_print(out, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nshow a short form of this page\n.SH EXAMPLES\n.nf\n");
    add_text(out, usage->examples);
    buffer_print(out, ".fi\n.SH SEE ALSO\n.BR nomen (1),\n.BR nomen\\-config (5)\n");
}

static void add_main_page(Buffer *out) {
    add_heading(out, "nomen", "1", "tiny character-level language models, and the names they make up");
    buffer_print(out, ".SH SYNOPSIS\n\\fBnomen\\fR \\fICOMMAND\\fR ...\n.SH DESCRIPTION\n");
    add_prose(out, "Trains tiny character-level language models on a list of names, as a JSON config says "
                   "(nomen-config(5)), and makes up new ones. Each command has a page of its own, nomen-COMMAND(1).");
    for (size_t group = 0; group < N_COMMAND_GROUPS; group++) {
        buffer_print(out, ".SS %s\n", GROUP_NAMES[group]);
        for (size_t i = 0; COMMANDS[i]; i++) {
            if (COMMANDS[i]->group != group) continue;
            buffer_print(out, ".TP\n\\fB");
            add_text(out, COMMANDS[i]->usage->command);
            buffer_print(out, "\\fR\n");
            add_prose(out, COMMANDS[i]->usage->brief);
        }
    }
    buffer_print(out, ".SH EXIT STATUS\n");
    add_prose(out, "0 on success, 1 on failure, 2 on wrong usage; 128 and the signal's number where a signal stopped "
                   "training, which then left a checkpoint. A failure is one line on standard error.");
    buffer_print(out, ".SH ENVIRONMENT\n.TP\nNOMEN_ISA\n");
    add_prose(out, "forces the kernels of one instruction set: scalar, avx2, avx512 or neon; the results are the same");
    buffer_print(out, ".TP\nNO_COLOR\ntakes the colours away\n.SH FILES\n.TP\nruns/NAME\n");
    add_prose(out, "a run: config.json, metrics.csv, model.safetensors and, with a dev split, best.safetensors");
    buffer_print(out, ".TP\nPREFIX/share/nomen/configs\n");
    add_prose(out, "the configs that a command takes by name, and their schema; nomen configs lists them");
    buffer_print(out, ".TP\nPREFIX/share/nomen/data/names.txt\nthe names they are trained on\n");
    buffer_print(out, ".SH SEE ALSO\n.BR nomen\\-config (5)\n");
}

// What a value may be, beyond the words of its help.
static void add_range(Buffer *out, const Field *field) {
    bool is_number = field->kind == FIELD_WHOLE || field->kind == FIELD_MAYBE || field->kind == FIELD_NUMBER;
    Buffer range = {.arena = out->arena};
    if (is_number)
        buffer_print(&range, "%s number from %.16g to %.16g", field->kind == FIELD_NUMBER ? "A" : "A whole", field->min,
                     field->max);
    if (is_number && field->word) buffer_print(&range, ", or \"%s\"", field->word);
    for (size_t i = 0; field->kind == FIELD_CHOICE && field->choices[i]; i++)
        buffer_print(&range, "%s\"%s\"", i == 0 ? "One of " : ", ", field->choices[i]);
    out->failed = out->failed || range.failed;
    if (range.n == 0) return;
    buffer_print(out, ".br\n");
    add_bytes(out, range.bytes, range.n);
    buffer_print(out, ".\n");
}

// Of a key whose value is one of several kinds of object: the key that tells them apart, and what each of them is.
static void add_types(Buffer *out, const char *path, const Field *field) {
    if (!field->registry) return;
    buffer_print(out, ".TP\n\\fB");
    add_text(out, path);
    buffer_print(out, field->kind == FIELD_LIST ? "[].type\\fR (required)\n" : ".type\\fR (required)\n");
    for (size_t i = 0; field->registry(i); i++) {
        const Record *record = field->registry(i);
        buffer_print(out, "%s\"%s\": ", i > 0 ? ".br\n" : "", record->name);
        add_text(out, record->help);
        buffer_print(out, ".\n");
    }
}

static void add_key(void *context, const char *path, const char *type, ConfigKind kind, const Field *field) {
    static const char *const required[] = {
        [CONFIG_ANY] = "", [CONFIG_NETWORK] = " for networks", [CONFIG_COUNTS] = " for counts"};
    Buffer *out = context;
    buffer_print(out, ".TP\n\\fB");
    add_text(out, path);
    buffer_print(out, "\\fR");
    if (type) {
        buffer_print(out, " of type ");
        add_text(out, type);
    }
    if (field_is_required(field)) {
        buffer_print(out, " (required%s)", required[kind]);
    } else if (field->preset && strcmp(field->preset, "null") != 0 && strcmp(field->preset, "\"\"") != 0) {
        buffer_print(out, " (default: ");
        add_text(out, field->preset);
        buffer_print(out, ")");
    }
    buffer_print(out, "\n");
    add_prose(out, field->help);
    add_range(out, field);
    add_types(out, path, field);
}

static void add_config_page(Buffer *out) {
    add_heading(out, "nomen-config", "5", "what a config of nomen can say");
    buffer_print(out, ".SH DESCRIPTION\n");
    add_prose(out, "A config is a JSON object. An unknown key, a wrong type or a value out of range is an error. "
                   "Initial values are \"zeros\", \"ones\", or an object such as {\"normal\": 0.01}: constant, normal "
                   "(with mean), uniform, kaiming_normal or kaiming_uniform.");
    buffer_print(out, ".SH KEYS\n");
    config_keys(add_key, out);
    buffer_print(out, ".SH SEE ALSO\n.BR nomen (1),\n.BR nomen\\-configs (1),\n.BR nomen\\-schema (1)\n");
}

static int unknown_page(const char *name, Error *err) {
    const char *names[N_COMMANDS + 1] = {"config"};
    for (size_t i = 0; i < N_COMMANDS; i++) names[i + 1] = COMMANDS[i]->usage->command;
    size_t near = text_nearest(name, names, N_COMMANDS + 1);
    if (near > N_COMMANDS)
        error_set(err, "no manual page \"%s\": expected a command or config", name);
    else
        error_set(err, "no manual page \"%s\"; did you mean %s?", name, names[near]);
    options_wrong(&USAGE, err);
    return command_failed(err);
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)options;
    Buffer out = {.arena = arena};
    const char *name = operands->n > 0 ? operands->items[0] : NULL;
    const Command *command = name ? command_find(name) : NULL;
    if (!name)
        add_main_page(&out);
    else if (command)
        add_command_page(&out, command->usage);
    else if (strcmp(name, "config") == 0)
        add_config_page(&out);
    else
        return unknown_page(name, err);
    return command_print(&out, err);
}

const Command man_command = {COMMANDS_SET_UP, &USAGE, run};
