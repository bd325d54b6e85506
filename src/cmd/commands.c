// The table of subcommands, in the order of `nomen --help`.
#include "base/text.h"
#include "cmd/share/command.h"

#include <stdio.h>
#include <string.h>

enum { MOST_SHOWN = 60 }; // bytes of a name that is none

const Command *const COMMANDS[N_COMMANDS + 1] = {
    &train_command,   &eval_command,
    &sample_command,  &next_command,
    &score_command,   &info_command,
    &compare_command, &plot_command,
    &report_command,  &audit_command,
    &softmax_command, &gradcheck_command,
    &verify_command,  &diagnose_command,
    &lr_find_command, &calibrate_command,
    &init_command,    &configs_command,
    &schema_command,  &completion_command,
    &man_command,     NULL,
};

const char *const GROUP_NAMES[N_COMMAND_GROUPS] = {"train", "look", "teach", "set up"};

const Command *command_find(const char *name) {
    for (size_t i = 0; COMMANDS[i]; i++)
        if (strcmp(name, COMMANDS[i]->usage->command) == 0) return COMMANDS[i];
    return NULL;
}

static void add_command(Buffer *out, const char *group, const Usage *usage) {
    buffer_print(out, "  %-7s  %-10s  %s\n", group, usage->command, usage->brief);
}

void commands_help(Buffer *out) {
    buffer_print(out, "usage: nomen COMMAND ...    tiny character-level language models of names\n");
    for (size_t group = 0; group < N_COMMAND_GROUPS; group++) {
        const char *heading = GROUP_NAMES[group];
        for (size_t i = 0; COMMANDS[i]; i++) {
            if (COMMANDS[i]->group != group) continue;
            add_command(out, heading, COMMANDS[i]->usage);
            heading = "";
        }
    }
    buffer_print(out, "To begin with: nomen train mlp. nomen COMMAND --help says more.\n");
}

bool command_unknown(const char *given, Error *err) {
    static const char *const options[] = {"--help", "--version"};
    char name[MOST_SHOWN + 1]; // of more the end of the message, which says what helps, would be cut off
    size_t n = strlen(given) > MOST_SHOWN ? utf8_whole(given, MOST_SHOWN) : strlen(given);
    snprintf(name, sizeof name, "%.*s", (int)n, given);
    const char *names[N_COMMANDS];
    size_t n_options = sizeof options / sizeof *options;
    if (name[0] == '-') {
        size_t near = text_nearest(name, options, n_options);
        if (near == n_options) return error_usage(err, "unknown option \"%s\"; see nomen --help", name);
        return error_usage(err, "unknown option \"%s\"; did you mean %s? see nomen --help", name, options[near]);
    }
    for (size_t i = 0; i < n_options; i++)
        if (strcmp(name, options[i] + 2) == 0)
            return error_usage(err, "unknown command \"%s\"; did you mean nomen %s?", name, options[i]);
    for (size_t i = 0; i < N_COMMANDS; i++) names[i] = COMMANDS[i]->usage->command;
    size_t near = text_nearest(name, names, N_COMMANDS);
    if (near == N_COMMANDS) return error_usage(err, "unknown command \"%s\"; see nomen --help", name);
    return error_usage(err, "unknown command \"%s\"; did you mean %s? see nomen %s --help", name, names[near],
                       names[near]);
}
