// Unicode's normalization form C: a letter and its marks become one character if Unicode has it.
#pragma once

#include "base/file.h"

enum { NFC_GROWTH = 3 }; // the most bytes of UTF-8 that a byte becomes

// Writes the NFC of n bytes to `out`, which has room for NFC_GROWTH * n, and returns its length. `points` is working
// memory (2n + 1). Bytes that are not UTF-8 are copied.
size_t nfc_compose(const char *bytes, size_t n, int32_t *points, char *out);

typedef struct NfcChanges {
    size_t lines, first_line; // that were not in NFC; the first of them, counted from 1
} NfcChanges;

// Normalizes a text, which a NUL follows, line by line. *text becomes a copy unless it is in NFC already.
bool nfc_compose_lines(Bytes *text, NfcChanges *changes, Arena *arena, Error *err);
