// Memory with one owner: allocations live until the whole arena is freed; nothing is freed alone.
#ifndef NOMEN_BASE_ARENA_H
#define NOMEN_BASE_ARENA_H

#include "base/error.h"

#include <stddef.h>

enum { ARENA_ALIGN_BYTES = 64 }; // a cache line, and one virtual vector of 16 floats

typedef struct ArenaBlock ArenaBlock;

// {0} is an empty arena.
typedef struct Arena {
    ArenaBlock *newest;
} Arena;

// count * size bytes, zeroed, on a 64-byte boundary. NULL, with the reason in `err`, where the product
// overflows, exceeds the machine's memory or cannot be had; count or size 0 gives a valid pointer.
void *arena_alloc(Arena *arena, size_t count, size_t size, Error *err);

// A copy of n bytes with a NUL behind them; NULL as arena_alloc.
char *arena_copy(Arena *arena, const char *bytes, size_t n, Error *err);

// A printf-like string; NULL as arena_alloc.
char *arena_format(Arena *arena, Error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Frees everything and leaves an empty arena.
void arena_free(Arena *arena);

// False, with "needs 12.0 GiB of memory, this machine has 8.0 GiB" in `err`, where size_bytes is more than
// the machine's physical memory. SIZE_MAX stands for a sum that overflowed.
bool memory_fits(size_t size_bytes, Error *err);

// a * b and a + b that stay at SIZE_MAX instead of wrapping round, for sizes that memory_fits then refuses.
size_t size_mul(size_t a, size_t b);
size_t size_add(size_t a, size_t b);

#endif
