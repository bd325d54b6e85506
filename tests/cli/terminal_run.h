// Runs the built program at a terminal and reads the screen.
#pragma once

#include "testing.h"

// The texts live until the next run.
typedef struct TerminalRun {
    int status;         // exit status as the shell reports it
    const char *bytes;  // all output
    const char *screen; // the final lines, each with a newline
    size_t n_renewed;   // carriage returns
    size_t n_wraps;     // lines that were wider than the terminal
    size_t column;      // of the cursor at the end
} TerminalRun;

// Runs `env SETTINGS nomen ARGUMENTS` with TERM=xterm in the scratch directory, at a new terminal of so many columns. A
// `key` other than 0 is pressed once a line has been renewed.
TerminalRun nomen_at_terminal(unsigned short columns, char key, const char *settings, const char *arguments);
