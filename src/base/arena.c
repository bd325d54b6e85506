#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// 0 in the torture build, where every allocation is a calloc that may fail.
#ifndef ARENA_BLOCK_BYTES
#define ARENA_BLOCK_BYTES (1 << 16)
#endif

struct ArenaBlock {
    ArenaBlock *older;
    size_t used, size; // bytes of `bytes`
    unsigned char *bytes;
};

static size_t machine_bytes(void) {
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_bytes <= 0) return SIZE_MAX / 2; // unknown: the allocator decides
    return size_mul((size_t)pages, (size_t)page_bytes);
}

bool memory_fits(size_t size_bytes, Error *err) {
    const double gib = 1024.0 * 1024.0 * 1024.0;
    size_t limit = machine_bytes();
    if (size_bytes <= limit) return true;
    if (size_bytes == SIZE_MAX)
        return error_set(err, "needs more memory than can be counted; there are %.1f GiB", (double)limit / gib);
    return error_set(err, "needs %.1f GiB of memory; there are %.1f GiB", (double)size_bytes / gib,
                     (double)limit / gib);
}

static ArenaBlock *block_new(Arena *arena, size_t size, Error *err) {
    if (!memory_fits(size, err)) return NULL;
    // calloc zeroes large blocks lazily, so a sparse table costs only the pages that are touched.
    unsigned char *raw = calloc(1, size_add(sizeof(ArenaBlock) + ARENA_ALIGN_BYTES, size));
    if (!raw) {
        error_memory(err, size);
        return NULL;
    }
    ArenaBlock *block = (ArenaBlock *)(void *)raw;
    uintptr_t start = (uintptr_t)(raw + sizeof *block);
    size_t skip = (ARENA_ALIGN_BYTES - start % ARENA_ALIGN_BYTES) % ARENA_ALIGN_BYTES;
    *block = (ArenaBlock){.older = arena->newest, .size = size, .bytes = raw + sizeof *block + skip};
    arena->newest = block;
    return block;
}

void *arena_alloc(Arena *arena, size_t count, size_t size, Error *err) {
    size_t wanted = size_add(size_mul(count, size), ARENA_ALIGN_BYTES - 1);
    wanted -= wanted % ARENA_ALIGN_BYTES;
    if (size_mul(count, size) == SIZE_MAX) wanted = SIZE_MAX;
    ArenaBlock *block = arena->newest;
    if (!block || block->size - block->used < wanted) {
        block = block_new(arena, wanted > ARENA_BLOCK_BYTES / 4 ? wanted : ARENA_BLOCK_BYTES, err);
        if (!block) return NULL;
    }
    void *place = block->bytes + block->used;
    block->used += wanted;
    return place;
}

char *arena_copy(Arena *arena, const char *bytes, size_t n, Error *err) {
    char *copy = arena_alloc(arena, size_add(n, 1), 1, err);
    if (copy && n > 0) memcpy(copy, bytes, n);
    return copy;
}

char *arena_format(Arena *arena, Error *err, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = n < 0 ? NULL : arena_alloc(arena, (size_t)n + 1, 1, err);
    if (text) vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

void arena_free(Arena *arena) {
    for (ArenaBlock *block = arena->newest, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    arena->newest = NULL;
}
