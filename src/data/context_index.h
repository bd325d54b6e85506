// Windows of a stream of ids, told apart and numbered without copies: a window is the place behind it. The stream holds
// sequences, a boundary (id 0) after each; the window of n ids at place i are the ids before stream[i], oldest first,
// cut at the last boundary and padded with 0 to n.
#ifndef NOMEN_DATA_CONTEXT_INDEX_H
#define NOMEN_DATA_CONTEXT_INDEX_H

#include "base/arena.h"

#include <stdint.h>

enum { CONTEXT_NONE = UINT32_MAX >> 1, CONTEXTS_AT_ONCE = 64 };

// Writes the window of n ids at `place`.
void stream_window(const uint16_t *stream, size_t place, size_t n, uint16_t *ids);

// Where the hashes of a stream's windows have got to: each comes from the one before.
typedef struct ContextHash {
    uint64_t sum;      // of the ids in the window, each times a power of the base
    size_t place, run; // the window's place; ids since the last boundary, or since the hash began
} ContextHash;

// Numbers distinct windows 0, 1, 2, ... in the order of their first appearance (open addressing). A slot holds the
// number + 1 in as many low bits as n_slots has, and bits of the hash above, so that few others are ever compared.
typedef struct ContextIndex {
    const uint16_t *stream;
    size_t width;      // ids of a window
    bool takes_target; // whether the id at the place itself counts as part of it
    size_t n;
    uint32_t *places;       // (n) where each appeared first
    uint32_t *slots;        // 0 where free; NULL: nothing can be found or added
    size_t n_slots;         // a power of two, at least 2 n
    uint64_t base, leaving; // of the hash, new with the slots; and -base^width
    Arena *slot_arena;
    ContextHash last;
} ContextIndex;

// An empty table of at most `capacity` windows; memory of `arena` is touched only as they come. `slot_arena` is for the
// slots alone and is emptied when they double.
bool context_index_create(ContextIndex *table, const uint16_t *stream, size_t width, bool takes_target, size_t capacity,
                          Arena *arena, Arena *slot_arena, Error *err);

// The numbers of the windows at n <= CONTEXTS_AT_ONCE places, new where they were not there. Ascending places are
// quickest.
bool context_index_add(ContextIndex *table, size_t n, const uint32_t *places, uint32_t *numbers, Error *err);

// Makes slots for a table that has its windows but none, in memory of `arena`.
bool context_index_index(ContextIndex *table, Arena *arena, Error *err);

// The number of the window with these `width` ids, or CONTEXT_NONE. Not for tables that take targets.
uint32_t context_index_find(const ContextIndex *table, const uint16_t *ids);

#endif
