// Files that a command writes where its user says.
#ifndef NOMEN_CMD_SHARE_OUTPUT_H
#define NOMEN_CMD_SHARE_OUTPUT_H

#include "base/error.h"

#include <stddef.h>

// Whether a file may be put at `out`. False, with both names in `err`, where one of the n inputs stands there, by
// whatever name, or a file of any run: its config, rows, models or lock.
bool output_is_free(const char *out, const char *const *inputs, size_t n, Error *err);

#endif
