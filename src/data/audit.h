// Statistics of a names file before training: repeated names, names in two parts of the split, lengths, symbols,
// unusual characters, the order of the file and its effect on a split without shuffling.
#pragma once

#include "data/dataset.h"

enum { AUDIT_EXAMPLES = 5, AUDIT_ODD_SYMBOLS = 6 };

// A name that is in the file more than once.
typedef struct AuditRepeat {
    Bytes name;
    size_t count;
} AuditRepeat;

typedef struct AuditPart {
    size_t names, examples;
    size_t in_train; // names (lines) that are in train too; 0 for train itself
} AuditPart;

typedef struct AuditSymbol {
    uint32_t code_point;
    size_t count;
} AuditSymbol;

// Compares names by code point.
typedef struct AuditOrder {
    const char *kind; // "sorted", "reversed", "sorted in pieces", "not sorted", "unknown": too few distinct names
    bool is_sorted;   // either way, at least the last half of the names
    size_t runs;      // maximal runs without a step down
    size_t longest, longest_line; // the longest run, and its first line
} AuditOrder;

typedef enum Trait { TRAIT_FIRST, TRAIT_LAST, TRAIT_LENGTH, N_TRAITS } Trait;

// Compares a trait's distribution in train with that in dev and test together, for a split in file order: Pearson's
// chi-square of the table with these two rows.
typedef struct AuditSkew {
    size_t df; // degrees of freedom; 0: too few names to compare
    double chi2;
    double limit;   // a larger chi2 is not due to chance
    uint32_t value; // the code point or length whose shares differ most
    double train, rest;
    bool is_skewed;
} AuditSkew;

typedef enum OddKind {
    ODD_SPACE,
    ODD_INVISIBLE,
    ODD_COMBINING, // marks that are separate symbols
    ODD_STOP,
    ODD_DIGIT,
    ODD_PUNCTUATION,
    ODD_CASE,   // upper case in a file with lower case
    ODD_BEYOND, // other characters beyond ASCII, if fewer than half the names have any
    ODD_RARE,   // at most four times, and at most a twentieth as often as the mean symbol
    N_ODD_KINDS,
} OddKind;

typedef struct OddType {
    const char *key, *name; // "full_stop", "full stops"
} OddType;

extern const OddType ODD_TYPES[N_ODD_KINDS];

typedef struct AuditOdd {
    size_t names; // with such a character; 0: the other members mean nothing
    Bytes first;  // of these names, and its line
    size_t line;
    size_t n_symbols; // distinct characters
    uint32_t symbols[AUDIT_ODD_SYMBOLS];
} AuditOdd;

typedef struct Audit {
    DataConfig config; // as it is audited
    NameList list;     // the names of the file, without repeated ones if config.unique
    TableGuess table;  // what the file seems to be; {0} if the config that is audited has a column
    NfcChanges nfc;    // made by config.format.normalize, or that it would make

    size_t lines, blank; // lines includes blank lines
    size_t names, distinct;
    size_t repeated; // distinct names that occur more than once
    size_t n_most_repeated;
    AuditRepeat most_repeated[AUDIT_EXAMPLES]; // the most frequent, then in file order

    AuditPart parts[N_PARTS]; // of `list`
    Error refusal;            // why training is impossible; its text is empty if it is possible

    size_t longest;             // name, in code points
    const size_t *lengths;      // (longest + 1) names of each length
    size_t n_symbols, n_chars;  // symbols without the boundary; their occurrences
    const AuditSymbol *symbols; // (n_symbols) the most frequent first

    AuditOdd odd[N_ODD_KINDS];
    AuditOrder order;
    AuditSkew skews[N_TRAITS]; // of `list`
} Audit;

// Audits config->path. A list that only training would refuse (one name, an empty part) sets `refusal`; that is no
// error. Without a split, audit->config becomes what nomen init writes: the format of names_guess, and a split 0.8,
// 0.1, 0.1, shuffled with seed 42; fewer than 30 names are all trained on.
bool audit_load(Audit *audit, const DataConfig *config, Arena *arena, Error *err);

// Returns true if dev and test differ from train: the split is not shuffled, and a trait is skewed or the file is
// sorted.
bool audit_is_skewed(const Audit *audit);

// Steps of audit_load. audit_order and audit_skews take a list in file order.
void audit_order(AuditOrder *order, const NameList *list, size_t distinct);
bool audit_skews(AuditSkew skews[N_TRAITS], const NameList *list, size_t n_train, Error *err);
bool audit_odd(Audit *audit, Error *err);

// Returns true for a character without a glyph of its own: ODD_INVISIBLE, ODD_COMBINING or ODD_SPACE.
bool audit_is_invisible(uint32_t code_point);
