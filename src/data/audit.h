// What can be said of a names file before anyone trains on it: names that come twice, in two parts of the split too,
// lengths, symbols, the order of the file and what it does to a split that is not shuffled, characters worth a look.
#ifndef NOMEN_DATA_AUDIT_H
#define NOMEN_DATA_AUDIT_H

#include "data/dataset.h"

enum { AUDIT_EXAMPLES = 5, AUDIT_ODD_SYMBOLS = 6 };

// A name that stands in the file more than once.
typedef struct AuditRepeat {
    Bytes name;
    size_t count;
} AuditRepeat;

typedef struct AuditNames {
    size_t lines, blank; // blank ones are among the lines
    size_t names, distinct;
    size_t repeated; // distinct names that stand more than once
    size_t n_examples;
    AuditRepeat examples[AUDIT_EXAMPLES]; // the most frequent, the first in the file where they are equally so
} AuditNames;

typedef struct AuditPart {
    size_t names, examples;
    size_t in_train; // names (lines) that stand in train too; 0 for train itself
} AuditPart;

// The pairs of parts, in the order of AuditSplit.shared.
enum { TRAIN_DEV, TRAIN_TEST, DEV_TEST, N_PAIRS };

typedef struct AuditSplit {
    AuditPart parts[N_PARTS];
    size_t shared[N_PAIRS]; // distinct names that stand in both
    const char *refusal;    // why no training is possible on it, or NULL
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
    size_t n, total;          // without the boundary; occurrences
    const AuditSymbol *items; // (n) the most frequent first
} AuditSymbols;

// By code point. Fewer than eight distinct names come in any order by chance.
typedef enum OrderKind {
    ORDER_FEW,
    ORDER_SORTED,
    ORDER_NEARLY_SORTED, // nine names in ten stand in order, were the others taken out
    ORDER_REVERSED,
    ORDER_NEARLY_REVERSED,
    ORDER_RUNS, // sorted pieces: at least seven steps up for one step down
    ORDER_NONE,
} OrderKind;

extern const char *const ORDER_KINDS[]; // "few", "sorted", "nearly_sorted", ...

typedef struct AuditOrder {
    OrderKind kind;
    size_t runs;                  // pieces that never step down
    size_t longest, longest_line; // the longest of them, and the line it begins on
    size_t displaced;             // where nearly sorted or reversed: how many names do not stand in order
} AuditOrder;

typedef enum Trait { TRAIT_FIRST, TRAIT_LAST, TRAIT_LENGTH, N_TRAITS } Trait;

// A trait's distribution in train beside that in dev and test together, were the file cut in its own order: Pearson's
// chi-square of the table with these two rows, values expected fewer than five times merged into one.
typedef struct AuditSkew {
    size_t df;      // degrees of freedom; 0: too few names to compare
    double chi2, z; // z = (chi2 - df) / sqrt(2 df)
    double limit;   // z beyond it is no chance
    uint32_t value; // the code point or length whose share differs most, and its shares
    double train, rest;
    bool is_skewed;
} AuditSkew;

typedef enum OddKind {
    ODD_SPACE,     // white space inside a name
    ODD_INVISIBLE, // zero-width, no-break and soft hyphen characters, marks of direction
    ODD_COMBINING, // combining marks, which count as symbols of their own
    ODD_STOP,      // full stops
    ODD_DIGIT,
    ODD_PUNCTUATION,
    ODD_CASE,   // upper case, where there is lower case
    ODD_BEYOND, // other characters beyond ASCII, where fewer than half the names hold any
    ODD_RARE,   // at most four times, and a twentieth as often as the mean symbol at most
    N_ODD_KINDS,
} OddKind;

extern const char *const ODD_KINDS[N_ODD_KINDS]; // "white_space", "invisible", ...

typedef struct AuditOdd {
    size_t names; // that hold such a character; 0: there is none
    Bytes first;  // the first of them, and its line
    size_t line;
    size_t n_symbols; // different characters
    uint32_t symbols[AUDIT_ODD_SYMBOLS];
} AuditOdd;

typedef struct Audit {
    DataConfig config;
    NameList list; // all names of the file; those kept where config.unique
    AuditNames names;
    AuditSplit split; // of the names kept
    AuditLengths lengths;
    AuditSymbols symbols;
    AuditOrder order;
    AuditSkew skews[N_TRAITS]; // of the names kept
    AuditOdd odd[N_ODD_KINDS];
} Audit;

// Audits config->path; names point into memory of `arena`. Errors are those of names_read and vocab_create; what only
// training refuses, a single name or an empty part, is told in split.refusal.
bool audit_load(Audit *audit, const DataConfig *config, Arena *arena, Error *err);

// True where the cut puts other names into dev and test than into train: it is not shuffled, and a trait is skewed or
// the file is sorted.
bool audit_is_skewed(const Audit *audit);

// The steps of audit_load that have a file of their own. The list is in file order.
bool audit_order(AuditOrder *order, const NameList *list, size_t distinct, Error *err);
bool audit_skews(AuditSkew skews[N_TRAITS], const NameList *list, size_t n_train, Error *err);
bool audit_odd(AuditOdd odd[N_ODD_KINDS], const NameList *list, const AuditSymbols *symbols, Error *err);

// True for a character that shows nothing by itself: ODD_INVISIBLE, ODD_COMBINING, or white space.
bool audit_is_invisible(uint32_t code_point);

#endif
