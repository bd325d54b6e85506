#include "data/idtable.h"

#include "base/hash.h"

#include <string.h>

enum { WORD_IDS = 3 };

static uint64_t hash(const IdTable *table, const uint16_t *ids) {
    uint64_t sum = 0;
    for (size_t i = 0; i < table->width; i += WORD_IDS) { // three ids a multiplication
        uint64_t word = 0;
        for (size_t k = i; k < table->width && k < i + WORD_IDS; k++) word = word << 16 | ids[k];
        sum = i == 0 ? word : hash_add(sum, table->base, word); // the first without waiting
    }
    return hash_end(sum, table->base);
}

// memcmp of so few bytes would cost more in the call than in the comparison.
static bool is_same(const uint16_t *a, const uint16_t *b, size_t width) {
    unsigned difference = 0;
    for (size_t i = 0; i < width; i++) difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

// The slot that holds the tuple, or the free one where it belongs.
static size_t find_slot(const IdTable *table, const uint16_t *ids) {
    size_t slot = (size_t)hash(table, ids) & (table->n_slots - 1);
    while (table->slots[slot]) {
        const uint16_t *key = table->keys + (size_t)(table->slots[slot] - 1) * table->width;
        if (is_same(key, ids, table->width)) break;
        slot = (slot + 1) & (table->n_slots - 1);
    }
    return slot;
}

bool idtable_create(IdTable *table, Arena *arena, size_t width, size_t capacity, Error *err) {
    if (capacity >= IDTABLE_NONE) return error_set(err, "more than %u distinct contexts", (unsigned)IDTABLE_NONE);
    size_t n_slots = 16;
    while (n_slots < 2 * capacity) n_slots *= 2;
    *table = (IdTable){.arena = arena, .width = width, .capacity = capacity, .n_slots = n_slots};
    table->keys = arena_alloc(arena, size_mul(capacity, width), sizeof *table->keys, err);
    table->slots = arena_alloc(arena, n_slots, sizeof *table->slots, err);
    return table->keys && table->slots && hash_draw_base(&table->base, err);
}

uint32_t idtable_find(const IdTable *table, const uint16_t *ids) {
    uint32_t held = table->slots[find_slot(table, ids)];
    return held ? held - 1 : IDTABLE_NONE;
}

static bool grow(IdTable *table, Error *err) {
    IdTable larger;
    if (!idtable_create(&larger, table->arena, table->width, 2 * table->capacity + 1, err)) return false;
    memcpy(larger.keys, table->keys, table->n * table->width * sizeof *table->keys);
    for (size_t i = 0; i < table->n; i++) {
        larger.n = i;
        larger.slots[find_slot(&larger, larger.keys + i * larger.width)] = (uint32_t)i + 1;
    }
    larger.n = table->n;
    *table = larger;
    return true;
}

uint32_t idtable_add(IdTable *table, const uint16_t *ids, Error *err) {
    size_t slot = find_slot(table, ids);
    if (table->slots[slot]) return table->slots[slot] - 1;
    if (table->n == table->capacity) {
        if (!grow(table, err)) return IDTABLE_NONE;
        slot = find_slot(table, ids);
    }
    memcpy(table->keys + table->n * table->width, ids, table->width * sizeof *ids);
    table->slots[slot] = (uint32_t)++table->n;
    return (uint32_t)table->n - 1;
}

void idtable_clear(IdTable *table) {
    memset(table->slots, 0, table->n_slots * sizeof *table->slots);
    table->n = 0;
}
