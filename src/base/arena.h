// Arenas: memory with one owner, freed all at once.
#pragma once

#include "base/error.h"

#include <stdint.h>

enum { ARENA_ALIGN_BYTES = 64 }; // a cache line, and one virtual vector of 16 floats

typedef struct ArenaBlock ArenaBlock;

// {0} is an empty arena.
typedef struct Arena {
    ArenaBlock *newest;
} Arena;

// Allocates count * size zeroed bytes on a 64-byte boundary. Fails if the product overflows, exceeds the machine's
// memory or cannot be allocated. A size of 0 gives a valid pointer.
void *arena_alloc(Arena *arena, size_t count, size_t size, Error *err);

// Copies n bytes and adds a NUL.
char *arena_copy(Arena *arena, const char *bytes, size_t n, Error *err);

char *arena_format(Arena *arena, Error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Frees everything and leaves an empty arena.
void arena_free(Arena *arena);

// Returns true if the machine has this much memory. SIZE_MAX is a size that overflowed.
bool memory_fits(size_t size_bytes, Error *err);

// Return a * b and a + b, or SIZE_MAX instead of an overflow.
static inline size_t size_mul(size_t a, size_t b) { return __builtin_mul_overflow(a, b, &a) ? SIZE_MAX : a; }
static inline size_t size_add(size_t a, size_t b) { return __builtin_add_overflow(a, b, &a) ? SIZE_MAX : a; }
