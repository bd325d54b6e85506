// The vocabulary: the sorted set of a file's code points. Id 0 is the boundary between names.
#pragma once

#include "data/names.h"

enum { VOCAB_MAX_SYMBOLS = 65535, BOUNDARY = 0 };

typedef struct Vocab {
    size_t n;                    // symbols, the boundary included
    const uint32_t *code_points; // (n) increasing; [0] is 0, which no name contains
    const uint16_t *ids;         // (code_points[n - 1] + 1) by code point; BOUNDARY for those without an id
} Vocab;

// Collects the symbols of a list. More than 65,535 are an error.
bool vocab_create(Vocab *vocab, const NameList *list, Arena *arena, Error *err);

// Creates a vocabulary of n increasing code points, [0] being 0. They must outlive it.
bool vocab_from_code_points(Vocab *vocab, size_t n, const uint32_t *code_points, Arena *arena, Error *err);

// Returns the id of a code point, or BOUNDARY if it has none.
static inline uint16_t vocab_find(const Vocab *vocab, uint32_t code_point) {
    return code_point <= vocab->code_points[vocab->n - 1] ? vocab->ids[code_point] : BOUNDARY;
}

// Writes the ids of n bytes of text, at most n of them. A symbol without an id and invalid UTF-8 are errors.
bool vocab_encode(const Vocab *vocab, const char *bytes, size_t n, uint16_t *ids, size_t *n_ids, Error *err);

// Writes the UTF-8 of an id other than the boundary, without a NUL. Returns its length in bytes.
size_t vocab_decode(const Vocab *vocab, uint16_t id, char bytes[4]);
