// nomen: tiny character-level language models that make up names. main runs the command, and is the only place that
// prints an error and returns an exit status to the system.
#include "base/text.h"
#include "cmd/share/command.h"
#include "kernels/threads.h"
#include "world/world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

static bool run_command(size_t argc, char **argv, Arena *arena, Error *err) {
    char help_option[] = "--help", *help[] = {help_option};
    const char *name = argc > 0 ? argv[0] : help_option;
    bool asks_help = is_help(name);
    if (asks_help && argc > 1) name = argv[1];
    const Command *command = command_find(name);
    Buffer out = {.arena = arena};
    if (command && asks_help) return command_run(command, 1, help, arena, err);
    if (command && world_here().rank > 0 && !command->is_parallel) return true;
    if (command) return command_run(command, argc - 1, argv + 1, arena, err);
    if (is_help(name)) {
        commands_help(&out);
        return command_print(&out, err);
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        buffer_print(&out, "nomen " NOMEN_VERSION "\n");
        return command_print(&out, err);
    }
    return command_unknown(name, err);
}

// Flushes standard output. A reader that closed its pipe is not a failure.
static bool flush_output(Error *err) {
    return (fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE || error_system(err, "standard output");
}

static int exit_status(const Error *err) {
    if (err->kind == ERROR_STOPPED) return 128 + err->signal;
    return err->kind == ERROR_USAGE ? 2 : EXIT_FAILURE;
}

// Opens the null device for each standard stream that is closed, so that no file opened later takes its number. Writing
// to it fails, as it would to a closed stream.
static void fill_standard_streams(void) {
    int descriptor;
    do descriptor = open("/dev/null", O_RDONLY);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO) close(descriptor);
}

// Prints the error. If all processes have one, only the first that has its own prints it; otherwise the processes that
// go on are ended.
static void report(Error *err) {
    const World world = world_here();
    bool has_own = err->kind != ERROR_ELSEWHERE;
    size_t speaker = has_own ? world.rank : world.size;
    text_sanitize(err->text); // control characters of a file or its name must not reach the terminal
    if (has_own && world.rank == 0) fprintf(stderr, "nomen: %s\n", err->text);
    bool met = world_meet(world, &speaker);
    if (has_own && world.rank > 0 && (!met || speaker == world.rank)) fprintf(stderr, "nomen: %s\n", err->text);
    if (!met) world_end_all(exit_status(err));
}

// Checks that all processes have the same command line: otherwise one may wait for what another never does.
static bool check_command_line(size_t argc, char *const *argv, Arena *arena, Error *err) {
    Buffer words = {.arena = arena};
    for (size_t i = 0; i < argc; i++) buffer_add(&words, argv[i], strlen(argv[i]) + 1);
    return buffer_text(&words, err) && world_agree_on(world_here(), "command line", words.bytes, words.n, err);
}

int main(int argc, char **argv) {
    Error err = {0}, ignored;
    Arena arena = {0};
    bool ok = false;
    fill_standard_streams();
    world_begin();
    signal(SIGXFSZ, SIG_IGN); // writing beyond `ulimit -f` is then an error like any other
    if (kernels_select(getenv("NOMEN_ISA"), &err)) {
        // Processes that share a machine share its processors.
        kernels_use_threads(world_here().size > 1 ? 1 : 0);
        const size_t n_words = argc > 0 ? (size_t)argc - 1 : 0;
        ok = check_command_line(n_words, argv + 1, &arena, &err) && run_command(n_words, argv + 1, &arena, &err);
        ok = flush_output(ok ? &err : &ignored) && ok;
        kernels_use_threads(1); // ends the others
    }
    arena_free(&arena);
    if (!ok) report(&err);
    world_end();
    return ok ? EXIT_SUCCESS : exit_status(&err);
}
