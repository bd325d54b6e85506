// A names file: UTF-8, one item a line, trimmed, blank lines skipped, CRLF and a byte order mark accepted.
#ifndef NOMEN_DATA_NAMES_H
#define NOMEN_DATA_NAMES_H

#include "base/file.h"

#include "base/sha256.h"

#include <stdint.h>

typedef struct NameList {
    const char *path;
    Bytes file;                    // the whole file; the names point into it
    char sha256[SHA256_HEX_BYTES]; // of the file
    size_t n;
    Bytes *names;
} NameList;

// Reads a names file into memory of `arena`. Errors name the file and the line: a missing or empty file, only
// blank lines, bytes that are not UTF-8, NUL or another control character inside a line.
bool names_read(NameList *list, const char *path, Arena *arena, Error *err);

// The line (from 1 on) on which the name stands.
size_t names_line(const NameList *list, Bytes name);

// Drops every name that stood before in the list.
bool names_make_unique(NameList *list, Error *err);

// A set of names, for membership.
typedef struct NameSet {
    const Bytes *names;
    uint32_t *slots; // index + 1 of the name in that slot, 0 where it is free
    size_t n_slots;
} NameSet;

bool nameset_create(NameSet *set, const NameList *list, Arena *arena, Error *err);

// The first of the list's names that is equal to the n bytes; false where there is none.
bool nameset_find(const NameSet *set, const char *bytes, size_t n, size_t *index);

bool nameset_has(const NameSet *set, const char *bytes, size_t n);

#endif
