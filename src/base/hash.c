#include "base/hash.h"

#include "base/rng.h"

enum { FEWEST_SLOTS = 16 };

bool hash_slots_create(HashSlots *slots, size_t n_items, Arena *arena, Error *err) {
    size_t n = FEWEST_SLOTS;
    while (n < 2 * n_items) n *= 2;
    *slots = (HashSlots){.at = arena_alloc(arena, n, sizeof *slots->at, err), .mask = (uint32_t)(n - 1)};
    if (!slots->at || !rng_system(&slots->base, err)) return false;
    slots->base = 1 + slots->base % (((uint64_t)1 << 60) - 1);
    return true;
}
