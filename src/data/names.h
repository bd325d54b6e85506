// A names file: UTF-8, one name per line, trimmed. Lines end in LF, CR LF or CR. Blank lines are skipped; a byte order
// mark is accepted.
#pragma once

#include "base/buffer.h"
#include "base/field.h"
#include "base/hash.h"
#include "base/nfc.h"
#include "base/sha256.h"
#include "data/table.h"

// Where a name is in its file: the offset of its first byte times 2^28, plus its length in bytes. Half the size of an
// address and a length: ten million names take 80 MB instead of 160.
typedef uint64_t NamePlace;

enum { NAME_LENGTH_BITS = 28 };
#define NAME_MAX_BYTES (((size_t)1 << NAME_LENGTH_BITS) - 1)
#define NAME_MAX_WEIGHT UINT32_MAX
#define NAMES_MAX_BYTES ((uint64_t)1 << (64 - NAME_LENGTH_BITS)) // of a names file

extern const char *const NORMAL_FORMS[]; // "NFC", NULL

// How the names are in their file. {0}: each line is a name.
typedef struct NameFormat {
    ColumnName column;     // of a table, in which a row is a name
    ColumnName weight;     // how often each row counts; needs `column`
    const char *normalize; // "NFC", or NULL
} NameFormat;

bool name_format_same(const NameFormat *a, const NameFormat *b);

typedef struct NameList {
    const char *path;
    Bytes file;                    // the whole file, normalized; the names are in it
    char sha256[SHA256_HEX_BYTES]; // of the file as it is
    NfcChanges changes;            // by normalizing
    size_t n_lines;                // or rows of a table; blank ones included
    size_t n;
    NamePlace *places;  // (n)
    uint64_t *weights;  // (n) from 1 to NAME_MAX_WEIGHT; NULL: each name counts once
    bool *seen;         // (UTF8_CODE_POINTS) whether a name contains the code point
    uint32_t last_seen; // no code point above it is
} NameList;

static inline Bytes name_in(char *file, NamePlace place) {
    return (Bytes){file + (place >> NAME_LENGTH_BITS), (size_t)(place & NAME_MAX_BYTES)};
}

// Returns name i < list->n.
static inline Bytes names_at(const NameList *list, size_t i) { return name_in(list->file.at, list->places[i]); }

// Reads a names file, or standard input if `path` is NULL. Each line is a name if `format` is NULL. Errors name the
// file and the line: an empty file, only blank lines, invalid UTF-8, control characters, a line of 256 MiB or a file of
// 64 GiB; in a table also rows_next's, a row without the columns, and a weight that is no whole number. Rows of weight
// 0 are left out.
bool names_read(NameList *list, const char *path, const NameFormat *format, Arena *arena, Error *err);

// Guesses the format of a names file as `init` writes it: the column if it is a table, and "NFC".
// Sets *table to what the file seems to be.
bool names_guess(NameFormat *format, TableGuess *table, const char *path, Arena *arena, Error *err);

// Returns the line of a name, counted from 1.
size_t names_line(const NameList *list, Bytes name);

// Returns the line of a name. Given the line of an earlier name, counts only the lines between.
size_t names_next_line(size_t line, Bytes before, Bytes name);

// Keeps only the first of equal names, with the sum of their weights. Fails if that exceeds NAME_MAX_WEIGHT.
bool names_make_unique(NameList *list, Error *err);

// A set of names.
typedef struct NameSet {
    char *file; // of the list, which may go before the set
    const NamePlace *places;
    HashSlots slots;
} NameSet;

bool name_set_create(NameSet *set, const NameList *list, Arena *arena, Error *err);

// Finds the first name of the list that equals the n bytes. Returns false if there is none.
bool name_set_find(const NameSet *set, const char *bytes, size_t n, size_t *index);

// A set that grows. It takes 16 to 24 bytes per name that it has room for, and at most four times the names' bytes.
typedef struct GrowingSet {
    NameSet set;
    NamePlace *places; // (n)
    size_t n;
    Buffer text; // the names without separators
} GrowingSet;

// Makes room for n_most < 2^31 names.
bool growing_set_create(GrowingSet *growing, size_t n_most, Arena *arena, Error *err);

// Adds the name with these n <= NAME_MAX_BYTES bytes. Sets *is_new to false if the set has it already.
bool growing_set_add(GrowingSet *growing, const char *bytes, size_t n, bool *is_new, Error *err);
