// Distinct prefixes of names as a tree: each row is a prefix, and its parent is the prefix without the last symbol. The
// root is the empty prefix, whose symbol is the boundary.
#pragma once

#include "base/arena.h"

#include <stdint.h>

#define ROW_NONE UINT32_MAX // no row

typedef struct Prefixes {
    size_t n, capacity;
    uint16_t *ids;                // the last symbol of each prefix
    uint32_t *parents;            // smaller than the row itself; ROW_NONE for a root
    uint32_t *depths;             // symbols before the last one, the boundary included: 0 for a root
    uint32_t *children, *sibling; // the newest child of each row and the next older one; ROW_NONE: none
} Prefixes;

bool prefixes_create(Prefixes *prefixes, size_t capacity, Arena *arena, Error *err);

// Removes all prefixes.
void prefixes_clear(Prefixes *prefixes);

// Adds a row, even if there is an equal one. `parent` is ROW_NONE for a root. There must be room.
uint32_t prefixes_append(Prefixes *prefixes, uint32_t parent, uint16_t id);

// Returns the row of a parent's prefix followed by one symbol. Adds the row if it is new; there must be room.
uint32_t prefixes_add(Prefixes *prefixes, uint32_t parent, uint16_t id);

// Returns the row of the prefix that a context holds: `width` ids, oldest first, padded with boundaries in front. Adds
// the rows that are missing; there must be room for width + 1.
uint32_t prefixes_add_context(Prefixes *prefixes, const uint16_t *ids, size_t width);
