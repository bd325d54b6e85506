// One error travels up as a value: what can fail returns bool and fills an Error, callers add the place.
#ifndef NOMEN_BASE_ERROR_H
#define NOMEN_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum { ERROR_TEXT_BYTES = 1024 };

typedef enum ErrorKind {
    ERROR_FAILURE, // the request was understood and could not be met: exit status 1
    ERROR_USAGE,   // the command line itself is wrong: exit status 2
    ERROR_MEMORY,  // memory ran out, which says nothing of what was asked for: exit status 1
} ErrorKind;

// Lower case, no full stop, "place: expected what, found what"; where it would outgrow the buffer, the place is cut.
typedef struct Error {
    ErrorKind kind;
    char text[ERROR_TEXT_BYTES];
} Error;

// Each returns false, so that a caller can write `return error_set(err, ...)`.

// The text, printf-like.
bool error_set(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The text as error_set, marked as wrong usage.
bool error_usage(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Puts "CONTEXT: " before the text that stands there.
bool error_context(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Puts the prefix before the text with nothing between them.
bool error_prefix(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// "SUBJECT: " and what the system says of errno, its first letter in lower case.
bool error_system(Error *err, const char *subject);

// "out of memory", with the bytes asked for where they are not 0.
bool error_memory(Error *err, size_t n_bytes);

// As error_memory where the C library ran out of it since errno was set to 0: for libraries that
// fail in the same way for that as for what they were given.
bool error_if_memory_ran_out(Error *err);

#endif
