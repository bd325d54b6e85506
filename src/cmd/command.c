#include "cmd/command.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

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

const char *command_quote(const char *path, Arena *arena, Error *err) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=@%+";
    Buffer out = {.arena = arena};
    if (path[0] == '-') buffer_print(&out, "./");
    if (path[0] != '\0' && strspn(path, plain) == strlen(path)) {
        buffer_print(&out, "%s", path);
        return buffer_text(&out, err);
    }
    buffer_print(&out, "'");
    for (const char *at = path; *at; at++) {
        if (*at == '\'')
            buffer_print(&out, "'\\''");
        else
            buffer_add(&out, at, 1);
    }
    buffer_print(&out, "'");
    return buffer_text(&out, err);
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
