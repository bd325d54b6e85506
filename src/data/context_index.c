#include "data/context_index.h"

#include "base/hash.h"

enum { FIRST_SLOTS = 1 << 11 };

void stream_window(const uint16_t *stream, size_t place, size_t n, uint16_t *ids) {
    size_t there = place < n ? place : n;
    unsigned kept = UINT16_MAX; // no branch on where the boundary is: it cannot be foretold
    for (size_t k = 1; k <= there; k++) {
        unsigned id = stream[place - k] & kept;
        kept = id ? kept : 0;
        ids[n - k] = (uint16_t)id;
    }
    for (size_t k = there; k < n; k++) ids[n - 1 - k] = 0;
}

static uint64_t power(uint64_t base, size_t n) {
    uint64_t product = 1;
    for (; n > 0; n >>= 1, base = hash_add(base, base, 0))
        if (n & 1) product = hash_add(product, base, 0);
    return product;
}

// Moves on to the window at `place`: sum' = sum B + id, less the id that leaves times B^width. Padding adds nothing.
static void move_to(ContextHash *at, const ContextIndex *table, size_t place) {
    if (place < at->place || place - at->place > table->width)
        *at = (ContextHash){.place = place - (place < table->width ? place : table->width)};
    for (; at->place < place; at->place++) {
        uint64_t id = table->stream[at->place];
        if (id == 0) {
            at->sum = 0;
            at->run = 0;
            continue;
        }
        HashProduct sum = (HashProduct)at->sum * table->base + id;
        if (at->run++ >= table->width) sum += (HashProduct)table->leaving * table->stream[at->place - table->width];
        at->sum = hash_reduce(sum);
    }
}

static uint64_t hash_at(const ContextIndex *table, ContextHash *at, size_t place) {
    move_to(at, table, place);
    return hash_end(table->takes_target ? hash_add(at->sum, table->base, table->stream[place]) : at->sum, table->base);
}

static bool same_window(const ContextIndex *table, size_t a, size_t b) {
    const uint16_t *stream = table->stream;
    if (table->takes_target && stream[a] != stream[b]) return false;
    for (size_t n = table->width; n > 0; n--) {
        uint16_t x = a > 0 ? stream[--a] : 0, y = b > 0 ? stream[--b] : 0;
        if (x != y) return false;
        if (x == 0) return true;
    }
    return true;
}

static uint32_t low_bits(const ContextIndex *table) { return (uint32_t)(table->n_slots - 1); }

static uint32_t hash_bits(const ContextIndex *table, uint64_t hash) {
    return (uint32_t)(hash >> 32) & ~low_bits(table);
}

static bool may_be(const ContextIndex *table, uint32_t held, uint64_t hash) {
    return (held & ~low_bits(table)) == hash_bits(table, hash);
}

// Makes the slots for the windows that are there, all different, so none need be compared.
static bool fill_slots(ContextIndex *table, size_t n_slots, Arena *arena, Error *err) {
    if (!hash_draw_base(&table->base, err)) return false;
    table->leaving = HASH_PRIME - power(table->base, table->width);
    table->last = (ContextHash){0};
    table->slots = arena_alloc(arena, n_slots, sizeof *table->slots, err);
    table->n_slots = n_slots;
    ContextHash at = {0};
    uint64_t hashes[CONTEXTS_AT_ONCE];
    for (size_t begin = 0; table->slots && begin < table->n; begin += CONTEXTS_AT_ONCE) {
        size_t left = table->n - begin, n = left < CONTEXTS_AT_ONCE ? left : CONTEXTS_AT_ONCE;
        for (size_t k = 0; k < n; k++) {
            hashes[k] = hash_at(table, &at, table->places[begin + k]);
            __builtin_prefetch(&table->slots[hashes[k] & low_bits(table)], 1);
        }
        for (size_t k = 0; k < n; k++) {
            uint32_t slot = (uint32_t)hashes[k] & low_bits(table);
            while (table->slots[slot]) slot = (slot + 1) & low_bits(table);
            table->slots[slot] = hash_bits(table, hashes[k]) | (uint32_t)(begin + k + 1);
        }
    }
    return table->slots != NULL;
}

bool context_index_create(ContextIndex *table, const uint16_t *stream, size_t width, bool takes_target, size_t capacity,
                          Arena *arena, Arena *slot_arena, Error *err) {
    *table = (ContextIndex){.stream = stream, .width = width, .takes_target = takes_target, .slot_arena = slot_arena};
    table->places = arena_alloc(arena, capacity, sizeof *table->places, err);
    return table->places && fill_slots(table, FIRST_SLOTS, slot_arena, err);
}

static bool make_room(ContextIndex *table, size_t n, Error *err) {
    if (table->n + n <= table->n_slots / 2) return true;
    if (table->n + n > CONTEXT_NONE) return error_set(err, "more than %u distinct contexts", (unsigned)CONTEXT_NONE);
    arena_free(table->slot_arena);
    return fill_slots(table, 2 * table->n_slots, table->slot_arena, err);
}

static uint32_t find_or_add(ContextIndex *table, uint64_t hash, uint32_t place) {
    uint32_t slot = (uint32_t)hash & low_bits(table);
    for (uint32_t held; (held = table->slots[slot]) != 0; slot = (slot + 1) & low_bits(table)) {
        uint32_t number = (held & low_bits(table)) - 1;
        if (may_be(table, held, hash) && same_window(table, table->places[number], place)) return number;
    }
    table->places[table->n++] = place;
    table->slots[slot] = hash_bits(table, hash) | (uint32_t)table->n;
    return (uint32_t)table->n - 1;
}

bool context_index_add(ContextIndex *table, size_t n, const uint32_t *places, uint32_t *numbers, Error *err) {
    uint64_t hashes[CONTEXTS_AT_ONCE];
    if (!make_room(table, n, err)) return false;
    // A large table lies in memory that no cache holds. So all slots are asked for before the first is looked at, then
    // the places they lead to, then the ids there.
    for (size_t k = 0; k < n; k++) {
        hashes[k] = hash_at(table, &table->last, places[k]);
        __builtin_prefetch(&table->slots[hashes[k] & low_bits(table)], 1);
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t held = table->slots[hashes[k] & low_bits(table)];
        numbers[k] = held && may_be(table, held, hashes[k]) ? (held & low_bits(table)) - 1 : CONTEXT_NONE;
        if (numbers[k] != CONTEXT_NONE) __builtin_prefetch(&table->places[numbers[k]]);
    }
    for (size_t k = 0; k < n; k++)
        if (numbers[k] != CONTEXT_NONE) __builtin_prefetch(&table->stream[table->places[numbers[k]]]);
    for (size_t k = 0; k < n; k++) numbers[k] = find_or_add(table, hashes[k], places[k]);
    return true;
}

bool context_index_index(ContextIndex *table, Arena *arena, Error *err) {
    size_t n_slots = FIRST_SLOTS;
    while (n_slots < 2 * table->n) n_slots *= 2;
    return fill_slots(table, n_slots, arena, err);
}

static bool has_ids(const ContextIndex *table, size_t place, const uint16_t *ids) {
    for (size_t k = table->width; k > 0; k--) {
        uint16_t id = place > 0 ? table->stream[place - 1] : 0;
        if (id != ids[k - 1]) return false;
        if (id != 0) place--; // a boundary stays, as the padding
    }
    return true;
}

uint32_t context_index_find(const ContextIndex *table, const uint16_t *ids) {
    uint64_t sum = 0;
    for (size_t k = 0; k < table->width; k++) sum = hash_add(sum, table->base, ids[k]);
    uint64_t hash = hash_end(sum, table->base);
    uint32_t slot = (uint32_t)hash & low_bits(table);
    for (uint32_t held; (held = table->slots[slot]) != 0; slot = (slot + 1) & low_bits(table)) {
        uint32_t number = (held & low_bits(table)) - 1;
        if (may_be(table, held, hash) && has_ids(table, table->places[number], ids)) return number;
    }
    return CONTEXT_NONE;
}
