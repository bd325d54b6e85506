// A subcommand is a Command: its usage, and the function that does it. Each has its own thin file; cmd/commands.c lists
// them. Functions return false and set err if they fail; main prints the error and turns its kind into the exit status.
#pragma once

#include "base/option.h"
#include "config/config.h"

#include <stdio.h>

#define NOMEN_VERSION "0.1.0"
#define NOMEN_DATE "2026-11-21" // of the release; manual pages have the same bytes whenever they are made

typedef enum CommandGroup {
    COMMANDS_TRAIN,
    COMMANDS_LOOK,
    COMMANDS_TEACH,
    COMMANDS_SET_UP,
    N_COMMAND_GROUPS
} CommandGroup;

extern const char *const GROUP_NAMES[N_COMMAND_GROUPS];

typedef struct Command {
    CommandGroup group;
    const Usage *usage;
    // Runs the command in memory of `arena`. `options` is the struct that the usage's table fills.
    bool (*run)(const void *options, const Texts *operands, Arena *arena, Error *err);
    bool is_parallel; // all processes of nomen-mpi run it; the others leave it to process 0
} Command;

extern const Command train_command, eval_command, sample_command, gradcheck_command, softmax_command, next_command,
    score_command, verify_command, calibrate_command, fold_command, diagnose_command, lr_find_command, audit_command,
    info_command, compare_command, plot_command, report_command, init_command, configs_command, schema_command,
    completion_command, man_command;

enum { N_COMMANDS = 22 };
extern const Command *const COMMANDS[N_COMMANDS + 1]; // ends with NULL

// Returns the command of this name, or NULL.
const Command *command_find(const char *name);

// Sets err to the unknown command, with the nearest known one. Returns false.
bool command_unknown(const char *name, Error *err);

// Writes the list of all commands.
void commands_help(Buffer *out);

// Parses the words after the command's name, then runs the command or prints its help. An error of usage ends with the
// command that shows the help.
bool command_run(const Command *command, size_t argc, char **argv, Arena *arena, Error *err);

// Returns true if the operand is one of the choices, which end with NULL. Otherwise sets err to wrong usage: an unknown
// WHAT, with the nearest choice.
bool command_choose(const char *what, const char *operand, const char *const *choices, Error *err);

// Prints the text, and a newline if it does not end with one, on standard output.
bool command_print(Buffer *text, Error *err);

// Returns false if a file at `out` would replace one of the n inputs or a file of a run, also through links.
bool command_output_is_free(const char *out, const char *const *inputs, size_t n, Error *err);

// Notes how many names are longer than a network that reads names can read, if there are any.
void command_note_cut(const Dataset *dataset, const Model *model);

// Why a loss is infinite, printf-like, with the name of its part: only counts without smoothing have such losses.
#define INFINITE_LOSS                                                                                              \
    "the %s loss is infinite, because without smoothing a sequence that the train split lacks has probability 0; " \
    "model.smoothing above 0 makes it finite"

// Notes the path of a config that was given by name. A command calls this after the last check that a user could fail,
// so that such an error stays one line.
void command_note_config(const char *operand, const char *path);

// Prints "nomen: ..." on standard error, in process 0.
void command_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
