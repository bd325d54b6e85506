// Statistics of a names file before training: repeated names, names in two parts of the split, lengths, symbols,
// unusual characters, the order of the file and its effect on a split without shuffling.
#ifndef NOMEN_DATA_AUDIT_H
#define NOMEN_DATA_AUDIT_H

#include "data/dataset.h"

enum { AUDIT_EXAMPLES = 5, AUDIT_ODD_SYMBOLS = 6 };

// A name that is in the file more than once.
typedef struct AuditRepeat {
    Bytes name;
    size_t count;
} AuditRepeat;

typedef struct AuditNames {
    size_t lines, blank; // lines includes blank lines
    size_t names, distinct;
    size_t repeated; // distinct names that occur more than once
    size_t n_examples;
    AuditRepeat examples[AUDIT_EXAMPLES]; // the most frequent, then in file order
} AuditNames;

typedef struct AuditPart {
    size_t names, examples;
    size_t in_train; // names (lines) that are in train too; 0 for train itself
} AuditPart;

// The pairs of parts, in the order of AuditSplit.shared.
enum { TRAIN_DEV, TRAIN_TEST, DEV_TEST, N_PAIRS };

typedef struct AuditSplit {
    AuditPart parts[N_PARTS];
    size_t shared[N_PAIRS]; // distinct names in both parts
    const char *refusal;    // why training is impossible, or NULL
} AuditSplit;

typedef struct AuditLengths {
    size_t shortest, longest; // in code points
    double mean;
    const size_t *counts; // (longest + 1) names of each length
} AuditLengths;

typedef struct AuditSymbol {
    uint32_t code_point;
    size_t count;
} AuditSymbol;

typedef struct AuditSymbols {
    size_t n, total;          // symbols without the boundary; their occurrences
    const AuditSymbol *items; // (n) the most frequent first
} AuditSymbols;

// The order is by code point. Fewer than eight distinct names may be sorted by chance.
typedef enum OrderKind {
    ORDER_FEW,
    ORDER_SORTED,
    ORDER_NEARLY_SORTED, // at least nine in ten names are in order if the others are removed
    ORDER_REVERSED,
    ORDER_NEARLY_REVERSED,
    ORDER_RUNS, // sorted runs: at least seven steps up per step down
    ORDER_NONE,
} OrderKind;

extern const char *const ORDER_KINDS[]; // "few", "sorted", "nearly_sorted", ...

typedef struct AuditOrder {
    OrderKind kind;
    size_t runs;                  // maximal runs without a step down
    size_t longest, longest_line; // the longest run, and its first line
    size_t displaced;             // names out of order in a nearly sorted or reversed file
} AuditOrder;

typedef enum Trait { TRAIT_FIRST, TRAIT_LAST, TRAIT_LENGTH, N_TRAITS } Trait;

// Compares a trait's distribution in train with that in dev and test together, for a split in file order: Pearson's
// chi-square of the table with these two rows. Values expected fewer than five times are merged.
typedef struct AuditSkew {
    size_t df;      // degrees of freedom; 0: too few names to compare
    double chi2, z; // z = (chi2 - df) / sqrt(2 df)
    double limit;   // a larger z is not due to chance
    uint32_t value; // the code point or length whose shares differ most
    double train, rest;
    bool is_skewed;
} AuditSkew;

typedef enum OddKind {
    ODD_SPACE,     // white space in a name
    ODD_INVISIBLE, // zero-width, no-break and soft-hyphen characters, direction marks
    ODD_COMBINING, // combining marks, which are separate symbols
    ODD_STOP,      // full stops
    ODD_DIGIT,
    ODD_PUNCTUATION,
    ODD_CASE,   // upper case in a file with lower case
    ODD_BEYOND, // other characters beyond ASCII, if fewer than half the names have any
    ODD_RARE,   // at most four times, and at most a twentieth as often as the mean symbol
    N_ODD_KINDS,
} OddKind;

extern const char *const ODD_KINDS[N_ODD_KINDS]; // "white_space", "invisible", ...

typedef struct AuditOdd {
    size_t names; // with such a character
    Bytes first;  // of these names, and its line
    size_t line;
    size_t n_symbols; // distinct characters
    uint32_t symbols[AUDIT_ODD_SYMBOLS];
} AuditOdd;

typedef struct Audit {
    DataConfig config;
    NameList list; // the names of the file, without repeated ones if config.unique
    AuditNames names;
    AuditSplit split; // of `list`
    AuditLengths lengths;
    AuditSymbols symbols;
    AuditOrder order;
    AuditSkew skews[N_TRAITS]; // of `list`
    AuditOdd odd[N_ODD_KINDS];
} Audit;

// Audits config->path. What only training refuses, a single name or an empty part, is not an error: see split.refusal.
bool audit_load(Audit *audit, const DataConfig *config, Arena *arena, Error *err);

// Returns true if dev and test differ from train: the split is not shuffled, and a trait is skewed or the file is
// sorted.
bool audit_is_skewed(const Audit *audit);

// Steps of audit_load. The list is in file order.
bool audit_order(AuditOrder *order, const NameList *list, size_t distinct, Error *err);
bool audit_skews(AuditSkew skews[N_TRAITS], const NameList *list, size_t n_train, Error *err);
bool audit_odd(AuditOdd odd[N_ODD_KINDS], const NameList *list, const AuditSymbols *symbols, Error *err);

// Returns true for a character without a glyph of its own: ODD_INVISIBLE, ODD_COMBINING or white space.
bool audit_is_invisible(uint32_t code_point);

#endif
