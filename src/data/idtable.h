// Numbers tuples of ids that it copies: for small tables of contexts that lie in no stream (data/context_index.h has
// those).
#ifndef NOMEN_DATA_IDTABLE_H
#define NOMEN_DATA_IDTABLE_H

#include "base/arena.h"

#include <stdint.h>

enum {
    IDTABLE_NONE = UINT32_MAX >> 1, // no tuple has this index
    IDTABLE_BYTES = 16,             // that the slots take at most for each tuple
};

// Numbers distinct tuples of `width` ids 0, 1, 2, ... in the order of their first appearance (open addressing).
typedef struct IdTable {
    Arena *arena;
    size_t width, n, capacity; // ids a tuple, tuples held, tuples there is room for
    uint16_t *keys;            // (n, width)
    uint32_t *slots;           // index + 1 of the tuple in that slot, 0 where it is free
    size_t n_slots;            // a power of two, at least twice the capacity
    uint64_t base;             // of the hash
} IdTable;

bool idtable_create(IdTable *table, Arena *arena, size_t width, size_t capacity, Error *err);

// The tuple's index, or IDTABLE_NONE.
uint32_t idtable_find(const IdTable *table, const uint16_t *ids);

// The tuple's index, new where it was not there; the table grows as needed. IDTABLE_NONE, with `err`, on failure.
uint32_t idtable_add(IdTable *table, const uint16_t *ids, Error *err);

// Forgets all tuples and keeps the memory.
void idtable_clear(IdTable *table);

#endif
