// Another program, started directly: no shell reads its name or its arguments.
#ifndef NOMEN_BASE_PROCESS_H
#define NOMEN_BASE_PROCESS_H

#include "base/buffer.h"

enum { PROCESS_SIGNAL = 128 };

typedef struct Process {
    bool is_missing; // there is no such program: nothing ran
    int status;      // as a shell gives it: the exit status, or PROCESS_SIGNAL plus the signal that ended it
    Buffer out, err; // what it wrote to standard output and standard error
} Process;

// Runs argv[0], which is looked for as PATH says, with the arguments behind it up to a NULL and with n bytes on its
// standard input, and waits for its end. A program that does not read all of its input is no error, nor is one that
// fails: process->status says so. An error where it is missing or cannot be started. What it wrote is in memory of
// `arena`.
bool process_run(Process *process, const char *const *argv, const void *input, size_t n, Arena *arena, Error *err);

#endif
