// nomen: tiny character-level language models, and the names they make up. This picks the subcommand, and is the one
// place that reports an error and picks the exit status.
#include "base/text.h"
#include "cmd/share/command.h"
#include "kernels/threads.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int dispatch(int argc, char **argv, Arena *arena, Error *err) {
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        Buffer help = {.arena = arena};
        commands_help(&help);
        return command_print(&help, err);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("nomen " NOMEN_VERSION);
        return command_done(err);
    }
    const Command *command = command_find(argv[1]);
    if (command) return command_run(command, (size_t)argc - 2, argv + 2, arena, err);
    command_unknown(argv[1], err);
    return command_failed(err);
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
    // A file that would outgrow ulimit -f is an error like any other, not the end without a word.
    signal(SIGXFSZ, SIG_IGN);
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
    text_sanitize(err.text);
    fprintf(stderr, "nomen: %s\n", err.text);
    return status;
}
