// Numbers that nobody can foretell.
#ifndef NOMEN_BASE_ENTROPY_H
#define NOMEN_BASE_ENTROPY_H

#include "base/error.h"

#include <stdint.h>

// 64 bits drawn by the system. An error where it gives none.
bool entropy_draw(uint64_t *bits, Error *err);

#endif
