#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_fill(Error *err, ErrorKind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err->kind = kind;
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

// The prefix is cut if PREFIX JOINER TEXT is too long, because the reason is at the end.
bool error_prepend(Error *err, const char *joiner, const char *format, ...) {
    char prefix[ERROR_TEXT_BYTES];
    size_t inner = strlen(err->text), room = sizeof err->text - 1 - inner;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    if (wanted < 0 || (size_t)wanted + strlen(joiner) > room) joiner = "...: ";
    if (wanted < 0 || room < strlen(joiner)) return false;
    size_t n = (size_t)wanted < room - strlen(joiner) ? (size_t)wanted : room - strlen(joiner);
    memmove(err->text + n + strlen(joiner), err->text, inner + 1);
    memcpy(err->text, prefix, n);
    memcpy(err->text + n, joiner, strlen(joiner));
    return false;
}

bool error_stopped(Error *err, int signal) {
    err->kind = ERROR_STOPPED;
    err->signal = signal;
    return false;
}

bool error_system(Error *err, const char *subject) {
    char reason[256];
    snprintf(reason, sizeof reason, "%s", strerror(errno));
    if (reason[0] >= 'A' && reason[0] <= 'Z') reason[0] = (char)(reason[0] - 'A' + 'a');
    error_set(err, "%s", reason);
    return error_context(err, "%s", subject);
}

bool error_memory(Error *err, size_t n_bytes) {
    error_set(err, "out of memory");
    if (n_bytes > 0) error_set(err, "out of memory (%zu bytes asked for)", n_bytes);
    err->kind = ERROR_MEMORY;
    return false;
}

bool error_if_memory_ran_out(Error *err) { return errno == ENOMEM && error_memory(err, 0); }
