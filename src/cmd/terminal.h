// What is known of the terminal that standard output may be.
#ifndef NOMEN_CMD_TERMINAL_H
#define NOMEN_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

// Its columns; 80 where it is none, or does not say.
size_t terminal_columns(void);

// True where the environment names a UTF-8 locale.
bool terminal_is_utf8(void);

#endif
