// Errors are values. A function that can fail returns false or NULL and sets `err`; its callers add the place in front.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { ERROR_TEXT_BYTES = 1024 };

typedef enum ErrorKind {
    ERROR_FAILURE,   // the request was valid and could not be met: exit status 1
    ERROR_USAGE,     // the command line is wrong: exit status 2
    ERROR_MEMORY,    // memory ran out: exit status 1
    ERROR_STOPPED,   // a signal stopped the work: exit status 128 + signal
    ERROR_ELSEWHERE, // another process of nomen-mpi failed, and reports why
} ErrorKind;

// The text is one line, lower case, without full stop: "place: expected what, found what".
typedef struct Error {
    ErrorKind kind;
    int signal; // of ERROR_STOPPED
    char text[ERROR_TEXT_BYTES];
} Error;

// Each of these returns false, so that a caller can write `return error_set(err, ...)`.

// Sets the text, printf-like; error_usage for wrong usage.
#define error_set(err, ...) error_fill(err, ERROR_FAILURE, __VA_ARGS__)
#define error_usage(err, ...) error_fill(err, ERROR_USAGE, __VA_ARGS__)
bool error_fill(Error *err, ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Puts "CONTEXT: " before the text; error_prefix puts the prefix there without a joiner. A prefix that does not fit is
// cut.
#define error_context(err, ...) error_prepend(err, ": ", __VA_ARGS__)
#define error_prefix(err, ...) error_prepend(err, "", __VA_ARGS__)
bool error_prepend(Error *err, const char *joiner, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Marks the error that is set as a stop by a signal.
bool error_stopped(Error *err, int signal);

// Sets "SUBJECT: " and the system's message for errno, in lower case.
bool error_system(Error *err, const char *subject);

// Sets "out of memory", with the number of bytes if it is not 0.
bool error_memory(Error *err, size_t n_bytes);

// Like error_memory if errno is ENOMEM; otherwise `err` stays. For libraries whose functions fail in the same way when
// memory runs out and when their input is invalid; errno must have been set to 0 before.
bool error_if_memory_ran_out(Error *err);
