// A horizontal bar: block characters where the locale is UTF-8, # elsewhere.
#ifndef NOMEN_CMD_SHARE_BAR_H
#define NOMEN_CMD_SHARE_BAR_H

#include <stdbool.h>
#include <stddef.h>

// A bar of `share` of the columns, to an eighth of a column, and spaces up to its width if it `pads`.
void bar_print(double share, size_t columns, bool pads);

// Whether anything of such a bar would be seen.
bool bar_shows(double share, size_t columns);

#endif
