// The list of commands, in the order of `nomen --help`.
#include "base/text.h"
#include "cmd/share/command.h"

#include <string.h>

const Command *const COMMANDS[N_COMMANDS + 1] = {
    &train_command,
    &eval_command,
    &sample_command,
    &next_command,
    &score_command,
    &info_command,
    &compare_command,
    &plot_command,
    &report_command,
    &audit_command,
    &softmax_command,
    &gradcheck_command,
    &verify_command,
    &diagnose_command,
    &lr_find_command,
    &calibrate_command,
    &fold_command,
    &init_command,
    &configs_command,
    &schema_command,
    &completion_command,
    &man_command,
    NULL,
};

const char *const GROUP_NAMES[N_COMMAND_GROUPS] = {"train", "look", "teach", "set up"};

const Command *command_find(const char *name) {
    for (size_t i = 0; COMMANDS[i]; i++)
        if (strcmp(name, COMMANDS[i]->usage->command) == 0) return COMMANDS[i];
    return NULL;
}

void commands_help(Buffer *out) {
    buffer_print(out, "usage: nomen COMMAND ...  Start with nomen train mlp; see nomen COMMAND --help.\n");
    for (size_t group = 0; group < N_COMMAND_GROUPS; group++) {
        const char *heading = GROUP_NAMES[group];
        for (size_t i = 0; COMMANDS[i]; i++) {
            const Usage *usage = COMMANDS[i]->usage;
            if (COMMANDS[i]->group != group) continue;
            buffer_print(out, "  %-7s  %-10s  %s\n", heading, usage->command, usage->brief);
            heading = "";
        }
    }
}

bool command_unknown(const char *name, Error *err) {
    enum { N = N_COMMANDS + 2 };
    const char *names[N] = {[N_COMMANDS] = "--help", "--version"};
    for (size_t i = 0; i < N_COMMANDS; i++) names[i] = COMMANDS[i]->usage->command;
    size_t near = text_nearest(name, names, N);
    const char *kind = name[0] == '-' ? "option" : "command";
    if (near == N) return error_usage(err, "unknown %s \"%s\"; see nomen --help", kind, name);
    return error_usage(err, "unknown %s \"%s\"; did you mean nomen %s?", kind, name, names[near]);
}
