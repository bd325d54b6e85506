// The built program at a terminal, and what stands on it in the end.
#ifndef NOMEN_TESTS_TERMINAL_RUN_H
#define NOMEN_TESTS_TERMINAL_RUN_H

#include "testing.h"

typedef struct TerminalRun {
    int status;         // exit status, as a shell gives it
    const char *bytes;  // all that was written; until the next run, as is the screen
    const char *screen; // the lines as they were left, each with a newline
    size_t n_renewed;   // times that the cursor went back to the begin of a line
    size_t n_wraps;     // lines that the terminal broke because they were longer than it is wide
    size_t column;      // of the cursor in the end
} TerminalRun;

// Runs `env SETTINGS nomen ARGUMENTS` in the test's scratch directory, at a new terminal of so many columns; settings
// are words NAME=VALUE beside TERM=xterm. A `key` other than 0 is pressed once a line has been renewed.
TerminalRun nomen_at_terminal(unsigned short columns, char key, const char *settings, const char *arguments);

#endif
