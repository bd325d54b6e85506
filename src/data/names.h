// A names file: UTF-8, one item a line, trimmed, blank lines skipped, CRLF and a byte order mark accepted.
#ifndef NOMEN_DATA_NAMES_H
#define NOMEN_DATA_NAMES_H

#include "base/file.h"

#include "base/sha256.h"

#include <stdint.h>

// Where a name lies in its file: the offset of its first byte times 2^28, and its bytes. Half the size of an address
// and a length; ten million names take memory of 80 MB instead of 160.
typedef uint64_t NamePlace;

enum { NAME_LENGTH_BITS = 28 };
#define NAME_MAX_BYTES (((size_t)1 << NAME_LENGTH_BITS) - 1)
#define NAMES_MAX_BYTES ((uint64_t)1 << (64 - NAME_LENGTH_BITS)) // of a names file

typedef struct NameList {
    const char *path;
    Bytes file;                    // the whole file; the names lie in it
    char sha256[SHA256_HEX_BYTES]; // of the file
    size_t n;
    NamePlace *places; // (n)
} NameList;

static inline Bytes name_in(char *file, NamePlace place) {
    return (Bytes){file + (place >> NAME_LENGTH_BITS), (size_t)(place & NAME_MAX_BYTES)};
}

// Name i < list->n.
static inline Bytes names_at(const NameList *list, size_t i) { return name_in(list->file.at, list->places[i]); }

// Reads a names file, or standard input where `path` is NULL, into memory of `arena`. Errors name the file and the
// line: a missing or empty file, only blank lines, bytes that are not UTF-8, NUL or another control character inside a
// line, a line of 256 MiB or a file of 64 GiB.
bool names_read(NameList *list, const char *path, Arena *arena, Error *err);

// The line (from 1 on) on which the name stands.
size_t names_line(const NameList *list, Bytes name);

// The same from the line of a name that stands before it, for going through all names in one pass.
size_t names_next_line(size_t line, Bytes before, Bytes name);

// Drops every name that stood before in the list.
bool names_make_unique(NameList *list, Error *err);

// A set of names, for membership.
typedef struct NameSet {
    char *file; // as the list's: the set may outlive the NameList itself
    const NamePlace *places;
    uint32_t *slots; // as ContextIndex's: index + 1 of the name there with bits of its hash above, 0 where it is free
    size_t n_slots;  // a power of two, at least twice the names
    uint64_t base;   // of the hash
} NameSet;

bool nameset_create(NameSet *set, const NameList *list, Arena *arena, Error *err);

// The first of the list's names that is equal to the n bytes; false where there is none.
bool nameset_find(const NameSet *set, const char *bytes, size_t n, size_t *index);

bool nameset_has(const NameSet *set, const char *bytes, size_t n);

#endif
