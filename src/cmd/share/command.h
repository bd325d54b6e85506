// A subcommand: its usage, and what it does. One thin file each; the table is in commands.c.
#ifndef NOMEN_CMD_SHARE_COMMAND_H
#define NOMEN_CMD_SHARE_COMMAND_H

#include "base/option.h"

#include <stdio.h>

// Of the release: the day stands in the manual, whose bytes do not depend on when it is made.
#define NOMEN_VERSION "0.1.0"
#define NOMEN_DATE "2026-11-21"

typedef enum CommandGroup {
    COMMANDS_TRAIN,
    COMMANDS_LOOK,
    COMMANDS_TEACH,
    COMMANDS_SET_UP,
    N_COMMAND_GROUPS
} CommandGroup;

extern const char *const GROUP_NAMES[N_COMMAND_GROUPS];

typedef struct Command {
    CommandGroup group; // where the list of commands has it
    const Usage *usage;
    // Does the command in memory of `arena`; `options` is the struct that the usage's table fills. The result is the
    // exit status; where it is not 0, `err` says why, and main prints it.
    int (*run)(const void *options, const Texts *operands, Arena *arena, Error *err);
} Command;

enum { STATUS_OK = 0, STATUS_FAILURE = 1, STATUS_USAGE = 2, STATUS_SIGNAL = 128 };

extern const Command train_command, eval_command, sample_command, gradcheck_command, softmax_command, next_command,
    score_command, verify_command, calibrate_command, diagnose_command, lr_find_command, audit_command, info_command,
    compare_command, plot_command, report_command, init_command, configs_command, schema_command, completion_command,
    man_command;

enum { N_COMMANDS = 21 };
extern const Command *const COMMANDS[N_COMMANDS + 1]; // all of them; ends with NULL

// The command of that name, or NULL.
const Command *command_find(const char *name);

// Sets err to the unknown command or option, with the nearest there is. False.
bool command_unknown(const char *name, Error *err);

// The page that lists all commands.
void commands_help(Buffer *out);

// Prints the text on standard output, with a newline at its end. Returns the exit status, as Command.run.
int command_print(Buffer *text, Error *err);

// Does the command with the words behind its name, or prints its help. The exit status, as Command.run.
int command_run(const Command *command, size_t argc, char **argv, Arena *arena, Error *err);

// The exit status that fits the error.
int command_failed(const Error *err);

// Standard output flushed: 0, or a failure where it could not be written. A reader that went away is no failure.
int command_done(Error *err);

// A path as a shell takes it for one word, and nomen for no option: quoted where it must be. NULL as arena_alloc.
const char *command_quote(const char *path, Arena *arena, Error *err);

// Says which config an operand means (config/find.h) where that is a shipped one: for a command that goes ahead, as
// a failure is one line.
void command_note_config(const char *operand, const char *path);

// One line for the person at the terminal, on standard error: "nomen: ...".
void command_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
