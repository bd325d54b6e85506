// Manual pages in the macros of man(7), from the tables of the options and of the config.
#include "base/process.h"
#include "cmd/share/command.h"
#include "config/config.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const Usage USAGE = {
    .command = "man",
    .brief = "show a manual page: nomen, a command or the config",
    .summary = "Shows a manual page: nomen(1), the page of a command, or nomen-config(5), which lists the keys of a "
               "config. To a pipe or a file it prints roff. make install puts all pages where man finds them.",
    .operand = "[COMMAND|config]",
    .examples = "  nomen man train\n"
                "  nomen man config > nomen-config.5\n",
};

// Escapes what roff would interpret. An empty line separates paragraphs.
static void add_escaped(Buffer *out, const char *text) {
    for (; *text; text++) {
        bool is_line_start = out->n == 0 || out->bytes[out->n - 1] == '\n';
        if (is_line_start && (*text == '.' || *text == '\'')) buffer_print(out, "\\&");
        if (is_line_start && *text == '\n')
            buffer_print(out, ".PP\n");
        else if (*text == '\\' || *text == '-')
            buffer_print(out, *text == '-' ? "\\-" : "\\e");
        else
            buffer_add(out, text, 1);
    }
}

// Adds roff in which an escaped text replaces each %s. Backslashes in `format` are roff's.
static void roff(Buffer *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    for (const char *at; (at = strstr(format, "%s")); format = at + 2) {
        buffer_add(out, format, (size_t)(at - format));
        add_escaped(out, va_arg(args, const char *));
    }
    buffer_print(out, "%s", format);
    va_end(args);
}

static void add_heading(Buffer *out, const char *name, const char *section, const char *brief) {
    buffer_print(out, ".\\\" Made by nomen man.\n.TH %s %s \"" NOMEN_DATE "\" \"nomen " NOMEN_VERSION "\"\n", name,
                 section);
    roff(out, ".SH NAME\n%s \\- %s\n", name, brief);
}

static void add_option(Buffer *out, const Option *option) {
    const char letter[] = {option->letter, '\0'};
    roff(out, ".TP\n");
    if (option->letter) roff(out, "\\fB\\-%s\\fR, ", letter);
    roff(out, "\\fB\\-\\-%s\\fR", option->name);
    if (option->argument) roff(out, option->kind == OPTION_MAYBE ? "[=\\fI%s\\fR]" : " \\fI%s\\fR", option->argument);
    roff(out, "\n%s\n", option->help);
}

static void add_command_page(Buffer *out, const Usage *usage) {
    char name[64];
    snprintf(name, sizeof name, "nomen-%s", usage->command);
    add_heading(out, name, "1", usage->brief);
    roff(out, ".SH SYNOPSIS\n\\fBnomen %s\\fR%s%s [\\fIOPTION\\fR]...\n", usage->command, usage->operand[0] ? " " : "",
         usage->operand);
    roff(out, ".SH DESCRIPTION\n%s\n.SH OPTIONS\n", usage->summary);
    for (size_t i = 0; i < usage->n_options; i++) add_option(out, &usage->options[i]);
    roff(out, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nshow a short form of this page\n");
    roff(out, ".SH EXAMPLES\n.nf\n%s.fi\n.SH SEE ALSO\n.BR nomen (1),\n.BR nomen\\-config (5)\n", usage->examples);
}

static void add_main_page(Buffer *out) {
    add_heading(out, "nomen", "1", "tiny character-level language models that make up names");
    roff(out, ".SH SYNOPSIS\n\\fBnomen\\fR \\fICOMMAND\\fR ...\n.SH DESCRIPTION\n%s\n",
         "Trains tiny character-level language models on a list of names, as a JSON config describes "
         "(nomen-config(5)), and makes up new names. Each command has its own page, nomen-COMMAND(1).");
    for (size_t group = 0; group < N_COMMAND_GROUPS; group++) {
        roff(out, ".SS %s\n", GROUP_NAMES[group]);
        for (size_t i = 0; COMMANDS[i]; i++)
            if (COMMANDS[i]->group == group)
                roff(out, ".TP\n\\fB%s\\fR\n%s\n", COMMANDS[i]->usage->command, COMMANDS[i]->usage->brief);
    }
    static const char *const sections[][3] = {
        {"EXIT STATUS", "0", "success"},
        {NULL, "1", "failure, with one line on standard error"},
        {NULL, "2", "wrong usage"},
        {NULL, "128 + N", "signal N stopped training, after a checkpoint"},
        {"ENVIRONMENT", "NOMEN_ISA",
         "use the kernels of one instruction set: scalar, avx2, avx512 or neon; the results are the same"},
        {NULL, "NO_COLOR", "use no colors"},
        {"FILES", "runs/NAME",
         "a run: config.json, metrics.csv, model.safetensors and, with a dev split, best.safetensors"},
        {NULL, "PREFIX/share/nomen/configs", "the configs known by name, and their schema; nomen configs lists them"},
        {NULL, "PREFIX/share/nomen/data/names.txt", "the names these configs train on"},
    };
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (sections[i][0]) roff(out, ".SH %s\n", sections[i][0]);
        roff(out, ".TP\n%s\n%s\n", sections[i][1], sections[i][2]);
    }
    roff(out, ".SH SEE ALSO\n.BR nomen\\-config (5)\n");
}

// Adds the bounds of a number or the words that a key takes.
static void add_range(Buffer *out, const Field *field) {
    char range[128];
    bool is_whole = field->kind == FIELD_WHOLE || field->kind == FIELD_MAYBE;
    if (is_whole || field->kind == FIELD_NUMBER) {
        snprintf(range, sizeof range, "%s number from %.16g to %.16g", is_whole ? "A whole" : "A", field->min,
                 field->max);
        roff(out, ".br\n%s", range);
        if (field->word) roff(out, ", or \"%s\"", field->word);
        roff(out, ".\n");
    }
    if (field->kind != FIELD_CHOICE) return;
    for (size_t i = 0; field->choices[i]; i++) roff(out, i == 0 ? ".br\nOne of \"%s\"" : ", \"%s\"", field->choices[i]);
    roff(out, ".\n");
}

static void add_key(void *context, const char *path, const char *type, ConfigKind kind, const Field *field) {
    static const char *const required[] = {
        [CONFIG_ANY] = "", [CONFIG_NETWORK] = " for networks", [CONFIG_COUNTS] = " for counts"};
    Buffer *out = context;
    roff(out, ".TP\n\\fB%s\\fR", path);
    if (type) roff(out, " of type %s", type);
    if (field_is_required(field))
        roff(out, " (required%s)", required[kind]);
    else if (field->preset && strcmp(field->preset, "null") != 0 && strcmp(field->preset, "\"\"") != 0)
        roff(out, " (default: %s)", field->preset);
    roff(out, "\n%s\n", field->help);
    add_range(out, field);
    if (!field->registry) return;
    roff(out, ".TP\n\\fB%s%s.type\\fR (required)\n", path, field->kind == FIELD_LIST ? "[]" : "");
    for (size_t i = 0; field->registry(i); i++)
        roff(out, i == 0 ? "\"%s\": %s.\n" : ".br\n\"%s\": %s.\n", field->registry(i)->name, field->registry(i)->help);
}

static void add_config_page(Buffer *out) {
    add_heading(out, "nomen-config", "5", "the config of a nomen model");
    roff(out, ".SH DESCRIPTION\n%s\n.SH KEYS\n",
         "A config is a JSON object. An unknown key, a wrong type or a value out of range is an error. An initial "
         "value is "
         "\"zeros\", \"ones\", \"torch\" (uniform within 1 / sqrt(fan in), as PyTorch draws it), or an object such as "
         "{\"normal\": 0.01}: constant, normal (with mean), uniform, kaiming_normal or kaiming_uniform.");
    config_keys(add_key, out);
    roff(out, ".SH SEE ALSO\n.BR nomen (1),\n.BR nomen\\-configs (1),\n.BR nomen\\-schema (1)\n");
}

// Shows the page with man, as at a terminal. Returns false if man cannot.
static bool show(const Buffer *page) {
    static const char *const man[] = {"man", "-l", "-", NULL};
    Process process;
    Error ignored;
    return process_show(&process, man, page->bytes, page->n, &ignored) && process.status == 0;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)options;
    Buffer out = {.arena = arena};
    const char *names[N_COMMANDS + 2] = {"config"}, *name = operands->n > 0 ? operands->items[0] : "config";
    for (size_t i = 0; i < N_COMMANDS; i++) names[i + 1] = COMMANDS[i]->usage->command;
    if (!command_choose("page", name, names, err)) return false;
    const Command *command = command_find(name);
    if (operands->n == 0)
        add_main_page(&out);
    else if (command)
        add_command_page(&out, command->usage);
    else
        add_config_page(&out);
    if (!buffer_text(&out, err)) return false;
    return (isatty(STDOUT_FILENO) && show(&out)) || command_print(&out, err);
}

const Command man_command = {COMMANDS_SET_UP, &USAGE, run};
