// Tables that describe the fields of a config: name, type, bounds, default and help. config/ reads and writes configs
// by these tables alone, so each layer and optimizer declares its fields in its own file.
#pragma once

#include "base/text.h"

typedef struct Field Field;

// An object: a struct of `size` bytes and its fields, which end with an entry without a name.
typedef struct Record {
    const char *name; // the value of "type" if the object is one of several
    const Field *fields;
    size_t size;
    const char *help;
} Record;

// An object that is one of several records, chosen by its key "type".
typedef struct Typed {
    const Record *record;
    void *value; // a struct of record->size bytes
} Typed;

typedef struct TypedList {
    size_t n;
    Typed *items;
} TypedList;

typedef struct RateStep {
    uint64_t from; // the first step with this rate
    double rate;
} RateStep;

// A rate that rises to `from` in `warmup` steps and then moves to `to`, which it reaches at step `steps`.
typedef struct RateCurve {
    double from, to;
    const char *shape;
    uint64_t warmup, steps; // warmup < steps
} RateCurve;

typedef struct Schedule {
    size_t n;        // 0: the curve applies
    RateStep *steps; // (n) `from` increases from 0
    RateCurve curve;
} Schedule;

#define WHOLE_MAX 9007199254740991ull // 2^53 - 1: a double is exact for whole numbers up to here
#define STEPS_MAX 1e15                // so that a double is exact for every step

enum { SPLIT_PARTS = 3 };

typedef struct Split {
    double parts[SPLIT_PARTS]; // train, dev, test; they sum to 1
} Split;

// A published number. Its last decimal gives its precision.
typedef struct ExpectedValue {
    const char *key;  // in ExpectedList, else NULL
    const char *text; // NULL: not given
    double value;
    double unit; // of the last printed decimal: 0.0001 for "3.2870", 1e-9 for "2.640702e-03"
} ExpectedValue;

typedef struct ExpectedList {
    size_t n;
    ExpectedValue *items;
} ExpectedList;

enum { COLUMN_MAX = 65535 };

// A column of a table. {0} is none.
typedef struct ColumnName {
    uint64_t number;  // counted from 1; 0 if it has a name
    const char *name; // in the first row
} ColumnName;

static inline bool column_is_given(ColumnName column) { return column.number > 0 || column.name; }

typedef enum FieldKind {
    FIELD_TEXT,          // const char *
    FIELD_BOOL,          // bool
    FIELD_WHOLE,         // uint64_t, or FIELD_WORD for the text `word`
    FIELD_MAYBE,         // MaybeWhole: a whole number that may be left out
    FIELD_COLUMN,        // ColumnName
    FIELD_NUMBER,        // double
    FIELD_CHOICE,        // const char *, one of `choices`
    FIELD_INIT,          // Init (nn/init.h); with `word` "false", false means none
    FIELD_SPLIT,         // Split
    FIELD_SCHEDULE,      // Schedule; `record` describes its curve
    FIELD_EXPECTED,      // ExpectedValue: a number written as a string
    FIELD_EXPECTED_LIST, // ExpectedList: an object with one number per key
    FIELD_TEXTS,         // Texts: a list of strings
    FIELD_OBJECT,        // a struct inside this one, described by `record`
    FIELD_TYPED,         // Typed, one of `registry`
    FIELD_LIST,          // TypedList, each one of `registry`
} FieldKind;

// 0 is outside the bounds of every field with a `word`.
enum { FIELD_WORD = 0 };

typedef struct MaybeWhole {
    bool given;
    uint64_t value;
} MaybeWhole;

// Returns record i of a family (layer types, optimizers), or NULL after the last.
typedef const Record *Registry(size_t i);

// A config describes a network or counts; some keys belong to one of them only.
typedef enum ConfigKind { CONFIG_ANY, CONFIG_NETWORK, CONFIG_COUNTS } ConfigKind;

struct Field {
    const char *name;
    ConfigKind only; // the kind of config that has this key
    FieldKind kind;
    size_t offset;      // in the struct
    const char *preset; // the default as JSON; NULL: the field is required, unless it is a note
    double min, max;    // bounds of a number, inclusive; min is 1 for a text that may not be empty
    const char *word;
    const char *pattern;        // a regular expression (ECMA-262) for a text, or for the keys of ExpectedList
    const char *const *choices; // ends with NULL
    const Record *record;
    Registry *registry;
    bool is_nullable;  // null means none and leaves the field all zero, which no valid value is
    bool hides_preset; // for a choice whose default is choices[0], or null: the default is not written back
    bool is_note;      // no effect on training: optional, all zero if missing, not written back
    const char *help;
};

// A Field named as its member of the struct `type`: FIELD(Linear, out, FIELD_WHOLE, .min = 1, .help = "...").
#define FIELD(type, member, the_kind, ...) \
    { .name = #member, .kind = the_kind, .offset = offsetof(type, member), __VA_ARGS__ }
