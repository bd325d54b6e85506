// Runs another program directly: no shell reads its name or its arguments.
#pragma once

#include "base/buffer.h"

enum { PROCESS_SIGNAL = 128 };

typedef struct Process {
    bool is_missing; // there is no such program
    int status;      // the exit status, or PROCESS_SIGNAL plus the signal that ended it
    Buffer out, err; // standard output and standard error
} Process;

// Runs argv[0], found through PATH, with arguments up to a NULL and n bytes of standard input, and waits for its end.
// A program that fails is no error; one that is missing or cannot be started is.
bool process_run(Process *process, const char *const *argv, const void *input, size_t n, Arena *arena, Error *err);

// Does the same with a program that writes to our standard output and error, such as a pager; process->out and
// process->err stay empty.
bool process_show(Process *process, const char *const *argv, const void *input, size_t n, Error *err);
