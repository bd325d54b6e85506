// Numbers the distinct contexts of an id stream without copying them. A context is identified by the position that it
// precedes: the context of `width` ids at position i is the ids before stream[i], oldest first, cut at the last
// boundary (id 0) and padded with 0.
#pragma once

#include "base/hash.h"

enum {
    CONTEXT_NONE = UINT32_MAX >> 1, // no context has this number
    CONTEXTS_AT_ONCE = 64,
};

// Writes the context at a position.
void context_at(const uint16_t *stream, size_t position, size_t width, uint16_t *ids);

// A hash that rolls along the stream.
typedef struct ContextHash {
    uint64_t sum; // of the context at `position`
    size_t position;
    size_t run; // ids since the last boundary, or since the hash started
} ContextHash;

// Numbers contexts 0, 1, 2, ... in the order of their first appearance.
typedef struct ContextIndex {
    const uint16_t *stream;
    size_t width;
    bool takes_target; // the id at the position itself is part of the key
    size_t n;
    uint32_t *positions; // (n) of the first appearances
    HashSlots slots;
    uint64_t leaving; // -base^width: the factor of the id that leaves a context
    Arena *slot_arena;
    ContextHash last;
} ContextIndex;

// Creates an empty index for at most `capacity` contexts; memory of `arena` is touched only as they come. With a
// slot_arena the slots grow from a few; it must hold nothing else. Without one, all slots are allocated now.
bool context_index_create(ContextIndex *index, const uint16_t *stream, size_t width, bool takes_target, size_t capacity,
                          Arena *arena, Arena *slot_arena, Error *err);

// Looks up the contexts at n <= CONTEXTS_AT_ONCE positions, and adds new ones. Ascending positions are fastest.
bool context_index_add(ContextIndex *index, size_t n, const uint32_t *positions, uint32_t *numbers, Error *err);

// Makes slots for the contexts that are there, in memory of `arena`.
bool context_index_make_slots(ContextIndex *index, Arena *arena, Error *err);

// Returns the number of the context with these `width` ids, or CONTEXT_NONE. Not for an index that takes targets.
uint32_t context_index_find(const ContextIndex *index, const uint16_t *ids);

// Returns the number of the context with these ids. A new context is recorded at `position`; the caller writes its ids
// there before the next call. The index must have been created without a slot_arena, and have room.
uint32_t context_index_insert(ContextIndex *index, const uint16_t *ids, uint32_t position);

// Removes all contexts and keeps the memory.
void context_index_clear(ContextIndex *index);
