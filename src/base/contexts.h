// Tuples of symbol ids and how often they occur: a table that numbers tuples, and the contexts of a text with
// the counts of what follows each. Counting models, exact losses and full-batch training all stand on it.
#ifndef NOMEN_BASE_CONTEXTS_H
#define NOMEN_BASE_CONTEXTS_H

#include "base/arena.h"

#include <stdint.h>

enum { IDTABLE_NONE = UINT32_MAX >> 1 }; // no tuple has this index

// Numbers distinct tuples of `width` ids 0, 1, 2, ... in the order of their first appearance (open addressing).
typedef struct IdTable {
    Arena *arena;
    size_t width, n, capacity; // ids a tuple, tuples held, tuples there is room for
    uint16_t *keys;            // (n, width)
    uint32_t *slots;           // index + 1 of the tuple in that slot, 0 where it is free
    size_t n_slots;            // a power of two, at least twice the capacity
} IdTable;

bool idtable_create(IdTable *table, Arena *arena, size_t width, size_t capacity, Error *err);

// The tuple's index, or IDTABLE_NONE.
uint32_t idtable_find(const IdTable *table, const uint16_t *ids);

// The tuple's index, new where it was not there; the table grows as needed. IDTABLE_NONE, with `err`, on failure.
uint32_t idtable_add(IdTable *table, const uint16_t *ids, Error *err);

// Forgets all tuples and keeps the memory.
void idtable_clear(IdTable *table);

// Distinct contexts and, for row r, the pairs [first[r], first[r + 1]) of a target and its count. Rows, and
// pairs within a row, stand in the order of their first appearance.
typedef struct ContextCounts {
    IdTable contexts;
    size_t *first;     // (contexts.n + 1)
    uint16_t *targets; // (first[contexts.n])
    uint64_t *counts;  // (first[contexts.n])
    uint64_t total;    // the sum of all counts
} ContextCounts;

// Pairs of a row and a target that are all different, in the order of their first appearance, with their counts.
typedef struct CountedPairs {
    size_t n;
    const uint32_t *rows;
    const uint16_t *targets;
    const uint64_t *counts;
} CountedPairs;

// Fills all but out->contexts, which holds the rows already, in memory of `arena`.
bool context_counts_place(ContextCounts *out, const CountedPairs *pairs, Arena *arena, Error *err);

// Counts tuples on their way to a ContextCounts.
typedef struct ContextCounter {
    IdTable tuples;   // context ids, then the target
    uint64_t *counts; // (tuples.capacity)
    size_t n_counts;
} ContextCounter;

// For contexts of `context` ids; working memory comes from `arena`.
bool context_counter_create(ContextCounter *counter, Arena *arena, size_t context, Error *err);

// Adds `count` to the tuple of context + 1 ids.
bool context_counter_add(ContextCounter *counter, const uint16_t *ids, uint64_t count, Error *err);

// What was counted, in memory of `arena`.
bool context_counts_create(ContextCounts *out, const ContextCounter *counter, Arena *arena, Error *err);

#endif
