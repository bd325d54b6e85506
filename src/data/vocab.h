// The vocabulary: the sorted set of a file's code points. Id 0 is the boundary between names.
#ifndef NOMEN_DATA_VOCAB_H
#define NOMEN_DATA_VOCAB_H

#include "data/names.h"

enum { VOCAB_MAX_SYMBOLS = 65535, BOUNDARY = 0 };

typedef struct Vocab {
    size_t n;                    // symbols, the boundary among them
    const uint32_t *code_points; // (n) increasing; [0] is 0, which no name can hold
} Vocab;

// The vocabulary of a list; more than 65,535 symbols is an error.
bool vocab_create(Vocab *vocab, const NameList *list, Arena *arena, Error *err);

// The id of a code point, or BOUNDARY where it has none.
uint16_t vocab_find(const Vocab *vocab, uint32_t code_point);

// Every symbol's id by its code point, for texts too long to search the vocabulary symbol by symbol; BOUNDARY where a
// code point has none.
typedef struct VocabTable {
    size_t n;            // code points up to the vocabulary's last
    const uint16_t *ids; // (n)
} VocabTable;

bool vocab_table_create(VocabTable *table, const Vocab *vocab, Arena *arena, Error *err);

// Ids of a name, which is UTF-8, into `ids`, which has room for n; returns how many, or 0 where a symbol has no id.
size_t vocab_encode_name(const VocabTable *table, const char *bytes, size_t n, uint16_t *ids);

// Ids of n bytes of text into `ids`, which has room for n; *n_ids says how many. An error names the character
// that has no id, or that the text is not UTF-8.
bool vocab_encode(const Vocab *vocab, const char *bytes, size_t n, uint16_t *ids, size_t *n_ids, Error *err);

// The UTF-8 of an id other than the boundary, without a NUL; returns its length in bytes.
size_t vocab_decode(const Vocab *vocab, uint16_t id, char bytes[4]);

#endif
