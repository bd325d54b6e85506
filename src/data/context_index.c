#include "data/context_index.h"

#include <string.h>

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

// sum' = sum B + id, less the id that leaves times B^width. Padding adds nothing.
static void roll_to(ContextHash *at, const ContextIndex *index, size_t position) {
    if (position < at->position || position - at->position > index->width)
        *at = (ContextHash){.position = position - (position < index->width ? position : index->width)};
    for (; at->position < position; at->position++) {
        uint16_t id = index->stream[at->position];
        if (id == 0) {
            at->sum = 0;
            at->run = 0;
            continue;
        }
        at->sum = hash_add(at->sum, id);
        if (at->run++ >= index->width) at->sum -= index->leaving * index->stream[at->position - index->width];
    }
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

bool context_index_create(ContextIndex *index, const uint16_t *stream, size_t width, bool takes_target, size_t capacity,
                          Arena *arena, Error *err) {
    *index = (ContextIndex){.stream = stream, .width = width, .takes_target = takes_target, .leaving = 1};
    for (size_t k = 0; k < width; k++) index->leaving *= HASH_BASE;
    index->positions = arena_alloc(arena, capacity, sizeof *index->positions, err);
    return index->positions && hash_slots_create(&index->slots, capacity, arena, err);
}

// Fills the free slot with a new context.
static uint32_t add_at(ContextIndex *index, uint32_t *slot, uint64_t hash, size_t position) {
    index->positions[index->n] = (uint32_t)position;
    *slot = hash_slots_value(&index->slots, hash, (uint32_t)index->n);
    return (uint32_t)index->n++;
}

uint32_t context_index_add(ContextIndex *index, size_t position) {
    const HashSlots *slots = &index->slots;
    roll_to(&index->last, index, position);
    uint64_t sum = index->last.sum;
    uint64_t hash = hash_end(index->takes_target ? hash_add(sum, index->stream[position]) : sum);
    uint32_t slot = (uint32_t)hash & slots->mask;
    for (uint32_t value; (value = slots->at[slot]) != 0; slot = (slot + 1) & slots->mask) {
        uint32_t number = hash_slots_number(slots, value);
        if (hash_slots_match(slots, value, hash) && same_context(index, index->positions[number], position))
            return number;
    }
    return add_at(index, &slots->at[slot], hash, position);
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
    uint64_t sum = 0;
    for (size_t k = 0; k < index->width; k++) sum = hash_add(sum, ids[k]);
    *hash = hash_end(sum);
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
    return *slot ? hash_slots_number(&index->slots, *slot) : add_at(index, slot, hash, position);
}

void context_index_clear(ContextIndex *index) {
    memset(index->slots.at, 0, ((size_t)index->slots.mask + 1) * sizeof *index->slots.at);
    index->n = 0;
}
