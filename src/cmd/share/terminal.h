// The terminal on standard output: width, encoding, abilities; and text that fits into its width.
#pragma once

#include "base/buffer.h"

// The width of the terminal; 80 if standard output is not a terminal or its width is unknown.
size_t terminal_columns(void);

// The same, but at most 80: the width of running text.
size_t terminal_text_columns(void);

// Breaks the words that `out` holds from byte `begin` on into lines of terminal_text_columns(): the first after `first`
// spaces, the others after `indent`. Ends the last line.
void terminal_wrap_tail(Buffer *out, size_t begin, size_t first, size_t indent);

// Prints words on standard output in such lines.
void terminal_wrap(const char *words, size_t first, size_t indent);

// Returns true if the environment names a UTF-8 locale.
bool terminal_is_utf8(void);

// Returns true if standard output is a terminal whose cursor can be moved. TERM=dumb, or no TERM, means it cannot. One
// without a width is none that people see: mpirun gives it to process 0, whatever its own standard output is.
bool terminal_is_live(void);

// Returns true unless NO_COLOR is set and not empty (no-color.org).
bool terminal_has_color(void);
