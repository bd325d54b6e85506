// What is known of the terminal that standard output may be.
#ifndef NOMEN_CMD_SHARE_TERMINAL_H
#define NOMEN_CMD_SHARE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

// Its columns; 80 where it is none, or does not say.
size_t terminal_columns(void);

// The same, but 80 at most: the width of running text.
size_t terminal_text_columns(void);

// Prints words on lines of that width, the first after `first` spaces, the others after `indent`.
void terminal_wrap(const char *words, size_t first, size_t indent);

// Prints words that `gap` separates as one line; on a terminal that is live as lines of its width, the later ones after
// two spaces.
void terminal_line(const char *words, const char *gap);

// True where the environment names a UTF-8 locale.
bool terminal_is_utf8(void);

// True where standard output is a terminal whose cursor can be moved: none for TERM=dumb, or without TERM.
bool terminal_is_live(void);

// Of such a terminal, whether colours are wanted: NO_COLOR is not set (no-color.org: to anything but an empty text).
bool terminal_has_color(void);

#endif
