#include "base/hash.h"

bool hash_slots_create(HashSlots *slots, size_t n_items, Arena *arena, Error *err) {
    size_t n = 2;
    while (n < 2 * n_items) n *= 2;
    *slots = (HashSlots){.at = arena_alloc(arena, n, sizeof *slots->at, err), .mask = (uint32_t)(n - 1)};
    return slots->at != NULL;
}
