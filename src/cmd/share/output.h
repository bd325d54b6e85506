// Output files of commands.
#ifndef NOMEN_CMD_SHARE_OUTPUT_H
#define NOMEN_CMD_SHARE_OUTPUT_H

#include "base/error.h"

#include <stddef.h>

// Returns false if a file at `out` would replace one of the n inputs or a file of a run, also through links.
bool output_is_free(const char *out, const char *const *inputs, size_t n, Error *err);

#endif
