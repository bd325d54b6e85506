#include "data/context_index.h"

#include <string.h>

enum { FIRST_CONTEXTS = 1 << 10 };

void context_at(const uint16_t *stream, size_t position, size_t width, uint16_t *ids) {
    size_t there = position < width ? position : width;
    unsigned kept = UINT16_MAX; // a mask instead of a branch, which no CPU could predict
    for (size_t k = 1; k <= there; k++) {
        unsigned id = stream[position - k] & kept;
        kept = id ? kept : 0;
        ids[width - k] = (uint16_t)id;
    }
    for (size_t k = there; k < width; k++) ids[width - 1 - k] = 0;
}

static uint64_t power(uint64_t base, size_t n) {
    uint64_t product = 1;
    for (; n > 0; n >>= 1, base = hash_add(base, base, 0))
        if (n & 1) product = hash_add(product, base, 0);
    return product;
}

// sum' = sum B + id, less the id that leaves times B^width. Padding adds nothing.
static void roll_to(ContextHash *at, const ContextIndex *index, size_t position) {
    if (position < at->position || position - at->position > index->width)
        *at = (ContextHash){.position = position - (position < index->width ? position : index->width)};
    for (; at->position < position; at->position++) {
        uint64_t id = index->stream[at->position];
        if (id == 0) {
            at->sum = 0;
            at->run = 0;
            continue;
        }
        HashProduct sum = (HashProduct)at->sum * index->slots.base + id;
        if (at->run++ >= index->width) sum += (HashProduct)index->leaving * index->stream[at->position - index->width];
        at->sum = hash_reduce(sum);
    }
}

static uint64_t hash_at(const ContextIndex *index, ContextHash *at, size_t position) {
    uint64_t base = index->slots.base;
    roll_to(at, index, position);
    return hash_end(index->takes_target ? hash_add(at->sum, base, index->stream[position]) : at->sum, base);
}

static bool same_context(const ContextIndex *index, size_t a, size_t b) {
    const uint16_t *stream = index->stream;
    if (index->takes_target && stream[a] != stream[b]) return false;
    for (size_t n = index->width; n > 0; n--) {
        uint16_t x = a > 0 ? stream[--a] : 0, y = b > 0 ? stream[--b] : 0;
        if (x != y) return false;
        if (x == 0) return true;
    }
    return true;
}

// The contexts are all different, so none is compared.
static bool fill_slots(ContextIndex *index, size_t n_items, Arena *arena, Error *err) {
    HashSlots *slots = &index->slots;
    if (!hash_slots_create(slots, n_items, arena, err)) return false;
    index->leaving = HASH_PRIME - power(slots->base, index->width);
    index->last = (ContextHash){0};
    ContextHash at = {0};
    uint64_t hashes[CONTEXTS_AT_ONCE];
    for (size_t begin = 0; begin < index->n; begin += CONTEXTS_AT_ONCE) {
        size_t left = index->n - begin, n = left < CONTEXTS_AT_ONCE ? left : CONTEXTS_AT_ONCE;
        for (size_t k = 0; k < n; k++) {
            hashes[k] = hash_at(index, &at, index->positions[begin + k]);
            __builtin_prefetch(&slots->at[hashes[k] & slots->mask], 1);
        }
        for (size_t k = 0; k < n; k++) {
            uint32_t slot = (uint32_t)hashes[k] & slots->mask;
            while (slots->at[slot]) slot = (slot + 1) & slots->mask;
            slots->at[slot] = hash_slots_value(slots, hashes[k], (uint32_t)(begin + k));
        }
    }
    return true;
}

bool context_index_create(ContextIndex *index, const uint16_t *stream, size_t width, bool takes_target, size_t capacity,
                          Arena *arena, Arena *slot_arena, Error *err) {
    *index = (ContextIndex){.stream = stream, .width = width, .takes_target = takes_target, .slot_arena = slot_arena};
    index->positions = arena_alloc(arena, capacity, sizeof *index->positions, err);
    return index->positions &&
           (slot_arena ? fill_slots(index, FIRST_CONTEXTS, slot_arena, err) : fill_slots(index, capacity, arena, err));
}

static bool make_room(ContextIndex *index, size_t n, Error *err) {
    size_t room = ((size_t)index->slots.mask + 1) / 2;
    if (index->n + n <= room || !index->slot_arena) return true;
    if (index->n + n > CONTEXT_NONE) return error_set(err, "more than %u distinct contexts", (unsigned)CONTEXT_NONE);
    arena_free(index->slot_arena);
    return fill_slots(index, 2 * room, index->slot_arena, err);
}

static uint32_t find_or_add(ContextIndex *index, uint64_t hash, uint32_t position) {
    const HashSlots *slots = &index->slots;
    uint32_t slot = (uint32_t)hash & slots->mask;
    for (uint32_t value; (value = slots->at[slot]) != 0; slot = (slot + 1) & slots->mask) {
        uint32_t number = hash_slots_number(slots, value);
        if (hash_slots_match(slots, value, hash) && same_context(index, index->positions[number], position))
            return number;
    }
    index->positions[index->n] = position;
    slots->at[slot] = hash_slots_value(slots, hash, (uint32_t)index->n);
    return (uint32_t)index->n++;
}

bool context_index_add(ContextIndex *index, size_t n, const uint32_t *positions, uint32_t *numbers, Error *err) {
    const HashSlots *slots = &index->slots;
    uint64_t hashes[CONTEXTS_AT_ONCE];
    if (!make_room(index, n, err)) return false;
    // A large table lies outside the caches. So all slots are prefetched before the first is read, then the positions
    // in them, then the ids there.
    for (size_t k = 0; k < n; k++) {
        hashes[k] = hash_at(index, &index->last, positions[k]);
        __builtin_prefetch(&slots->at[hashes[k] & slots->mask], 1);
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t value = slots->at[hashes[k] & slots->mask];
        bool may_be = value && hash_slots_match(slots, value, hashes[k]);
        numbers[k] = may_be ? hash_slots_number(slots, value) : CONTEXT_NONE;
        if (may_be) __builtin_prefetch(&index->positions[numbers[k]]);
    }
    for (size_t k = 0; k < n; k++)
        if (numbers[k] != CONTEXT_NONE) __builtin_prefetch(&index->stream[index->positions[numbers[k]]]);
    for (size_t k = 0; k < n; k++) numbers[k] = find_or_add(index, hashes[k], positions[k]);
    return true;
}

bool context_index_make_slots(ContextIndex *index, Arena *arena, Error *err) {
    return fill_slots(index, index->n, arena, err);
}

static bool has_ids(const ContextIndex *index, size_t position, const uint16_t *ids) {
    unsigned difference = 0;
    for (size_t k = index->width; k > 0; k--) {
        unsigned id = position > 0 ? index->stream[position - 1] : 0;
        difference |= id ^ ids[k - 1];
        position -= id != 0; // stays at a boundary, which is also the padding
    }
    return difference == 0;
}

// Returns the slot of the context with these ids, or the free one where it belongs.
static uint32_t *find_slot(const ContextIndex *index, const uint16_t *ids, uint64_t *hash) {
    const HashSlots *slots = &index->slots;
    uint64_t sum = index->width > 0 ? ids[0] : 0;
    for (size_t k = 1; k < index->width; k++) sum = hash_add(sum, slots->base, ids[k]);
    *hash = hash_end(sum, slots->base);
    uint32_t slot = (uint32_t)*hash & slots->mask;
    for (uint32_t value; (value = slots->at[slot]) != 0; slot = (slot + 1) & slots->mask) {
        uint32_t number = hash_slots_number(slots, value);
        if (hash_slots_match(slots, value, *hash) && has_ids(index, index->positions[number], ids)) break;
    }
    return &slots->at[slot];
}

uint32_t context_index_find(const ContextIndex *index, const uint16_t *ids) {
    uint64_t hash;
    uint32_t value = *find_slot(index, ids, &hash);
    return value ? hash_slots_number(&index->slots, value) : CONTEXT_NONE;
}

uint32_t context_index_insert(ContextIndex *index, const uint16_t *ids, uint32_t position) {
    uint64_t hash;
    uint32_t *slot = find_slot(index, ids, &hash);
    if (*slot) return hash_slots_number(&index->slots, *slot);
    index->positions[index->n] = position;
    *slot = hash_slots_value(&index->slots, hash, (uint32_t)index->n);
    return (uint32_t)index->n++;
}

void context_index_clear(ContextIndex *index) {
    memset(index->slots.at, 0, ((size_t)index->slots.mask + 1) * sizeof *index->slots.at);
    index->n = 0;
}
