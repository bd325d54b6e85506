#include "cmd/command.h"

#include <errno.h>
#include <stdarg.h>

bool command_options(const Usage *usage, size_t argc, char **argv, const char **operands, size_t *n_operands,
                     int *status, Error *err) {
    OptionResult result = options_parse(usage, argc, argv, operands, n_operands, err);
    if (result == OPTIONS_RUN) return true;
    *status = STATUS_USAGE;
    if (result == OPTIONS_HELP) {
        Arena arena = {0};
        Buffer help = {.arena = &arena};
        options_help(usage, &help);
        const char *text = buffer_text(&help, err);
        if (text) fputs(text, stdout);
        *status = text ? command_done(err) : STATUS_FAILURE;
        arena_free(&arena);
    }
    return false;
}

int command_failed(const Error *err) { return err->kind == ERROR_USAGE ? STATUS_USAGE : STATUS_FAILURE; }

int command_done(Error *err) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return STATUS_OK;
    if (errno == EPIPE) return STATUS_OK;
    error_system(err, "standard output");
    return STATUS_FAILURE;
}

void command_note(const char *format, ...) {
    va_list args;
    fflush(stdout);
    fputs("nomen: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}
