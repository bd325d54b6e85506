// nomen: tiny character-level language models, and the names they make up. This is the table of subcommands, and the
// one place that reports an error and picks the exit status.
#include "base/text.h"
#include "cmd/command.h"
#include "kernels/threads.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOMEN_VERSION "0.1.0"

static const Command *const COMMANDS[] = {
    &train_command,     &eval_command,      &score_command,  &sample_command,   &next_command,
    &softmax_command,   &gradcheck_command, &verify_command, &diagnose_command, &lr_find_command,
    &calibrate_command, &audit_command,     &info_command,   &compare_command,
};

enum { N_COMMANDS = sizeof COMMANDS / sizeof *COMMANDS };

static void print_help(void) {
    puts("usage: nomen COMMAND ...\n\n"
         "Trains tiny character-level language models on a list of names and makes up new ones.\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        printf("  nomen %-10s %s\n", COMMANDS[i]->usage->command, COMMANDS[i]->usage->brief);
    puts("\nnomen COMMAND --help says more. To begin with: nomen train configs/mlp.json");
}

static int unknown_command(const char *name, Error *err) {
    const char *names[N_COMMANDS + 2] = {[N_COMMANDS] = "--help", "--version"};
    for (size_t i = 0; i < N_COMMANDS; i++) names[i] = COMMANDS[i]->usage->command;
    size_t near = text_nearest(name, names, N_COMMANDS + 2);
    if (near >= N_COMMANDS && near < N_COMMANDS + 2)
        error_usage(err, "unknown option \"%s\"; did you mean %s? see nomen --help", name, names[near]);
    else if (near < N_COMMANDS)
        error_usage(err, "unknown command \"%s\"; did you mean %s? see nomen %s --help", name, names[near],
                    names[near]);
    else
        error_usage(err, "unknown command \"%s\"; see nomen --help", name);
    return STATUS_USAGE;
}

static int dispatch(int argc, char **argv, Arena *arena, Error *err) {
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return command_done(err);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("nomen " NOMEN_VERSION);
        return command_done(err);
    }
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], COMMANDS[i]->usage->command) == 0)
            return command_run(COMMANDS[i], (size_t)argc - 2, argv + 2, arena, err);
    return unknown_command(argv[1], err);
}

// A file opened later must not become standard output: where one of the three descriptors is closed, it is taken by the
// null device, opened so that writing still fails.
static void hold_standard_descriptors(void) {
    int descriptor;
    do descriptor = open("/dev/null", O_RDONLY);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO) close(descriptor);
}

int main(int argc, char **argv) {
    hold_standard_descriptors();
    Error err = {0};
    int status = STATUS_FAILURE;
    Arena arena = {0};
    if (kernels_select(getenv("NOMEN_ISA"), &err)) {
        kernels_use_threads(0);
        status = dispatch(argc, argv, &arena, &err);
        kernels_use_threads(1);
    }
    arena_free(&arena);
    if (status == STATUS_OK) return status;
    // One line, whatever a file's name or contents brought into it.
    for (char *at = err.text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F) *at = '?';
    fprintf(stderr, "nomen: %s\n", err.text);
    return status;
}
