#include "base/contexts.h"

#include <string.h>

enum { FIRST_CAPACITY = 1024 };

static uint64_t hash(const uint16_t *ids, size_t width) {
    uint64_t h = 0x9E3779B97F4A7C15u; // an odd constant that spreads: 2^64 over the golden ratio
    for (size_t i = 0; i < width; i++) {
        h = (h ^ ids[i]) * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
    }
    return h;
}

// The slot that holds the tuple, or the free one where it belongs.
static size_t find_slot(const IdTable *table, const uint16_t *ids) {
    size_t slot = (size_t)hash(ids, table->width) & (table->n_slots - 1);
    while (table->slots[slot]) {
        const uint16_t *key = table->keys + (size_t)(table->slots[slot] - 1) * table->width;
        if (memcmp(key, ids, table->width * sizeof *ids) == 0) break;
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
    return table->keys && table->slots;
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

bool context_counter_create(ContextCounter *counter, Arena *arena, size_t context, Error *err) {
    *counter = (ContextCounter){.n_counts = FIRST_CAPACITY};
    counter->counts = arena_alloc(arena, FIRST_CAPACITY, sizeof *counter->counts, err);
    return counter->counts && idtable_create(&counter->tuples, arena, context + 1, FIRST_CAPACITY, err);
}

bool context_counter_add(ContextCounter *counter, const uint16_t *ids, uint64_t count, Error *err) {
    uint32_t index = idtable_add(&counter->tuples, ids, err);
    if (index == IDTABLE_NONE) return false;
    if (index >= counter->n_counts) {
        size_t room = counter->tuples.capacity;
        uint64_t *larger = arena_alloc(counter->tuples.arena, room, sizeof *larger, err);
        if (!larger) return false;
        memcpy(larger, counter->counts, counter->n_counts * sizeof *larger);
        counter->counts = larger;
        counter->n_counts = room;
    }
    counter->counts[index] += count;
    return true;
}

bool context_counts_place(ContextCounts *out, const CountedPairs *pairs, Arena *arena, Error *err) {
    size_t n_rows = out->contexts.n;
    out->first = arena_alloc(arena, n_rows + 2, sizeof *out->first, err);
    out->targets = arena_alloc(arena, pairs->n, sizeof *out->targets, err);
    out->counts = arena_alloc(arena, pairs->n, sizeof *out->counts, err);
    if (!out->first || !out->targets || !out->counts) return false;
    // Counting sort: first[r + 1] runs from row r's start to its end while the pairs are placed.
    for (size_t i = 0; i < pairs->n; i++) out->first[pairs->rows[i] + 2]++;
    for (size_t r = 0; r < n_rows; r++) out->first[r + 2] += out->first[r + 1];
    for (size_t i = 0; i < pairs->n; i++) {
        size_t place = out->first[pairs->rows[i] + 1]++;
        out->targets[place] = pairs->targets[i];
        out->counts[place] = pairs->counts[i];
        out->total += pairs->counts[i];
    }
    return true;
}

bool context_counts_create(ContextCounts *out, const ContextCounter *counter, Arena *arena, Error *err) {
    const IdTable *tuples = &counter->tuples;
    size_t context = tuples->width - 1;
    Arena scratch = {0};
    uint32_t *rows = arena_alloc(&scratch, tuples->n, sizeof *rows, err);
    uint16_t *targets = arena_alloc(&scratch, tuples->n, sizeof *targets, err);
    *out = (ContextCounts){0};
    bool ok = rows && targets && idtable_create(&out->contexts, arena, context, FIRST_CAPACITY, err);
    for (size_t i = 0; ok && i < tuples->n; i++) {
        const uint16_t *ids = tuples->keys + i * tuples->width;
        rows[i] = idtable_add(&out->contexts, ids, err);
        targets[i] = ids[context];
        ok = rows[i] != IDTABLE_NONE;
    }
    CountedPairs pairs = {tuples->n, rows, targets, counter->counts};
    ok = ok && context_counts_place(out, &pairs, arena, err);
    arena_free(&scratch);
    return ok;
}
