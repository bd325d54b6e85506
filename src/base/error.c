#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool fill(Error *err, ErrorKind kind, const char *format, va_list args) {
    err->kind = kind;
    vsnprintf(err->text, sizeof err->text, format, args);
    return false;
}

bool error_set(Error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(err, ERROR_FAILURE, format, args);
    va_end(args);
    return false;
}

bool error_usage(Error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(err, ERROR_USAGE, format, args);
    va_end(args);
    return false;
}

bool error_context(Error *err, const char *format, ...) {
    char inner[ERROR_TEXT_BYTES];
    memcpy(inner, err->text, sizeof inner);
    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used < 0 || (size_t)used >= sizeof err->text) return false;
    snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", inner);
    return false;
}

bool error_system(Error *err, const char *subject) {
    char reason[256];
    snprintf(reason, sizeof reason, "%s", strerror(errno));
    if (reason[0] >= 'A' && reason[0] <= 'Z') reason[0] = (char)(reason[0] - 'A' + 'a');
    return error_set(err, "%s: %s", subject, reason);
}
